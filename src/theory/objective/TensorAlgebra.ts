/**
 * What a leaf may do with tensors: the operations of its loss, without a tensor library.
 *
 * A leaf's `tensor` is written against this interface, so that one formula serves any library (x ↦ eˣ is `exp`); `model/loss/TensorObjective` implements it. Tensors hold one
 * number a token of a rectangle, one sequence a row, unless an operation says that it holds one a row.
 *
 * @module
 */
import type { Column, Evaluation } from "./Leaf.ts"

/** Differentiable operations on tensors T, elementwise unless stated. */
export interface TensorAlgebra<T> {
  /** A tensor of given numbers, never differentiated. */
  readonly constant: (values: Float32Array) => T
  readonly add: (left: T, right: T) => T
  readonly subtract: (left: T | number, right: T) => T
  readonly multiply: (left: T, right: T | number) => T
  readonly negate: (x: T) => T
  readonly exp: (x: T) => T
  /** eˣ − 1. */
  readonly expm1: (x: T) => T
  /** Natural logarithm. */
  readonly log: (x: T) => T
  /** 1 / (1 + e⁻ˣ). */
  readonly sigmoid: (x: T) => T
  readonly square: (x: T) => T
  readonly sign: (x: T) => T
  readonly minimum: (left: T, right: T) => T
  readonly maximum: (left: T, right: T) => T
  /** min(max(x, low), high), with derivative 0 outside. */
  readonly clip: (x: T, low: number, high: number) => T
  /** sg(x): the value of x, held constant. */
  readonly stopGradient: (x: T) => T
  /** Has the value of `value` and the derivative of `carrier`. */
  readonly withDerivativeOf: (value: T, carrier: T) => T
  /** Σ over each row: one number a row. */
  readonly sumRows: (x: T) => T
  /** Repeats one number a row on the row's tokens. */
  readonly repeatRows: (x: T) => T
}

/** What the leaves share: the rectangle, its columns, and the policy's own numbers as tensors. */
export interface Frame<T> {
  readonly rows: number
  readonly columns: number
  /** 1 on tokens that somebody owns, 0 elsewhere. */
  readonly owned: Float32Array
  /** 1 on the tokens that restrictions leave, 0 elsewhere; the same array as `owned` without a restriction. */
  readonly kept: Float32Array
  /** log π of owned tokens, 0 elsewhere, so that what nobody owns cannot overflow into 0·∞. */
  readonly logProbs: T
  /** Entropies, for leaves that need them. */
  readonly entropies: () => T
  /** A column's numbers as they came. */
  readonly values: (column: Exclude<Column, "entropies">) => ArrayLike<number>
  /** The column as a constant tensor, 0 where nobody owns the token. */
  readonly column: (column: Exclude<Column, "entropies">) => T
  /** The leaf's own `evaluate` at the policy's numbers, for leaves with `readsValues`. */
  readonly evaluation: () => Evaluation
}
