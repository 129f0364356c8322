/**
 * Newton and Schulz's iteration towards the nearest matrix with orthonormal rows or columns.
 *
 * @module
 */
import { type OpenWorkspace, openWorkspace } from "../../model/device/KernelProducts.ts"

/** a, b, c of the quintic aX + bXXᵀX + c(XXᵀ)²X. */
export type Quintic = readonly [a: number, b: number, c: number]

/**
 * Jordan's coefficients: five iterations bring every singular value from 0.01 to 1 to between 0.68 and 1.14, fast and not exactly to 1.
 * Source: Jordan et al. (2024), "Muon: an optimizer for hidden layers in neural networks".
 */
export const JORDAN: Quintic = [3.4445, -4.775, 2.0315]

/** As small a norm as is divided by. */
const LEAST_NORM = 1e-7

/**
 * So many iterations go by on one Gram matrix. Where X has lower rank, rounding leaves eigenvalues of about −1e-8, which a Gram matrix has none of, and
 * each iteration multiplies them by a² ≈ 12.
 */
const MOST_ON_ONE_GRAM = 5

/**
 * Computes `iterations` times X ← aX + bXXᵀX + c(XXᵀ)²X from X = G/‖G‖_F: every singular value σ of G/‖G‖_F goes through
 * aσ + bσ³ + cσ⁵, the singular vectors stay. Near U·Vᵀ for G = U·S·Vᵀ.
 *
 * Computed on the smaller Gram matrix R = XXᵀ (XᵀX where X is tall), of which every step is a polynomial: with P = aI + bR + cR² the result is Q·X for
 * Q ← P·Q and R ← P·R·P, all of them symmetric. For a matrix four times as wide as high that is less than a third of the multiplications.
 *
 * `g` [rows, columns] row by row, which the result overwrites. A matrix of zeros stays one. float32.
 */
export const orthogonalize = (
  g: Float32Array,
  rows: number,
  columns: number,
  iterations: number,
  [a, b, c]: Quintic = JORDAN,
  open: OpenWorkspace = openWorkspace
): void => {
  const isTall = rows > columns
  const [m, n] = isTall ? [columns, rows] : [rows, columns]
  const size = m * n
  const square = m * m
  const { arrays, combine, multiply, multiplySymmetric } = open(
    [size, size, square, square, square, square],
    [[m, m, n], [rows, columns, m]]
  )
  let [x, product, gram, polynomial, whole, free] = arrays as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array
  ]
  let sum = 0
  for (let i = 0; i < size; i++) sum += g[i]! * g[i]!
  const scale = 1 / Math.max(Math.sqrt(sum), LEAST_NORM)
  for (let i = 0; i < size; i++) x[i] = scale * g[i]!
  for (let left = iterations; left > 0; left -= MOST_ON_ONE_GRAM) {
    const steps = Math.min(left, MOST_ON_ONE_GRAM)
    multiplySymmetric(x, x, gram, m, n, isTall, !isTall)
    for (let step = 0; step < steps; step++) {
      multiplySymmetric(gram, gram, free, m, m, false, false)
      combine(b, gram, c, free, polynomial)
      for (let i = 0; i < square; i += m + 1) polynomial[i]! += a
      if (step < steps - 1) {
        multiplySymmetric(gram, polynomial, free, m, m, false, false)
        multiplySymmetric(free, polynomial, gram, m, m, false, false)
      }
      if (step === 0) {
        ;[whole, polynomial] = [polynomial, whole]
      } else {
        multiplySymmetric(whole, polynomial, free, m, m, false, false)
        ;[whole, free] = [free, whole]
      }
    }
    if (isTall) multiply(x, whole, product, rows, columns, m, false, false)
    else multiply(whole, x, product, rows, columns, m, false, false)
    ;[x, product] = [product, x]
  }
  g.set(x)
}

/** The same, leaving `g` as it is. */
export const orthogonalized = (
  g: Float32Array,
  rows: number,
  columns: number,
  iterations: number,
  quintic: Quintic = JORDAN,
  open: OpenWorkspace = openWorkspace
): Float32Array => {
  const result = g.slice()
  orthogonalize(result, rows, columns, iterations, quintic, open)
  return result
}
