import * as tf from "@tensorflow/tfjs-core"
import type { Tensor, Tensor2D, TensorInfo } from "@tensorflow/tfjs-core"
import type { KvCache, Ops } from "./Ops.ts"
import type { WasmKernels } from "./WasmKernels.ts"

const roundUpToFour = (n: number): number => Math.ceil(n / 4) * 4

/** Keys, values and groups in the layout of the decode kernel, which writes into them. */
class WasmCache implements KvCache {
  readonly rows: number
  readonly slots: number
  readonly width: number
  readonly heads: number
  readonly keys: Tensor
  readonly values: Tensor
  readonly groups: Tensor

  constructor(rows: number, slots: number, width: number, heads: number) {
    this.rows = rows
    this.slots = slots
    this.width = width
    this.heads = heads
    const headWidth = width / heads
    this.keys = tf.keep(tf.zeros([rows, heads, headWidth, roundUpToFour(slots)]))
    this.values = tf.keep(tf.zeros([rows, heads, slots, roundUpToFour(headWidth)]))
    this.groups = tf.keep(tf.neg(tf.ones([rows, roundUpToFour(slots)], "int32")))
  }

  dispose(): void {
    tf.dispose([this.keys, this.values, this.groups])
  }
}

const wasmCache = (cache: KvCache): WasmCache => {
  if (cache instanceof WasmCache) return cache
  throw new Error("This cache was made by another device's operations. Make it with the makeCache of the operations that use it.")
}

/** Attention reads memory by these sizes, so they must fit. */
export const checkAttention = (qkv: Tensor2D, positions: number, heads: number): void => {
  const [count, triple] = qkv.shape
  if (count !== positions || triple % (3 * heads) !== 0) {
    throw new Error(`attention: qkv [${qkv.shape}] does not hold three times ${heads} heads of ${positions} positions.`)
  }
}

const checkCache = (cache: WasmCache, qkv: Tensor2D, rows: number, length: number): void => {
  checkAttention(qkv, rows * length, cache.heads)
  if (rows !== cache.rows || length > cache.slots || qkv.shape[1] !== 3 * cache.width) {
    throw new Error(
      `The cache holds ${cache.rows} rows of ${cache.slots} slots of width ${cache.width}; got ${rows} rows of ${length}, qkv [${qkv.shape}].`
    )
  }
}

const decodeKernel = "FusedDecodeAttention"

/** The cache and the operations on it, on the memory of a wasm backend. `attention` serves the prompt. */
export const wasmDecoding = (
  kernels: WasmKernels,
  backendName: string,
  attention: Ops["attention"]
): Pick<Ops, "makeCache" | "prefillAttention" | "decodeAttention"> => {
  const { exports } = kernels
  const at = (info: TensorInfo | undefined): number => kernels.pointer(info!)

  tf.registerKernel({
    kernelName: decodeKernel,
    backendName,
    kernelFunc: ({ inputs, attrs }) => {
      const { qkv, keys, values, codes } = inputs
      const { slots, groups, cache } = attrs as unknown as { slots: Int32Array; groups: Int32Array; cache: WasmCache }
      const { rows, width, heads } = cache
      const out = kernels.output([rows, width])
      const slotOf = kernels.scratch(8 * rows + exports.decodeScratch(cache.slots))
      const groupOf = slotOf + 4 * rows
      kernels.write(slotOf, slots)
      kernels.write(groupOf, groups)
      const wrong = exports.decodeAttention(
        at(qkv), at(keys), at(values), at(codes), slotOf, groupOf, at(out), rows, cache.slots, width, heads, groupOf + 4 * rows
      )
      if (wrong > 0) {
        throw new Error(`decodeAttention: slot ${slots[wrong - 1]} of row ${wrong - 1} is not among the cache's ${cache.slots} slots.`)
      }
      return out
    }
  })

  return {
    makeCache: (rows, slots, width, heads) => new WasmCache(rows, slots, width, heads),
    prefillAttention: (qkv, groups, into) => {
      const cache = wasmCache(into)
      const [rows, length] = groups.shape
      checkCache(cache, qkv, rows, length)
      const codes = tf.cast(groups, "int32")
      const { keys, values, slots, width, heads } = cache
      exports.fillCache(at(qkv), at(codes), at(keys), at(values), at(cache.groups), rows, length, slots, width, heads)
      codes.dispose()
      return attention(qkv, groups, heads)
    },
    decodeAttention: (qkv, from, slots, groups) => {
      const cache = wasmCache(from)
      checkCache(cache, qkv, slots.length, 1)
      const { keys, values } = cache
      return tf.engine().runKernel(
        decodeKernel,
        { qkv, keys, values, codes: cache.groups },
        { slots, groups, cache } as unknown as tf.NamedAttrMap
      ) as Tensor2D
    }
  }
}
