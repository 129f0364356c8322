/**
 * Matrix products on plain arrays, without a device: the compiled product kernel in a memory of its own, or plain loops where it does not run: on a Node
 * without SIMD, in a browser.
 *
 * Always the build without fused multiply-add: what an optimizer computes must not depend on the machine.
 *
 * @module
 */
import { isNode, nodeBuiltin } from "./NodeBuiltins.ts"
import type { KernelExports, MultiplyMatrices } from "./WasmKernels.ts"
import { type WasmMemory, webAssembly } from "./WebAssembly.ts"

/** The sizes m, n, k of products that will be asked for. */
export type ProductSizes = readonly [m: number, n: number, k: number]

/** c [m,m] = op(a)·op(b), which the caller knows to be symmetric: op(a) [m,k], op(b) [k,m]; `c` is neither factor. */
export type MultiplySymmetric = (
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  m: number,
  k: number,
  transposeA: boolean,
  transposeB: boolean
) => void

/** Arrays to compute in, until the next `open`, and what computes in them. */
export interface Workspace {
  readonly arrays: ReadonlyArray<Float32Array>
  readonly multiply: MultiplyMatrices<Float32Array>
  readonly multiplySymmetric: MultiplySymmetric
  /** out = α·x + β·y over the whole of `out`, which may be one of them. */
  readonly combine: (alpha: number, x: Float32Array, beta: number, y: Float32Array, out: Float32Array) => void
}

/** Gives arrays of so many numbers each, and products that serve the sizes named, transposed or not. */
export type OpenWorkspace = (lengths: ReadonlyArray<number>, products: ReadonlyArray<ProductSizes>) => Workspace

const PAGE = 65_536
// Pointers below are left alone, and all are multiples of a vector's 16 bytes.
const FIRST = 1024
const aligned = (bytes: number): number => Math.ceil(bytes / 16) * 16

const multiplyPlain: MultiplyMatrices<Float32Array> = (a, b, c, m, n, k, transposeA, transposeB) => {
  const [aRow, aColumn] = transposeA ? [1, m] : [k, 1]
  const [bRow, bColumn] = transposeB ? [1, k] : [n, 1]
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0
      for (let l = 0; l < k; l++) sum += a[i * aRow + l * aColumn]! * b[l * bRow + j * bColumn]!
      c[i * n + j] = sum
    }
  }
}

/** Plain loops. */
export const openPlain: OpenWorkspace = (lengths) => ({
  arrays: lengths.map((length) => new Float32Array(length)),
  multiply: multiplyPlain,
  multiplySymmetric: (a, b, c, m, k, transposeA, transposeB) => multiplyPlain(a, b, c, m, m, k, transposeA, transposeB),
  combine: (alpha, x, beta, y, out) => {
    for (let i = 0; i < out.length; i++) out[i] = alpha * x[i]! + beta * y[i]!
  }
})

type Kernel = Pick<KernelExports, "combine" | "gemm" | "gemmScratch" | "gemmSymmetric">

const openKernel = (kernel: Kernel, memory: WasmMemory): OpenWorkspace => (lengths, products) => {
  const scratch = Math.max(0, ...products.flatMap(([m, n, k]) => [kernel.gemmScratch(m, n, k, false), kernel.gemmScratch(m, n, k, true)]))
  const from = FIRST + aligned(scratch)
  const offsets = [from]
  for (const length of lengths) offsets.push(offsets.at(-1)! + aligned(4 * length))
  const missing = offsets.at(-1)! - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE))
  return {
    arrays: lengths.map((length, i) => new Float32Array(memory.buffer, offsets[i]!, length)),
    multiply: (a, b, c, m, n, k, transposeA, transposeB, accumulate = false) =>
      kernel.gemm(a.byteOffset, b.byteOffset, c.byteOffset, m, n, k, transposeA, transposeB, accumulate, FIRST),
    multiplySymmetric: (a, b, c, m, k, transposeA, transposeB) =>
      kernel.gemmSymmetric(a.byteOffset, b.byteOffset, c.byteOffset, m, k, transposeA, transposeB, FIRST),
    combine: (alpha, x, beta, y, out) => kernel.combine(x.byteOffset, alpha, y.byteOffset, beta, out.byteOffset, out.length)
  }
}

const start = (): OpenWorkspace => {
  if (!isNode()) return openPlain
  const bytes = nodeBuiltin("node:fs", "reading the WebAssembly kernels").readFileSync(new URL("./kernels-simd.wasm", import.meta.url))
  if (!webAssembly.validate(bytes)) return openPlain
  const memory = new webAssembly.Memory({ initial: 1 })
  const { exports } = new webAssembly.Instance(new webAssembly.Module(bytes), { env: { memory } })
  return openKernel(exports as Kernel, memory)
}

let started: OpenWorkspace | undefined

/** The compiled kernel, where it runs, else plain loops. One memory for all: arrays are good until the next call. */
export const openWorkspace: OpenWorkspace = (lengths, products) => (started ??= start())(lengths, products)
