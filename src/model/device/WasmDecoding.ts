/**
 * Decoding one position at a time on the wasm device: a cache that the kernels write into, and attention against it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor, Tensor2D, TensorInfo } from "@tensorflow/tfjs-core"
import { attentionHeadWidth, checkGrowth, type KvCache, type Ops } from "./Ops.ts"
import type { WasmKernels } from "./WasmKernels.ts"

const roundUpToFour = (n: number): number => Math.ceil(n / 4) * 4

/** Keys, values and groups in the layout of the decode kernel, which writes into them. */
class WasmCache implements KvCache {
  readonly rows: number
  readonly slots: number
  readonly width: number
  readonly heads: number
  readonly keyHeads: number
  readonly keys: Tensor
  readonly values: Tensor
  readonly groups: Tensor

  constructor(kernels: WasmKernels, rows: number, slots: number, width: number, heads: number, keyHeads: number) {
    this.rows = rows
    this.slots = slots
    this.width = width
    this.heads = heads
    this.keyHeads = keyHeads
    const headWidth = width / heads
    // Left undefined: a slot is written before anything of it reaches a result.
    const allocate = (shape: ReadonlyArray<number>, dtype: "float32" | "int32"): Tensor =>
      tf.keep(tf.engine().makeTensorFromTensorInfo(kernels.output(shape, dtype)))
    this.keys = allocate([rows, keyHeads, roundUpToFour(slots) / 4, headWidth, 4], "float32")
    this.values = allocate([rows, keyHeads, slots, roundUpToFour(headWidth)], "float32")
    this.groups = allocate([rows, roundUpToFour(slots)], "int32")
  }

  dispose(): void {
    tf.dispose([this.keys, this.values, this.groups])
  }
}

const wasmCache = (cache: KvCache): WasmCache => {
  if (cache instanceof WasmCache) return cache
  throw new Error("This cache was made by another device's operations. Make it with the makeCache of the operations that use it.")
}

/** Checks the sizes, and returns the cache rows that are meant: all of them in order unless they are named. */
const checkCache = (cache: WasmCache, qkv: Tensor2D, count: number, length: number, named: Int32Array | undefined): Int32Array => {
  const headWidth = attentionHeadWidth(qkv, count * length, cache.heads, cache.keyHeads)
  const rows = named ?? Int32Array.from({ length: cache.rows }, (_, row) => row)
  if (count !== rows.length || length > cache.slots || headWidth * cache.heads !== cache.width) {
    throw new Error(
      `The cache holds ${cache.rows} rows of ${cache.slots} slots of width ${cache.width}; got ${count} rows of ${length} for ${rows.length} of them, qkv [${qkv.shape}].`
    )
  }
  for (const row of rows) if (!(row >= 0 && row < cache.rows)) throw new Error(`Row ${row} is not among the cache's ${cache.rows} rows.`)
  return rows
}

const decodeKernel = "FusedDecodeAttention"

interface DecodeAttributes {
  readonly rows: Int32Array
  readonly slots: Int32Array
  readonly groups: Int32Array
  readonly cache: WasmCache
}

/** The cache and the operations on it, on the memory of a wasm backend. `attention` serves the prompt. */
export const wasmDecoding = (
  kernels: WasmKernels,
  backendName: string,
  attention: Ops["attention"]
): Pick<Ops, "makeCache" | "growCache" | "prefillAttention" | "decodeAttention"> => {
  const { exports } = kernels
  const at = (info: TensorInfo): number => kernels.pointer(info)

  tf.registerKernel({
    kernelName: decodeKernel,
    backendName,
    kernelFunc: ({ inputs, attrs }) => {
      const { qkv, keys, values, codes } = inputs as Readonly<Record<"qkv" | "keys" | "values" | "codes", TensorInfo>>
      const { rows, slots, groups, cache } = attrs as unknown as DecodeAttributes
      const { heads, keyHeads, width } = cache
      const count = rows.length
      const out = kernels.output([count, width])
      const rowOf = kernels.scratch(12 * count + exports.decodeScratch(cache.slots))
      const slotOf = rowOf + 4 * count
      const groupOf = slotOf + 4 * count
      kernels.write(rowOf, rows)
      kernels.write(slotOf, slots)
      kernels.write(groupOf, groups)
      const wrong = exports.decodeAttention(
        at(qkv),
        at(keys),
        at(values),
        at(codes),
        rowOf,
        slotOf,
        groupOf,
        at(out),
        count,
        cache.slots,
        width,
        heads,
        keyHeads,
        groupOf + 4 * count
      )
      if (wrong > 0) {
        throw new Error(`decodeAttention: slot ${slots[wrong - 1]} of row ${wrong - 1} is not among the cache's ${cache.slots} slots.`)
      }
      return out
    }
  })

  return {
    makeCache: (rows, slots, width, heads, keyHeads = heads) => new WasmCache(kernels, rows, slots, width, heads, keyHeads),
    growCache: (small, slots) => {
      const from = wasmCache(small)
      const { heads, keyHeads, rows, width } = from
      checkGrowth(from, slots)
      const into = new WasmCache(kernels, rows, slots, width, heads, keyHeads)
      exports.growCache(
        at(from.keys),
        at(from.values),
        at(from.groups),
        from.slots,
        at(into.keys),
        at(into.values),
        at(into.groups),
        slots,
        rows,
        width / heads,
        keyHeads
      )
      from.dispose()
      return into
    },
    prefillAttention: (qkv, groups, into, named) => {
      const cache = wasmCache(into)
      const [count, length] = groups.shape
      const rows = checkCache(cache, qkv, count, length, named)
      const codes = tf.cast(groups, "int32")
      const { heads, keyHeads, keys, slots, values, width } = cache
      const rowOf = kernels.scratch(4 * count)
      kernels.write(rowOf, rows)
      exports.fillCache(at(qkv), at(codes), at(keys), at(values), at(cache.groups), rowOf, count, length, slots, width, heads, keyHeads)
      codes.dispose()
      return attention(qkv, groups, heads, keyHeads)
    },
    decodeAttention: (qkv, from, slots, groups, named) => {
      const cache = wasmCache(from)
      const rows = checkCache(cache, qkv, slots.length, 1, named)
      const { keys, values } = cache
      return tf.engine().runKernel(
        decodeKernel,
        { qkv, keys, values, codes: cache.groups },
        { rows, slots, groups, cache } satisfies DecodeAttributes as unknown as tf.NamedAttrMap
      ) as Tensor2D
    }
  }
}
