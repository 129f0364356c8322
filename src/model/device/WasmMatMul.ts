/**
 * Matrix products on the wasm device: our kernel, or a BLAS, under the name of the backend's own, so that `tf.matMul` and its gradient run on it.
 *
 * @module
 */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import * as tf from "@tensorflow/tfjs-core"
import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs-core"
import type { Ops } from "./DeviceOps.ts"
import type { MultiplyMatrices, WasmKernels } from "./WasmKernels.ts"

/** The two factors, matrices or batches of them. */
interface MatMulInputs {
  readonly a: TensorInfo
  readonly b: TensorInfo
}

/** Which factors are transposed. */
interface MatMulAttributes {
  readonly transposeA: boolean
  readonly transposeB: boolean
}

/** Sizes of a product of two batches of matrices. */
const productShape = ({ a, b }: MatMulInputs, { transposeA, transposeB }: MatMulAttributes) => {
  if (a.dtype !== "float32" || b.dtype !== "float32") throw new Error(`matMul takes float32 tensors, not ${a.dtype} and ${b.dtype}.`)
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number]
  const [bRows, bColumns] = b.shape.slice(-2) as [number, number]
  const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns]
  const [inner, n] = transposeB ? [bColumns, bRows] : [bRows, bColumns]
  if (inner !== k) throw new Error(`matMul: inner sizes ${k} and ${inner} differ (shapes ${a.shape} and ${b.shape}).`)
  const aBatch = a.shape.slice(0, -2)
  const bBatch = b.shape.slice(0, -2)
  return { m, n, k, aBatch, bBatch, batch: tf.broadcast_util.assertAndGetBroadcastShape(aBatch, bBatch) }
}

/** For each index of a broadcast batch shape, the index into one of the shapes it was broadcast from. */
const batchIndices = (own: ReadonlyArray<number>, whole: ReadonlyArray<number>): ReadonlyArray<number> => {
  let indices = [0]
  const padded = [...Array.from({ length: whole.length - own.length }, () => 1), ...own]
  whole.forEach((count, axis) => {
    indices = indices.flatMap((index) => Array.from({ length: count }, (_, i) => index * padded[axis]! + (padded[axis] === 1 ? 0 : i)))
  })
  return indices
}

type Multiply = (inputs: MatMulInputs, attributes: MatMulAttributes, backend: BackendWasm) => TensorInfo

/** As the tensor library calls a product. */
const productKernel = (multiply: Multiply): KernelFunc => ({ inputs, attrs, backend }) =>
  multiply(inputs as unknown as MatMulInputs, attrs as unknown as MatMulAttributes, backend as BackendWasm)

/** The product of the own kernel. */
export const ownProducts = (kernels: WasmKernels): MultiplyMatrices => (a, b, c, m, n, k, transposeA, transposeB, accumulate = false) =>
  kernels.exports.gemm(
    a,
    b,
    c,
    m,
    n,
    k,
    transposeA,
    transposeB,
    accumulate,
    kernels.scratch(kernels.exports.gemmScratch(m, n, k, transposeA))
  )

/** The tensor library's batched product, computed one by one. */
export const fusedMatMul = (kernels: WasmKernels, multiplyMatrices: MultiplyMatrices): KernelFunc =>
  productKernel((inputs, attributes) => {
    const { m, n, k, aBatch, bBatch, batch } = productShape(inputs, attributes)
    const { transposeA, transposeB } = attributes
    const out = kernels.output([...batch, m, n])
    const a = kernels.pointer(inputs.a)
    const b = kernels.pointer(inputs.b)
    const c = kernels.pointer(out)
    const aIndex = batchIndices(aBatch, batch)
    const bIndex = batchIndices(bBatch, batch)
    for (let i = 0; i < aIndex.length; i++) {
      multiplyMatrices(a + aIndex[i]! * m * k * 4, b + bIndex[i]! * k * n * 4, c + i * m * n * 4, m, n, k, transposeA, transposeB)
    }
    return out
  })

/** `Ops.addProduct` on the memory of a wasm backend. */
export const addProducts =
  (kernels: WasmKernels, multiplyMatrices: MultiplyMatrices): NonNullable<Ops["addProduct"]> =>
  (into, a, b, transposeA = false, transposeB = false) => {
    const { k, m, n } = productShape({ a, b }, { transposeA, transposeB })
    if (into.shape[0] !== m || into.shape[1] !== n) throw new Error(`addProduct: a product [${m},${n}] cannot be added to [${into.shape}].`)
    multiplyMatrices(kernels.pointer(a), kernels.pointer(b), kernels.pointer(into), m, n, k, transposeA, transposeB, true)
  }

/**
 * The tensor library's batched product with transposed arguments transposed first: its own kernel is about ten times
 * faster on plain ones. For backends whose memory the own kernels cannot reach.
 */
export const transposedMatMul = (stock: string): KernelFunc => {
  const kernel = (name: string) => {
    const found = tf.getKernel(name, stock)
    if (found === undefined) throw new Error(`The ${stock} backend has no ${name} kernel.`)
    return found.kernelFunc
  }
  const product = kernel("BatchMatMul")
  const transpose = kernel("Transpose")
  return productKernel((inputs, { transposeA, transposeB }, backend) => {
    const plain = (x: TensorInfo, transposed: boolean): TensorInfo => {
      if (!transposed) return x
      const last = x.shape.length - 1
      const perm = x.shape.map((_, axis) => (axis === last ? last - 1 : axis === last - 1 ? last : axis))
      return transpose({ inputs: { x }, backend, attrs: { perm } }) as TensorInfo
    }
    const a = plain(inputs.a, transposeA)
    const b = plain(inputs.b, transposeB)
    const out = product({ inputs: { a, b }, backend, attrs: { transposeA: false, transposeB: false } }) as TensorInfo
    if (transposeA) backend.disposeData(a.dataId)
    if (transposeB) backend.disposeData(b.dataId)
    return out
  })
}
