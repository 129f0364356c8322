/**
 * The operations of a transformer, composed of the tensor library's own: the definition that fused kernels are tested against, and what devices
 * without kernels compute with.
 *
 * @module
 */
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core"
import { type Columns, CompositeCache, Histories } from "./CompositeCache.ts"
import { compositeChoices } from "./CompositeChoices.ts"
import { compositeVocabulary } from "./CompositeVocabulary.ts"
import type { TensorLibrary } from "./Device.ts"
import { differentiable } from "./Differentiable.ts"
import {
  attentionHeadWidth,
  checkRotation,
  checkSameShape,
  type KvCache,
  maskedScore,
  type Ops,
  rmsNormEpsilon
} from "./Ops.ts"

const compositeCache = (cache: KvCache): CompositeCache => {
  if (cache instanceof CompositeCache) return cache
  throw new Error("This cache was made by another device's operations. Make it with the makeCache of the operations that use it.")
}

/** What decoding a position needs besides keys and values, the same for the caches of all blocks. */
interface DecodingStep {
  readonly history: number
  /** 0 where the position of a row sees an entry, the score of what is invisible elsewhere: [B,1,1,C]. */
  readonly penalty: Tensor4D
  /** 1 for each row that does not rest, [B,1]; left out: none rests. */
  readonly awake: Tensor2D | undefined
}

/** √(2/π), the slope of the tanh in GELU, and that times the weight of the cube. */
const GELU_SLOPE = Math.sqrt(2 / Math.PI)
const GELU_CUBE = GELU_SLOPE * 0.044715

/**
 * The operations written with the tensor library's own, on any backend. They define what the fused kernels must
 * compute, and run where there are none. An operation costs a GPU 20 to 40 µs before it computes anything, a number that it has not yet
 * seen as much again; so gradients are given by hand, numbers are made once a use, and what positions see once a pass.
 */
