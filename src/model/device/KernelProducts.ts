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

/** Arrays to compute in, until the next `open`, and the product for them. */
export interface Workspace {
  readonly arrays: ReadonlyArray<Float32Array>
  readonly multiply: MultiplyMatrices<Float32Array>
}

/** Gives arrays of so many numbers each, and a product that serves the sizes named, transposed or not. */
export type OpenWorkspace = (lengths: ReadonlyArray<number>, products: ReadonlyArray<ProductSizes>) => Workspace

const PAGE = 65_536
// Pointers below are left alone, and all are multiples of a vector's 16 bytes.
const FIRST = 1024
const aligned = (bytes: number): number => Math.ceil(bytes / 16) * 16

/** Plain loops. */
export const openPlain: OpenWorkspace = (lengths) => ({
  arrays: lengths.map((length) => new Float32Array(length)),
  multiply: (a, b, c, m, n, k, transposeA, transposeB) => {
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
})

type Kernel = Pick<KernelExports, "gemm" | "gemmScratch">

const openKernel = (kernel: Kernel, memory: WasmMemory): OpenWorkspace => (lengths, products) => {
  const scratch = Math.max(0, ...products.flatMap(([m, n, k]) => [kernel.gemmScratch(m, n, k, false), kernel.gemmScratch(m, n, k, true)]))
  const from = FIRST + aligned(scratch)
  const offsets = [from]
  for (const length of lengths) offsets.push(offsets.at(-1)! + aligned(4 * length))
  const missing = offsets.at(-1)! - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE))
  return {
    arrays: lengths.map((length, i) => new Float32Array(memory.buffer, offsets[i]!, length)),
    multiply: (a, b, c, m, n, k, transposeA, transposeB) =>
      kernel.gemm(a.byteOffset, b.byteOffset, c.byteOffset, m, n, k, transposeA, transposeB, FIRST)
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
