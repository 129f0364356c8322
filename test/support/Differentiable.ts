/**
 * Scalar functions written once and computed by two number systems: plain float64, and the tensors of an autodiff library.
 */

/** The operations that a test's function may use. `fixed` holds a value constant under differentiation (stop-gradient). */
export interface Algebra<T> {
  readonly constant: (value: number) => T
  readonly add: (left: T, right: T) => T
  readonly subtract: (left: T, right: T) => T
  readonly multiply: (left: T, right: T) => T
  readonly divide: (left: T, right: T) => T
  readonly minimum: (left: T, right: T) => T
  readonly maximum: (left: T, right: T) => T
  readonly exp: (value: T) => T
  readonly log: (value: T) => T
  readonly fixed: (value: T) => T
}

/** A scalar function of a flat parameter vector, generic in the number system. */
export type Differentiable = <T>(algebra: Algebra<T>, parameters: ReadonlyArray<T>) => T

/** Plain float64. */
export const floats: Algebra<number> = {
  constant: (value) => value,
  add: (left, right) => left + right,
  subtract: (left, right) => left - right,
  multiply: (left, right) => left * right,
  divide: (left, right) => left / right,
  minimum: Math.min,
  maximum: Math.max,
  exp: Math.exp,
  log: Math.log,
  fixed: (value) => value
}

/** Computes the function's value at a point in plain float64. */
export const valueAt = (f: Differentiable, at: ArrayLike<number>): number => f(floats, Array.from(at))

/** Adds up values; an empty list gives 0. */
export const sumOf = <T>(algebra: Algebra<T>, values: ReadonlyArray<T>): T =>
  values.length === 0 ? algebra.constant(0) : values.reduce(algebra.add)

/** Multiplies by a plain number. */
export const times = <T>(algebra: Algebra<T>, factor: number, value: T): T => algebra.multiply(algebra.constant(factor), value)

/** Normalises logits to log-probabilities by the textbook formula. */
export const logSoftmaxOf = <T>(algebra: Algebra<T>, logits: ReadonlyArray<T>): ReadonlyArray<T> => {
  const total = algebra.log(sumOf(algebra, logits.map(algebra.exp)))
  return logits.map((logit) => algebra.subtract(logit, total))
}
