/**
 * What a value of mathematics is made of.
 *
 * @module
 */
import type { Rational } from "../Rational.ts"

/** A relation between sides, e.g. `=`, `<`, `\leq`, `\in`. */
export type Relation = "=" | "<" | ">" | "\\leq" | "\\geq" | "\\neq" | "\\in" | "\\approx"

/** A part of mathematics: numbers and what is computed of them, and what is put together of parts. */
export type Node =
  | { readonly kind: "number"; readonly value: Rational }
  | { readonly kind: "constant"; readonly name: "pi" | "e" | "i" | "infinity" }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "sum" | "product"; readonly parts: ReadonlyArray<Node> }
  | { readonly kind: "quotient" | "power"; readonly left: Node; readonly right: Node }
  /** Mixed numbers, "2\frac{1}{2}", are sums; `percent` is a hundredth, `degree` an angle. */
  | { readonly kind: "negative" | "percent" | "degree"; readonly part: Node }
  | { readonly kind: "call"; readonly name: string; readonly parts: ReadonlyArray<Node> }
  /** A numeral in a base, "1010_2": its digits and the base as written. */
  | { readonly kind: "base"; readonly digits: string; readonly base: string }
  /** Points, intervals and vectors: parts in order between brackets. */
  | { readonly kind: "tuple"; readonly open: string; readonly close: string; readonly parts: ReadonlyArray<Node> }
  /** Parts in no order: `\{…\}`, "a, b and c", unions. */
  | { readonly kind: "set" | "list" | "union"; readonly parts: ReadonlyArray<Node> }
  | { readonly kind: "matrix"; readonly rows: ReadonlyArray<ReadonlyArray<Node>> }
  | { readonly kind: "without"; readonly left: Node; readonly right: Node }
  | { readonly kind: "relation"; readonly parts: ReadonlyArray<Node>; readonly signs: ReadonlyArray<Relation> }
