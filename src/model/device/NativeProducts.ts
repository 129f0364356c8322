/**
 * Matrix products by the sgemm of a BLAS, on the memory of the wasm backend: without a copy, and only after it has
 * computed what the own kernel computes.
 *
 * @module
 */
import type { Blas, ForeignInterface } from "./Blas.ts"
import type { MultiplyMatrices, WasmKernels } from "./WasmKernels.ts"

/**
 * From so many multiplications on (m·n·k) the call into the library costs less than its faster loop saves. Measured with OpenBLAS 0.3.34: at 4,096
 * both take 0.2 to 0.4 µs for a cube, at 16,384 the library has half the time or less, for every shape and transposition.
 */
export const NATIVE_FROM = 8192

const [rowMajor, plain, transposed] = [101, 111, 112]

/** The product of a BLAS, or the own one where that is faster. */
export const nativeProducts = (
  kernels: WasmKernels,
  { sgemm }: Pick<Blas, "sgemm">,
  { address }: Pick<ForeignInterface, "address">,
  own: MultiplyMatrices,
  from = NATIVE_FROM
): MultiplyMatrices => {
  // A memory that grows gets a new buffer, and may have moved.
  let buffer: ArrayBuffer | undefined
  let base = 0
  return (a, b, c, m, n, k, transposeA, transposeB, accumulate = false) => {
    // Also where k is 0: the product is then all zeros.
    if (m * n * k < from) return own(a, b, c, m, n, k, transposeA, transposeB, accumulate)
    const now = kernels.memory.buffer
    if (now !== buffer) {
      base = Number(address(now))
      buffer = now
    }
    // Beyond 2 GiB the backend's offsets are negative; a library would write wherever it is told, where WebAssembly stops.
    const [atA, atB, atC] = [a >>> 0, b >>> 0, c >>> 0]
    if (atA + 4 * m * k > now.byteLength || atB + 4 * k * n > now.byteLength || atC + 4 * m * n > now.byteLength) {
      throw new Error(`A product [${m},${k}]·[${k},${n}] lies outside the memory of ${now.byteLength} bytes.`)
    }
    sgemm(
      rowMajor,
      transposeA ? transposed : plain,
      transposeB ? transposed : plain,
      m,
      n,
      k,
      1,
      base + atA,
      transposeA ? m : k,
      base + atB,
      transposeB ? k : n,
      accumulate ? 1 : 0,
      base + atC,
      n
    )
  }
}

/** Sizes [m, n, k] that reach a library's different ways: a row, a column, odd edges, one block of depth and several, small and not. */
const trials: ReadonlyArray<readonly [number, number, number]> = [
  [1, 1, 1],
  [1, 9, 5],
  [7, 1, 13],
  [5, 7, 3],
  [37, 13, 61],
  [64, 192, 64],
  [33, 17, 519],
  [131, 67, 127]
]
const largest = Math.max(...trials.flatMap(([m, n, k]) => [m * n, n * k, m * k]))

/** Products of n terms differ by their order of summation by some √n roundings; this allows for many more, and for no mistake. */
const allowed = 1e-5

/** Whether two numbers are the same up to rounding; NaN and infinities only as themselves. */
const agree = (x: number, y: number, scale: number): boolean =>
  Number.isFinite(x) && Number.isFinite(y) ? Math.abs(x - y) <= allowed * scale : Object.is(x, y)

/**
 * What is wrong with a library's products: they are compared with those of the own kernel, for all four transpositions, onto memory full of NaN,
 * with what lies beside the result kept, and with NaN and infinity among the factors. Undefined where nothing is.
 */
export const flawOf = (
  kernels: WasmKernels,
  blas: Pick<Blas, "sgemm">,
  foreign: Pick<ForeignInterface, "address">,
  own: MultiplyMatrices
): string | undefined => {
  // Three factors' worth for A, B and C, and one for the expected C; each with a margin.
  const room = largest + 16
  const at = kernels.allocate(4 * 4 * room)
  try {
    const native = nativeProducts(kernels, blas, foreign, own, 0)
    const [a, b, c, expected] = [0, 1, 2, 3].map((i) => at + 4 * (i * room + 8)) as [number, number, number, number]
    const numbers = (pointer: number, count: number) => kernels.view(pointer, count)
    for (const special of [undefined, NaN, Infinity]) {
      for (const [m, n, k] of trials) {
        numbers(a, m * k).forEach((_, i, values) => (values[i] = ((i * 37) % 101) / 64 - 0.75))
        numbers(b, k * n).forEach((_, i, values) => (values[i] = ((i * 53) % 97) / 64 - 0.7))
        if (special !== undefined) {
          numbers(a, m * k)[(m * k) >> 1] = special
          numbers(b, k * n).fill(0, 0, (k * n) >> 1)
        }
        for (const transposeA of [false, true]) {
          for (const transposeB of [false, true]) {
            const around = numbers(c - 32, m * n + 16)
            around.fill(NaN)
            native(a, b, c, m, n, k, transposeA, transposeB)
            own(a, b, expected, m, n, k, transposeA, transposeB)
            const [got, right] = [numbers(c, m * n), numbers(expected, m * n)]
            // Added to what is there, the product twice.
            if (special === undefined) {
              native(a, b, c, m, n, k, transposeA, transposeB, true)
              own(a, b, expected, m, n, k, transposeA, transposeB, true)
            }
            const where = `a product [${m},${k}]·[${k},${n}]${transposeA ? ", first transposed" : ""}${
              transposeB ? ", second transposed" : ""
            }`
            if (around.subarray(0, 8).some((x) => !Number.isNaN(x)) || numbers(c + 4 * m * n, 8).some((x) => !Number.isNaN(x))) {
              return `it writes outside ${where}`
            }
            const wrong = right.findIndex((value, i) => !agree(got[i]!, value, k))
            if (wrong >= 0) return `it computes ${where} wrongly: ${got[wrong]} where ${right[wrong]} is right`
          }
        }
      }
    }
    return undefined
  } finally {
    kernels.free(at)
  }
}
