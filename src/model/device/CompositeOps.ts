/**
 * The operations of a transformer, composed of the tensor library's own: the definition that fused kernels are tested against, and what devices
 * without kernels compute with.
 *
 * @module
 */
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core"
import { type Columns, CompositeCache } from "./CompositeCache.ts"
import type { TensorLibrary } from "./Device.ts"
import { type KvCache, maskedScore, type Ops, rmsNormEpsilon } from "./Ops.ts"

const compositeCache = (cache: KvCache): CompositeCache => {
  if (cache instanceof CompositeCache) return cache
  throw new Error("This cache was made by another device's operations. Make it with the makeCache of the operations that use it.")
}

/**
 * The operations written with the tensor library's own, on any backend. They define what the fused kernels must
 * compute, and run where there are none.
 */
export const compositeOps = (tf: TensorLibrary): Ops => {
  const rmsNorm = (x: Tensor2D, gain: Tensor1D): Tensor2D =>
    tf.tidy(() => {
      const meanSquare = tf.mean(tf.square(x), 1, true)
      return tf.mul(tf.mul(x, tf.rsqrt(tf.add(meanSquare, rmsNormEpsilon))), gain) as Tensor2D
    })

  const gelu = (x: Tensor2D): Tensor2D =>
    tf.tidy(() => {
      const cubed = tf.mul(tf.mul(x, tf.square(x)), 0.044715)
      const inner = tf.mul(tf.add(x, cubed), Math.sqrt(2 / Math.PI))
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1)) as Tensor2D
    })

  /** [B·T, D] → [B,H,T,D/H]. */
  const splitHeads = (x: Tensor2D, rows: number, length: number, heads: number): Tensor4D =>
    tf.transpose(tf.reshape(x, [rows, length, heads, -1]), [0, 2, 1, 3])

  /** 1 where position i sees position j: [B,1,T,T]. */
  const visibility = (groups: Tensor2D): Tensor4D => {
    const [rows, length] = groups.shape
    const query = tf.reshape(groups, [rows, 1, length, 1])
    const key = tf.reshape(groups, [rows, 1, 1, length])
    const index = tf.range(0, length, 1, "int32")
    const before = tf.less(tf.reshape(index, [1, 1, 1, length]), tf.reshape(index, [1, 1, length, 1]))
    const shared = tf.logicalAnd(tf.equal(key, 0), tf.greaterEqual(query, 0))
    const same = tf.logicalAnd(tf.equal(key, query), tf.greaterEqual(query, 0))
    const earlier = tf.logicalAnd(before, tf.logicalOr(shared, same))
    const itself = tf.reshape(tf.eye(length), [1, 1, length, length])
    return tf.add(tf.cast(earlier, "float32"), itself)
  }

  /** softmax(q kᵀ/√(D/H), restricted to what is visible) v for q [B,H,I,dh], k and v [B,H,J,dh], visible [B,1,I,J]. */
  const attend = (q: Tensor4D, k: Tensor4D, v: Tensor4D, visible: Tensor4D): Tensor4D => {
    const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(q.shape[3]))
    const penalty = tf.mul(tf.sub(1, visible), maskedScore)
    return tf.matMul(tf.softmax(tf.add(scores, penalty)), v) as Tensor4D
  }

  const thirds = (qkv: Tensor2D): readonly [Tensor2D, Tensor2D, Tensor2D] => {
    const [count, triple] = qkv.shape
    const width = triple / 3
    const part = (n: number) => tf.slice(qkv, [0, n * width], [count, width])
    return [part(0), part(1), part(2)]
  }

  /** [N] ids → [N,depth] rows with a 1 at the id. (tf.oneHot on wasm writes integers into float32, and takes no depth 1.) */
  const oneHot = (ids: Tensor1D, depth: number): Tensor2D =>
    tf.cast(tf.equal(tf.expandDims(ids, 1), tf.range(0, depth, 1, "int32")), "float32")

  const attention = (qkv: Tensor2D, groups: Tensor2D, heads: number): Tensor2D =>
    tf.tidy(() => {
      const [rows, length] = groups.shape
      const split = (part: Tensor2D) => splitHeads(part, rows, length, heads)
      const [q, k, v] = thirds(qkv)
      const out = attend(split(q), split(k), split(v), visibility(groups))
      return tf.reshape(tf.transpose(out, [0, 2, 1, 3]), [rows * length, -1])
    })

  const tokenLogProb = (logits: Tensor2D, targets: Tensor1D, allowedSets: Tensor2D, setIds: Tensor1D): Tensor1D =>
    tf.tidy(() => {
      const vocabulary = logits.shape[1]
      const allowed = tf.gather(tf.cast(allowedSets, "float32"), tf.maximum(setIds, tf.scalar(0, "int32")))
      const restricted = tf.add(tf.mul(logits, allowed), tf.mul(tf.sub(1, allowed), maskedScore))
      const chosen = tf.mul(tf.logSoftmax(restricted), oneHot(targets, vocabulary))
      return tf.mul(tf.sum(chosen, 1), tf.cast(tf.greaterEqual(setIds, 0), "float32")) as Tensor1D
    })

  // A product with one-hot rows, because the gradient of tf.gather needs a kernel the wasm backend lacks.
  const embed = (table: Tensor2D, ids: Tensor1D): Tensor2D => tf.tidy(() => tf.matMul(oneHot(ids, table.shape[0]), table))

  const makeCache = (rows: number, slots: number, width: number, heads: number): KvCache =>
    new CompositeCache(tf, rows, slots, width, heads)

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
      const split = (x: Tensor2D): Tensor4D => placed(splitHeads(x, count, length, cache.heads))
      const isNamed = new Uint8Array(cache.rows).fill(rows === undefined ? 1 : 0)
      rows?.forEach((row) => {
        isNamed[row] = 1
      })
      const slots = Array.from({ length }, (_, slot) => Int32Array.from(isNamed, (named) => (named === 1 ? slot : -1)))
      const [, k, v] = thirds(qkv)
      cache.append({ keys: split(k), values: split(v), groups: placed(tf.cast(groups, "float32")) }, slots)
      return attention(qkv, groups, cache.heads)
    })
  }

  /** softmax(q kᵀ/√(D/H), restricted to what is visible [B,1,1,C]) v for one query a row, q [B,H,1,dh], over the runs of a cache. */
  const attendRuns = (q: Tensor4D, runs: ReadonlyArray<Columns>, visible: Tensor4D): Tensor4D => {
    const products = runs.map(({ keys }) => tf.matMul(q, keys, false, true))
    const scores = tf.mul(products.length === 1 ? products[0]! : tf.concat(products, 3), 1 / Math.sqrt(q.shape[3]))
    const weights = tf.softmax(tf.add(scores, tf.mul(tf.sub(1, visible), maskedScore))) as Tensor4D
    let start = 0
    const parts = runs.map(({ values }) => {
      const length = values.shape[2]
      const own = runs.length === 1 ? weights : tf.slice(weights, [0, 0, 0, start], [-1, -1, -1, length])
      start += length
      return tf.matMul(own, values)
    })
    return parts.reduce((sum, part) => tf.add(sum, part)) as Tensor4D
  }

  /** Decodes a position in every row of the cache that does not rest. */
  const decodeAllRows = (qkv: Tensor2D, cache: CompositeCache, slots: Int32Array, groups: Int32Array): Tensor2D => {
    const { rows, width, heads } = cache
    return tf.tidy(() => {
      const own = tf.tensor2d(Float32Array.from(groups), [rows, 1])
      const [q, k, v] = thirds(qkv)
      // Of one position the heads lie as they are: no transposition.
      const split = (x: Tensor2D): Tensor4D => tf.reshape(x, [rows, heads, 1, width / heads])
      cache.append({ keys: split(k), values: split(v), groups: own }, [Int32Array.from(slots)])
      const runs = cache.runs()
      const codes = runs.length === 1 ? runs[0]!.groups : tf.concat(runs.map((run) => run.groups), 1)
      const related = tf.cast(tf.logicalOr(tf.equal(codes, 0), tf.equal(codes, own)), "float32")
      const marks = (values: Float32Array) => tf.tensor2d(values, [rows, cache.columns])
      // A position of group −1 sees itself only.
      const before = marks(cache.below(slots.map((slot, row) => (groups[row]! >= 0 ? slot : 0))))
      const visible = tf.add(tf.mul(related, before), marks(cache.at(slots)))
      const out = attendRuns(split(q), runs, tf.reshape(visible, [rows, 1, 1, cache.columns]))
      const awake = tf.tensor2d(Float32Array.from(slots, (slot) => (slot < 0 ? 0 : 1)), [rows, 1])
      return tf.mul(tf.reshape(out, [rows, width]), awake) as Tensor2D
    })
  }

  // Rows that are not named rest: their lanes are computed, and thrown away.
  const decodeAttention = (qkv: Tensor2D, into: KvCache, slots: Int32Array, groups: Int32Array, rows?: Int32Array): Tensor2D => {
    const cache = compositeCache(into)
    if (rows === undefined) return decodeAllRows(qkv, cache, slots, groups)
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

  return { rmsNorm, gelu, attention, tokenLogProb, embed, makeCache, growCache, prefillAttention, decodeAttention }
}
