/**
 * The operations of a transformer, composed of the tensor library's own: the definition that fused kernels are tested against, and what devices
 * without kernels compute with.
 *
 * @module
 */
import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core"
import type { TensorLibrary } from "./Device.ts"
import { checkGrowth, type KvCache, maskedScore, type Ops, rmsNormEpsilon } from "./Ops.ts"

/**
 * Keys and values [B,slots,D] and the group of every slot [B,slots,1] (−1 while empty), as tensors that each write
 * replaces. Groups are kept on the device too: a GPU's numbers cannot be read in the middle of a synchronous operation.
 */
class CompositeCache implements KvCache {
  readonly rows: number
  readonly slots: number
  readonly width: number
  readonly heads: number
  groups: Tensor3D
  keys: Tensor3D
  values: Tensor3D

  constructor(heads: number, groups: Tensor3D, keys: Tensor3D, values: Tensor3D) {
    const [rows, slots, width] = keys.shape
    this.rows = rows
    this.slots = slots
    this.width = width
    this.heads = heads
    this.groups = groups
    this.keys = keys
    this.values = values
  }

  dispose(): void {
    this.groups.dispose()
    this.keys.dispose()
    this.values.dispose()
  }
}

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
    new CompositeCache(
      heads,
      tf.keep(tf.tensor3d(new Float32Array(rows * slots).fill(-1), [rows, slots, 1])),
      tf.keep(tf.zeros([rows, slots, width])),
      tf.keep(tf.zeros([rows, slots, width]))
    )

  const growCache = (small: KvCache, slots: number): KvCache => {
    const from = compositeCache(small)
    checkGrowth(from, slots)
    const grown = (x: Tensor3D, empty: number): Tensor3D => tf.keep(tf.pad(x, [[0, 0], [0, slots - from.slots], [0, 0]], empty))
    const into = new CompositeCache(from.heads, grown(from.groups, -1), grown(from.keys, 0), grown(from.values, 0))
    from.dispose()
    return into
  }

  /** Puts `fresh` [B,n,D] where `written` [B,slots,1] is 1 and keeps the rest of `old`. */
  const overwrite = (old: Tensor3D, fresh: Tensor3D, written: Tensor3D): Tensor3D => {
    const next = tf.keep(tf.add(tf.mul(old, tf.sub(1, written)), tf.mul(fresh, written)) as Tensor3D)
    old.dispose()
    return next
  }

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
      const room: [[number, number], [number, number], [number, number]] = [[0, 0], [0, cache.slots - length], [0, 0]]
      const places = rows === undefined ? undefined : tf.tensor1d(placesOf(cache, rows), "int32")
      const place = (x: Tensor2D): Tensor3D => {
        const padded = tf.pad(tf.reshape(x, [count, length, -1]), room) as Tensor3D
        return places === undefined ? padded : tf.gather(padded, places)
      }
      const isNamed = new Float32Array(cache.rows).fill(rows === undefined ? 1 : 0)
      rows?.forEach((row) => {
        isNamed[row] = 1
      })
      const written = tf.mul(tf.pad(tf.ones([cache.rows, length, 1]), room), tf.tensor3d(isNamed, [cache.rows, 1, 1])) as Tensor3D
      const [, k, v] = thirds(qkv)
      cache.groups = overwrite(cache.groups, place(tf.cast(groups, "float32")), written)
      cache.keys = overwrite(cache.keys, place(k), written)
      cache.values = overwrite(cache.values, place(v), written)
      return attention(qkv, groups, cache.heads)
    })
  }

  /** Decodes a position in every row of the cache that does not rest. */
  const decodeAllRows = (qkv: Tensor2D, cache: CompositeCache, slots: Int32Array, groups: Int32Array): Tensor2D => {
    const { rows, slots: room, width, heads } = cache
    const written = new Float32Array(rows * room)
    const before = new Float32Array(rows * room)
    for (let row = 0; row < rows; row++) {
      const slot = slots[row]!
      if (slot < 0) continue
      written[row * room + slot] = 1
      if (groups[row]! >= 0) before.fill(1, row * room, row * room + slot)
    }
    return tf.tidy(() => {
      const mark = tf.tensor3d(written, [rows, room, 1])
      const own = tf.tensor3d(Float32Array.from(groups), [rows, 1, 1])
      const [q, k, v] = thirds(qkv)
      cache.groups = overwrite(cache.groups, own, mark)
      cache.keys = overwrite(cache.keys, tf.reshape(k, [rows, 1, width]), mark)
      cache.values = overwrite(cache.values, tf.reshape(v, [rows, 1, width]), mark)
      const related = tf.cast(tf.logicalOr(tf.equal(cache.groups, 0), tf.equal(cache.groups, own)), "float32")
      const visible = tf.add(tf.mul(related, tf.tensor3d(before, [rows, room, 1])), mark)
      const split = (x: Tensor3D) => splitHeads(tf.reshape(x, [rows * room, width]), rows, room, heads)
      const out = attend(
        splitHeads(q, rows, 1, heads),
        split(cache.keys),
        split(cache.values),
        tf.reshape(visible, [rows, 1, 1, room])
      )
      const awake = tf.sum(mark, 1) as Tensor2D
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