export const compositeOps = (tf: TensorLibrary): Ops => {
  const numbers = new Map<number, Scalar>()

  /** A number on the device; it lives until the use ends. */
  const number = (value: number): Scalar => {
    const known = numbers.get(value)
    if (known !== undefined && !known.isDisposed) return known
    const made = tf.keep(tf.scalar(value))
    numbers.set(value, made)
    return made
  }

  const rmsNorm = (x: Tensor2D, gain: Tensor1D, epsilon = rmsNormEpsilon): Tensor2D =>
    differentiable(
      [x, gain],
      (x, gain) => {
        const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(x), 1, true), number(epsilon)))
        const normal = tf.mul(x, inverse)
        return { value: tf.mul(normal, gain) as Tensor2D, saved: [normal, inverse, gain] }
      },
      // y = n·gain, n = x/r: dx = (dn − n·mean(dn·n))/r of dn = dy·gain.
      (dy, [normal, inverse, gain]) => {
        const dNormal = tf.mul(dy, gain)
        const along = tf.mean(tf.mul(dNormal, normal), 1, true)
        return [tf.mul(inverse, tf.sub(dNormal, tf.mul(normal, along))), tf.sum(tf.mul(dy, normal), 0)]
      }
    )

  const gelu = (x: Tensor2D): Tensor2D =>
    differentiable(
      [x],
      (x) => {
        const square = tf.square(x)
        const tanh = tf.tanh(tf.mul(x, tf.add(tf.mul(square, number(GELU_CUBE)), number(GELU_SLOPE))))
        const half = tf.mul(x, number(0.5))
        return { value: tf.add(half, tf.mul(half, tanh)) as Tensor2D, saved: [square, half, tanh] }
      },
      // y = x/2·(1 + t), t = tanh(u): dy/dx = (1 + t)/2 + x/2·(1 − t²)·u′ of u′ = slope + 3·cube·x².
      (dy, [square, half, tanh]) => {
        const inner = tf.add(tf.mul(square, number(3 * GELU_CUBE)), number(GELU_SLOPE))
        const bent = tf.mul(tf.mul(half, inner), tf.sub(number(1), tf.square(tanh)))
        return [tf.mul(dy, tf.add(tf.mul(tf.add(tanh, number(1)), number(0.5)), bent))]
      }
    )

  const swiGlu = (gate: Tensor2D, up: Tensor2D): Tensor2D => {
    checkSameShape("swiGlu", gate, up)
    return differentiable(
      [gate, up],
      (gate, up) => {
        const open = tf.sigmoid(gate)
        const silu = tf.mul(gate, open)
        return { value: tf.mul(silu, up) as Tensor2D, saved: [up, open, silu] }
      },
      // silu′ = s + silu·(1 − s), s = σ(gate).
      (dy, [up, open, silu]) => [
        tf.mul(tf.mul(dy, up), tf.add(open, tf.mul(silu, tf.sub(number(1), open)))),
        tf.mul(dy, silu)
      ]
    )
  }

  const rotate = (x: Tensor2D, cosines: Tensor2D, sines: Tensor2D, heads: number): Tensor2D => {
    checkRotation(x, cosines, sines, heads)
    const [count, width] = x.shape
    const half = width / heads / 2
    const angles = (values: Tensor): Tensor => tf.reshape(values, [count, 1, half])
    const turned = (x: Tensor, cosines: Tensor, sines: Tensor, sign: 1 | -1): Tensor2D => {
      const split = tf.reshape(x, [count, heads, 2 * half])
      const [a, b] = [tf.slice(split, [0, 0, 0], [count, heads, half]), tf.slice(split, [0, 0, half], [count, heads, half])]
      const [c, s] = [angles(cosines), sign === 1 ? angles(sines) : tf.neg(angles(sines))]
      const pair = [tf.sub(tf.mul(a, c), tf.mul(b, s)), tf.add(tf.mul(b, c), tf.mul(a, s))]
      return tf.reshape(tf.concat(pair, 2), [count, width])
    }
    return differentiable(
      [x],
      (x) => ({ value: turned(x, cosines, sines, 1), saved: [cosines, sines] }),
      (dy, [cosines, sines]) => [turned(dy, cosines, sines, -1)]
    )
  }

  /** [B·T, D] → [B,H,T,D/H]. */
  const splitHeads = (x: Tensor2D, rows: number, length: number, heads: number): Tensor4D =>
    tf.transpose(tf.reshape(x, [rows, length, heads, -1]), [0, 2, 1, 3])

  /** 0 where position i sees position j, the score of what is invisible elsewhere: [B,1,T,T]. */
  const makePenalty = (groups: Tensor2D): Tensor4D =>
    tf.tidy(() => {
      const [rows, length] = groups.shape
      const query = tf.reshape(groups, [rows, 1, length, 1])
      const key = tf.reshape(groups, [rows, 1, 1, length])
      const index = tf.range(0, length, 1, "int32")
      const before = tf.less(tf.reshape(index, [1, 1, 1, length]), tf.reshape(index, [1, 1, length, 1]))
      const shared = tf.logicalAnd(tf.equal(key, 0), tf.greaterEqual(query, 0))
      const same = tf.logicalAnd(tf.equal(key, query), tf.greaterEqual(query, 0))
      const earlier = tf.logicalAnd(before, tf.logicalOr(shared, same))
      const itself = tf.reshape(tf.eye(length), [1, 1, length, length])
      return tf.mul(tf.sub(number(1), tf.add(tf.cast(earlier, "float32"), itself)), number(maskedScore))
    })

  let latest: { readonly groups: Tensor2D; readonly shared: number; readonly penalty: Tensor4D } | undefined

  /** The penalties of groups [B,1,shared·T,T], for so many heads of queries at once: all blocks of a pass ask for those of one tensor. */
  const penaltyOf = (groups: Tensor2D, shared: number): Tensor4D => {
    if (latest?.groups === groups && latest.shared === shared && !latest.penalty.isDisposed) return latest.penalty
    if (latest?.penalty.isDisposed === false) latest.penalty.dispose()
    const penalty = tf.keep(tf.tidy(() => {
      const one = makePenalty(groups)
      return shared === 1 ? one : tf.tile(one, [1, 1, shared, 1])
    }))
    latest = { groups, shared, penalty }
    return penalty
  }

  /** Queries, keys and values of qkv [N, (heads + 2·keyHeads)·d]: [N, heads·d] and twice [N, keyHeads·d]. */
  const thirds = (qkv: Tensor2D, heads: number, keyHeads: number): readonly [Tensor2D, Tensor2D, Tensor2D] => {
    const [count, all] = qkv.shape
    const headWidth = all / (heads + 2 * keyHeads)
    const part = (from: number, size: number) => tf.slice(qkv, [0, from * headWidth], [count, size * headWidth])
    return [part(0, heads), part(heads, keyHeads), part(heads + keyHeads, keyHeads)]
  }

  /** [N] ids → [N,depth] rows with a 1 at the id. (tf.oneHot on wasm writes integers into float32, and takes no depth 1.) */
  const oneHot = (ids: Tensor1D, depth: number): Tensor2D =>
    tf.cast(tf.equal(tf.expandDims(ids, 1), tf.range(0, depth, 1, "int32")), "float32")

  const attention = (qkv: Tensor2D, groups: Tensor2D, heads: number, keyHeads = heads): Tensor2D => {
    const [rows, length] = groups.shape
    const headWidth = attentionHeadWidth(qkv, rows * length, heads, keyHeads)
    const shared = heads / keyHeads
    const penalty = penaltyOf(groups, shared)
    // Heads of queries that share keys and values lie one after the other, as more positions: [B, keyHeads, shared·T, d].
    const split = (x: Tensor2D, count: number): Tensor4D =>
      tf.reshape(splitHeads(x, rows, length, count), [rows, keyHeads, (count / keyHeads) * length, headWidth])
    const join = (x: Tensor, count: number): Tensor2D =>
      tf.reshape(tf.transpose(tf.reshape(x, [rows, count, length, headWidth]), [0, 2, 1, 3]), [rows * length, count * headWidth])
    return differentiable(
      [qkv],
      (qkv) => {
        const scale = number(1 / Math.sqrt(headWidth))
        const [queries, keys, values] = thirds(qkv, heads, keyHeads)
        const [k, v] = [split(keys, keyHeads), split(values, keyHeads)]
        const scaled = tf.mul(split(queries, heads), scale)
        const weights = tf.softmax(tf.add(tf.matMul(scaled, k, false, true), penalty)) as Tensor4D
        return { value: join(tf.matMul(weights, v), heads), saved: [scaled, k, v, weights, scale] }
      },
      // Of o = w·v and w = softmax(s): dv = wᵀ·do, dw = do·vᵀ, ds = w·(dw − Σ dw·w), and of s = (q·scale)·kᵀ dq and dk.
      (dy, [scaled, k, v, weights, scale]) => {
        const dOut = split(dy as Tensor2D, heads)
        const dWeights = tf.mul(weights, tf.matMul(dOut, v, false, true))
        const dScores = tf.sub(dWeights, tf.mul(weights, tf.sum(dWeights, 3, true)))
        return [
          tf.concat([
            join(tf.mul(tf.matMul(dScores, k), scale), heads),
            join(tf.matMul(dScores, scaled, true), keyHeads),
            join(tf.matMul(weights, dOut, true), keyHeads)
          ], 1)
        ]
      }
    )
  }

  const tokenLogProb = (logits: Tensor2D, targets: Tensor1D, allowedSets: Tensor2D, setIds: Tensor1D): Tensor1D =>
    tf.tidy(() => {
      const vocabulary = logits.shape[1]
      const allowed = tf.gather(tf.cast(allowedSets, "float32"), tf.maximum(setIds, tf.scalar(0, "int32")))
      const restricted = tf.add(tf.mul(logits, allowed), tf.mul(tf.sub(number(1), allowed), number(maskedScore)))
      const chosen = tf.mul(tf.logSoftmax(restricted), oneHot(targets, vocabulary))
      return tf.mul(tf.sum(chosen, 1), tf.cast(tf.greaterEqual(setIds, 0), "float32")) as Tensor1D
    })

  // The gradient is a product with one-hot rows, because the tensor library's own needs a kernel that the wasm backend lacks.
  const embed = (table: Tensor2D, ids: Tensor1D): Tensor2D =>
    differentiable(
      [table],
      (table) => ({ value: tf.gather(table, ids), saved: [ids] }),
      (dy, [ids]) => [tf.matMul(oneHot(ids, table.shape[0]), dy as Tensor2D, true)]
    )

  const histories = new Histories()

  const makeCache = (rows: number, slots: number, width: number, heads: number, keyHeads = heads): KvCache =>
    new CompositeCache(tf, histories, rows, slots, width, heads, keyHeads)

  const growCache = (small: KvCache, slots: number): KvCache => compositeCache(small).grown(slots)

  /** For each row of the cache the place of its sequence among those named, 0 for the others. */
  const placesOf = (cache: CompositeCache, rows: Int32Array): Int32Array => {
    const places = new Int32Array(cache.rows)
    rows.forEach((row, place) => {
      if (!(row >= 0 && row < cache.rows)) throw new Error(`Row ${row} is not among the cache's ${cache.rows} rows.`)
      places[row] = place
    })
    return places
  }

  const prefillAttention = (qkv: Tensor2D, groups: Tensor2D, into: KvCache, rows?: Int32Array): Tensor2D => {
    const cache = compositeCache(into)
    const [count, length] = groups.shape
    return tf.tidy(() => {
      // Rows that are not named get a copy of some other's, and are marked as resting.
      const places = rows === undefined ? undefined : tf.tensor1d(placesOf(cache, rows), "int32")
      const placed = <T extends Tensor>(x: T): T => (places === undefined ? x : tf.gather(x, places))
      const split = (x: Tensor2D): Tensor4D => placed(splitHeads(x, count, length, cache.keyHeads))
      const isNamed = new Uint8Array(cache.rows).fill(rows === undefined ? 1 : 0)
      rows?.forEach((row) => {
        isNamed[row] = 1
      })
      const slots = Array.from({ length }, (_, slot) => Int32Array.from(isNamed, (named) => (named === 1 ? slot : -1)))
      const [, k, v] = thirds(qkv, cache.heads, cache.keyHeads)
      cache.append(
        { keys: split(k), values: split(v), groups: placed(tf.cast(groups, "float32")) },
        slots,
        Int32Array.of(groups.id, ...(rows ?? []))
      )
      return attention(qkv, groups, cache.heads, cache.keyHeads)
    })
  }

  /** softmax(q kᵀ/√d + penalty [B,1,1,C]) v for one position a row, q [B,keyHeads,shared,d], over the runs of a cache. */
  const attendRuns = (q: Tensor4D, runs: ReadonlyArray<Columns>, penalty: Tensor4D): Tensor4D => {
    const scaled = tf.mul(q, number(1 / Math.sqrt(q.shape[3])))
    const products = runs.map(({ keys }) => tf.matMul(scaled, keys, false, true))
    const scores = products.length === 1 ? products[0]! : tf.concat(products, 3)
    const weights = tf.softmax(tf.add(scores, penalty)) as Tensor4D
    let start = 0
    const parts = runs.map(({ values }) => {
      const length = values.shape[2]
      const own = runs.length === 1 ? weights : tf.slice(weights, [0, 0, 0, start], [-1, -1, -1, length])
      start += length
      return tf.matMul(own, values)
    })
    return parts.reduce((sum, part) => tf.add(sum, part)) as Tensor4D
  }

  let latestStep: DecodingStep | undefined

  /** The step of a cache to which the position was just appended; `own` [B,1] are its groups. */
  const stepOf = (cache: CompositeCache, own: Tensor2D, slots: Int32Array, groups: Int32Array): DecodingStep => {
    if (latestStep?.history === cache.history && !latestStep.penalty.isDisposed) return latestStep
    tf.dispose([latestStep?.penalty, latestStep?.awake].filter((tensor) => tensor !== undefined))
    const { rows } = cache
    const penalty = tf.tidy(() => {
      const runs = cache.runs()
      const codes = runs.length === 1 ? runs[0]!.groups : tf.concat(runs.map((run) => run.groups), 1)
      const related = tf.cast(tf.logicalOr(tf.equal(codes, number(0)), tf.equal(codes, own)), "float32")
      const marks = (values: Float32Array) => tf.tensor2d(values, [rows, cache.columns])
      // A position of group −1 sees itself only.
      const before = marks(cache.below(slots.map((slot, row) => (groups[row]! >= 0 ? slot : 0))))
      const visible = tf.add(tf.mul(related, before), marks(cache.at(slots)))
      const score = tf.mul(tf.sub(number(1), visible), number(maskedScore))
      return tf.keep(tf.reshape(score, [rows, 1, 1, cache.columns])) as Tensor4D
    })
    const awake = slots.every((slot) => slot >= 0)
      ? undefined
      : tf.keep(tf.tensor2d(Float32Array.from(slots, (slot) => (slot < 0 ? 0 : 1)), [rows, 1]))
    return (latestStep = { history: cache.history, penalty, awake })
  }

  /** Decodes a position in every row of the cache that does not rest. */
  const decodeAllRows = (qkv: Tensor2D, cache: CompositeCache, slots: Int32Array, groups: Int32Array): Tensor2D => {
    const { heads, keyHeads, rows, width } = cache
    return tf.tidy(() => {
      const own = tf.tensor2d(Float32Array.from(groups), [rows, 1])
      const [q, k, v] = thirds(qkv, heads, keyHeads)
      // Of one position the heads lie as they are: no transposition.
      const split = (x: Tensor2D): Tensor4D => tf.reshape(x, [rows, keyHeads, -1, width / heads])
      cache.append({ keys: split(k), values: split(v), groups: own }, [Int32Array.from(slots)], groups)
      const { awake, penalty } = stepOf(cache, own, slots, groups)
      const out = tf.reshape(attendRuns(split(q), cache.runs(), penalty), [rows, width]) as Tensor2D
      return awake === undefined ? out : (tf.mul(out, awake) as Tensor2D)
    })
  }

  // Rows that are not named rest: their lanes are computed, and thrown away.
  const decodeAttention = (qkv: Tensor2D, into: KvCache, slots: Int32Array, groups: Int32Array, rows?: Int32Array): Tensor2D => {
    const cache = compositeCache(into)
    const isAll = rows === undefined || (rows.length === cache.rows && rows.every((row, place) => row === place))
    if (isAll) return decodeAllRows(qkv, cache, slots, groups)
    const places = placesOf(cache, rows)
    const [allSlots, allGroups] = [new Int32Array(cache.rows).fill(-1), new Int32Array(cache.rows).fill(-1)]
    rows.forEach((row, place) => {
      allSlots[row] = slots[place]!
      allGroups[row] = groups[place]!
    })
    return tf.tidy(() => {
      const out = decodeAllRows(tf.gather(qkv, tf.tensor1d(places, "int32")), cache, allSlots, allGroups)
      return tf.gather(out, tf.tensor1d(rows, "int32"))
    })
  }

  return {
    rmsNorm,
    gelu,
    swiGlu,
    rotate,
    attention,
    tokenLogProb,
    choiceScores: compositeChoices(tf, { number, oneHot }),
    ...compositeVocabulary(tf),
    embed,
    makeCache,
    growCache,
    prefillAttention,
    decodeAttention
  }
}
