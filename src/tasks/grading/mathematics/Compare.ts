/**
 * Says whether two values of mathematics are the same: parts by parts where they are put together of parts, by value else (`Values.ts`).
 *
 * Intervals and points are written alike; brackets must agree. The first value is the reference and decides what the second may be written as.
 *
 * @module
 */
import { lettersOf, nameSet } from "./Evaluate.ts"
import type { Node } from "./Node.ts"
import { difference, flipped, intervalOf, isName, isStrict, positive, valueOf } from "./Relations.ts"
import { sameEquation, sameSign, sameValue } from "./Values.ts"

const every = (results: ReadonlyArray<boolean | undefined>): boolean | undefined =>
  results.includes(false) ? false : results.includes(undefined) ? undefined : true

/** More parts than this are compared by nothing. */
const MOST_PARTS = 40

const inOrder = (a: ReadonlyArray<Node>, b: ReadonlyArray<Node>): boolean | undefined =>
  a.length === b.length && a.length <= MOST_PARTS ? every(a.map((part, i) => same(part, b[i]!))) : false

/** Each part of one is a part of the other; repetition says nothing. */
const inAnyOrder = (a: ReadonlyArray<Node>, b: ReadonlyArray<Node>): boolean =>
  a.length <= MOST_PARTS && b.length <= MOST_PARTS &&
  a.every((x) => b.some((y) => same(x, y) === true)) && b.every((y) => a.some((x) => same(x, y) === true))

const isEquation = (node: Node): node is Node & { readonly kind: "relation" } =>
  node.kind === "relation" && node.signs.length === 1 && node.signs[0] === "="

const sameRelation = (a: Node & { readonly kind: "relation" }, b: Node & { readonly kind: "relation" }): boolean => {
  if (a.signs.join() === b.signs.join() && inOrder(a.parts, b.parts) === true) return true
  if (isEquation(a) && isEquation(b)) {
    const [x, y] = [valueOf(a), valueOf(b)]
    const [left, right] = [a.parts[0]!, b.parts[0]!]
    const areNamed = x === a.parts[1] && y === b.parts[1] && isName(left) && isName(right)
    // A function may have another name, a number may not: "y = 2x" is "f(x) = 2x", "x = 5" is not "y = 5".
    if (areNamed && (nameSet(left) === nameSet(right) || lettersOf(x!).size > 0) && same(x!, y!) === true) return true
    return sameEquation(difference(a), difference(b))
  }
  const [u, v] = [a, b].map((node) => (node.signs.every((sign) => sign === "=") && isName(node.parts[0]!) ? valueOf(node) : undefined))
  if (u !== undefined && v !== undefined) return nameSet(a.parts[0]!) === nameSet(b.parts[0]!) && same(u, v) === true
  const [p, q] = [a, b].map((node) => intervalOf(node) ?? (node.signs[0] === "\\in" ? valueOf(node) : undefined))
  if (p !== undefined && q !== undefined) return nameSet(a) === nameSet(b) && same(p, q) === true
  const [above, below] = [a, b].map(positive)
  if (above !== undefined && below !== undefined && isStrict(a) === isStrict(b) && sameEquation(above, below)) return sameSign(above, below)
  const isTurned = a.signs.length === 1 && b.signs.length === 1 && flipped[a.signs[0]!] === b.signs[0]
  return isTurned && inOrder(a.parts, b.parts.toReversed()) === true
}

/** A vector's parts, whether written as a point, a row or a column. */
const vectorOf = (node: Node): ReadonlyArray<Node> | undefined => {
  if (node.kind === "tuple") return node.parts
  if (node.kind !== "matrix") return undefined
  return node.rows.every((row) => row.length === 1) ? node.rows.flat() : node.rows.length === 1 ? node.rows[0] : undefined
}

const COLLECTIONS = ["set", "list", "union"]

/** Percent is right for the number of hundredths and for the fraction: "50\%" for 50 and for 0.5. */
const readingsOf = (node: Node): ReadonlyArray<Node> => (node.kind === "percent" ? [node, node.part] : [node])

const values = (parts: ReadonlyArray<Node>): ReadonlyArray<Node> => parts.map((part) => valueOf(part) ?? intervalOf(part) ?? part)

/** Says whether `b` is the value `a`; undefined where that cannot be told. */
export const same = (a: Node, b: Node): boolean | undefined => {
  if (a.kind === "relation" && b.kind === "relation") {
    const approximate = (node: Node) => node.kind === "relation" && node.signs.includes("\\approx")
    if (!approximate(a) && !approximate(b)) return sameRelation(a, b)
  }
  if (b.kind === "relation") {
    const at = b.signs.indexOf("\\approx")
    // "x = 10\sqrt{3} ≈ 17.32" is right where either side of the sign is.
    if (at >= 0) return [b.parts[at]!, b.parts[at + 1]!].some((part) => same(a, part) === true)
    const value = valueOf(b) ?? intervalOf(b)
    return value === undefined ? false : same(a, value)
  }
  if (a.kind === "relation") {
    const value = valueOf(a) ?? intervalOf(a)
    return value === undefined ? false : same(value, b)
  }
  if (COLLECTIONS.includes(a.kind) || COLLECTIONS.includes(b.kind)) {
    const [x, y] = [a, b].map((node) => ("parts" in node && COLLECTIONS.includes(node.kind) ? node.parts : undefined))
    if (x !== undefined && y !== undefined) return inAnyOrder(x, y) || inAnyOrder(values(x), values(y))
    // "1, 2" may be a point without its brackets, not a set.
    const other = x === undefined ? a : b
    const parts = (x ?? y)!
    const vector = a.kind === "list" || b.kind === "list" ? vectorOf(other) : undefined
    if (vector !== undefined && (other.kind !== "tuple" || (other.open === "(" && other.close === ")"))) {
      return x === undefined ? inOrder(vector, values(parts)) : inOrder(values(parts), vector)
    }
    // One value written twice, "\frac{3}{4} or 0.75", is one.
    return parts.length > 0 && parts.length <= MOST_PARTS &&
      every(values(parts).map((part) => (x === undefined ? same(a, part) : same(part, b))))
  }
  const [left, right] = [vectorOf(a), vectorOf(b)]
  if (left !== undefined && right !== undefined) {
    if (a.kind === "tuple" && b.kind === "tuple" && (a.open !== b.open || a.close !== b.close)) return false
    return inOrder(left, right)
  }
  if (a.kind === "matrix" || b.kind === "matrix") {
    return a.kind === "matrix" && b.kind === "matrix" && a.rows.length === b.rows.length
      ? every(a.rows.map((row, i) => inOrder(row, b.rows[i]!)))
      : false
  }
  if (left !== undefined || right !== undefined) return false
  if (a.kind === "without" || b.kind === "without") {
    return a.kind === "without" && b.kind === "without" ? every([same(a.left, b.left), same(a.right, b.right)]) : false
  }
  if (a.kind === "base" || b.kind === "base") return sameDigits(a, b)
  if (a.kind === "percent" || b.kind === "percent") {
    return a.kind === b.kind ? sameValue(a, b) : readingsOf(a).some((x) => readingsOf(b).some((y) => sameValue(x, y) === true))
  }
  return sameValue(a, b)
}

/** A numeral in a base is the same numeral in that base; the base may be left out on one side. */
const sameDigits = (a: Node, b: Node): boolean => {
  const [x, y] = [a, b].map((node) =>
    node.kind === "base"
      ? node
      : node.kind === "number" && node.value.under === 1n
      ? { digits: String(node.value.over), base: "" }
      : undefined
  )
  return x !== undefined && y !== undefined && x.digits === y.digits && (x.base === y.base || x.base === "" || y.base === "")
}
