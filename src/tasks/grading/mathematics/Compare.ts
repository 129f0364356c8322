/**
 * Says whether two values of mathematics are the same: parts by parts where they are put together of parts, by value else.
 *
 * Fractions are compared exactly. Closed values that are none are compared as doubles, within 1e-9 of each other. With letters, both get the same
 * values at fixed points: exact ones where they come to fractions, so that two polynomials that differ are told apart (Schwartz, 1980).
 * Intervals and points are written alike; brackets must agree. The first value is the reference and decides what the second may be written as.
 *
 * @module
 */
import { format, isSame, type Rational, times, toNumber } from "../Rational.ts"
import * as Complex from "./Complex.ts"
import { exact, exactValue, type Letters, lettersOf, numeric, numericValue } from "./Evaluate.ts"
import type { Node, Relation } from "./Node.ts"

const hash = (name: string): number => [...name].reduce((sum, sign) => (Math.imul(sum, 31) + sign.charCodeAt(0)) | 0, 17) >>> 0

const POINTS = 6
/** As many points must have told something. */
const ENOUGH = 3
/** Evaluation at points loses digits where terms cancel. */
const PROBE_TOLERANCE = 1e-8

/** The values that letters have at a point: different ones for different names, of both signs, of no special kind. */
const lettersAt = (point: number): Letters => (name) => {
  const code = hash(name) % 997
  const over = BigInt(((code * 37 + point * 101) % 211) + 13)
  return { over: point % 3 === 2 ? -over : over, under: point % 2 === 0 ? 101n : 29n }
}

/** At least nine decimals that are right but for rounding, of a fraction that has no end: 0.3333333333 for 1/3. */
const isRounded = (x: Rational, decimal: Rational): boolean =>
  decimal.under >= 10n ** 8n && !format(decimal).includes("/") && format(x).includes("/") &&
  Complex.isNear({ re: toNumber(x), im: 0 }, { re: toNumber(decimal), im: 0 })

/** Says whether two expressions come to the same; undefined where no value is known. */
const sameValue = (a: Node, b: Node): boolean | undefined => {
  if (lettersOf(a).size === 0 && lettersOf(b).size === 0) {
    const [x, y] = [exactValue(a), exactValue(b)]
    if (x !== undefined && y !== undefined) return isSame(x, y) || isRounded(x, y) || isRounded(y, x)
    const [u, v] = [numericValue(a), numericValue(b)]
    if (!Complex.isKnown(u) || !Complex.isKnown(v)) return undefined
    // What overflows is not the same for that.
    const isInfinite = !Number.isFinite(u.re) && !Number.isFinite(v.re)
    return isInfinite && !(isInfinity(a) && isInfinity(b)) ? undefined : Complex.isNear(u, v)
  }
  let told = 0
  for (let point = 0; point < POINTS; point++) {
    const letters = lettersAt(point)
    const [x, y] = [exact(a, letters), exact(b, letters)]
    if (x !== undefined && y !== undefined) {
      if (!isSame(x, y)) return false
      told++
      continue
    }
    const [u, v] = [numeric(a, letters), numeric(b, letters)]
    if (!Number.isFinite(Complex.size(u)) || !Number.isFinite(Complex.size(v))) continue
    if (!Complex.isNear(u, v, PROBE_TOLERANCE)) return false
    told++
  }
  return told >= ENOUGH ? true : undefined
}

const isInfinity = (
  node: Node
): boolean => (node.kind === "negative" ? isInfinity(node.part) : node.kind === "constant" && node.name === "infinity")

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

/** Says whether nothing is computed with numbers: "AB", "|AB|", "x+y", "\frac{NO}{BO}" are names of a value, "2x" and "x^2" are not. */
const hasNumber = (node: Node): boolean =>
  node.kind === "number" || node.kind === "base" || ("parts" in node && node.parts.some(hasNumber)) ||
  ("part" in node && hasNumber(node.part)) ||
  ("left" in node && (hasNumber(node.left) || hasNumber(node.right)))

/** "f(2)", "P(3)". */
const isApplied = (node: Node): boolean =>
  node.kind === "product" && node.parts.length === 2 && node.parts[0]!.kind === "variable" && /^[f-hA-Z]/.test(node.parts[0]!.name)

/** What may stand before the equals sign of a closed value. */
const isCalled = (node: Node): boolean => isName(node) || isApplied(node) || (lettersOf(node).size > 0 && !hasNumber(node))

/** "x", "f(x)", "(x, y)": what a value is only called. */
const isName = (node: Node): boolean =>
  node.kind === "variable" || (node.kind === "tuple" && node.parts.every(isName)) ||
  (node.kind === "product" && node.parts.length === 2 && node.parts[0]!.kind === "variable" && isName(node.parts[1]!))

/** The value of "x = 5", "5 = x", "34 * 12 = 408"; undefined for an equation that says something else. */
export const valueOf = (node: Node): Node | undefined => {
  if (node.kind !== "relation") return node
  if (node.signs.length === 1 && node.signs[0] === "\\in") return isName(node.parts[0]!) ? node.parts[1] : undefined
  if (!node.signs.every((sign) => sign === "=" || sign === "\\approx")) return undefined
  const last = node.parts.at(-1)!
  if (isName(last) && lettersOf(node.parts[0]!).size === 0) return node.parts[0]
  const before = node.parts.slice(0, -1)
  const isClosed = lettersOf(last).size === 0
  return isName(before[0]!) || (isClosed && (isCalled(before[0]!) || before.every((part) => lettersOf(part).size === 0))) ? last : undefined
}

const flipped: Readonly<Partial<Record<Relation, Relation>>> = { "<": ">", ">": "<", "\\leq": "\\geq", "\\geq": "\\leq" }

/** "2 < x \leq 5" as the interval (2, 5]; undefined for what is none. */
const intervalOf = (node: Node): Node | undefined => {
  if (node.kind !== "relation" || !node.signs.every((sign) => flipped[sign] !== undefined)) return undefined
  const isRising = node.signs.every((sign) => sign === "<" || sign === "\\leq")
  const isFalling = node.signs.every((sign) => sign === ">" || sign === "\\geq")
  if (!isRising && !isFalling) return undefined
  const parts = isRising ? node.parts : node.parts.toReversed()
  const signs = isRising ? node.signs : node.signs.toReversed().map((sign) => flipped[sign]!)
  const at = parts.findIndex(isName)
  if (at < 0 || parts.some((part, i) => i !== at && lettersOf(part).size > 0) || parts.length > 3 || (parts.length === 3 && at !== 1)) {
    return undefined
  }
  const infinity: Node = { kind: "constant", name: "infinity" }
  return {
    kind: "tuple",
    open: at === 0 || signs[at - 1] === "<" ? "(" : "[",
    close: at === parts.length - 1 || signs[at] === "<" ? ")" : "]",
    parts: [parts[at - 1] ?? { kind: "negative", part: infinity }, parts[at + 1] ?? infinity]
  }
}

/** Left side less right side. */
const difference = ({ parts }: Node & { readonly kind: "relation" }): Node => ({
  kind: "sum",
  parts: [parts[0]!, { kind: "negative", part: parts[1]! }]
})

/** Two equations say the same where their differences keep one ratio at all points. */
const sameEquation = (a: Node, b: Node): boolean => {
  if (nameSet(a) !== nameSet(b)) return false
  let first: readonly [Rational, Rational] | readonly [Complex.Complex, Complex.Complex] | undefined
  let told = 0
  for (let point = 0; point < POINTS; point++) {
    const letters = lettersAt(point)
    const [x, y] = [exact(a, letters), exact(b, letters)]
    if (x !== undefined && y !== undefined && (first === undefined || "over" in first[0])) {
      if ((x.over === 0n) !== (y.over === 0n)) return false
      if (x.over === 0n) continue
      const [p, q] = (first ?? [x, y]) as readonly [Rational, Rational]
      const [left, right] = [times(x, q), times(y, p)]
      if (left === undefined || right === undefined || !isSame(left, right)) return false
      first = [p, q]
      told++
      continue
    }
    const [u, v] = [numeric(a, letters), numeric(b, letters)]
    if (!Number.isFinite(Complex.size(u)) || !Number.isFinite(Complex.size(v))) continue
    const [p, q] = first === undefined || "over" in first[0] ? [u, v] : (first as readonly [Complex.Complex, Complex.Complex])
    if (!Complex.isNear(Complex.times(u, q), Complex.times(v, p), PROBE_TOLERANCE)) return false
    first = [p, q]
    told++
  }
  return told >= ENOUGH
}

/** What an inequality says is positive. */
const positive = (node: Node & { readonly kind: "relation" }): Node | undefined => {
  const [sign] = node.signs
  if (node.signs.length !== 1 || sign === undefined || flipped[sign] === undefined) return undefined
  return difference(sign === ">" || sign === "\\geq" ? node : { ...node, parts: node.parts.toReversed() })
}

const isStrict = ({ signs }: Node & { readonly kind: "relation" }): boolean => signs[0] === "<" || signs[0] === ">"

/** Two expressions of one ratio have one sign where they have it at a point. */
const sameSign = (a: Node, b: Node): boolean => {
  const [x, y] = [numeric(a, lettersAt(0)), numeric(b, lettersAt(0))]
  return x.re * y.re > 0
}

const nameSet = (node: Node): string => [...lettersOf(node)].toSorted().join()

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
    if (other.kind === "tuple" && (a.kind === "list" || b.kind === "list") && other.open === "(" && other.close === ")") {
      return x === undefined ? inOrder(other.parts, values(parts)) : inOrder(values(parts), other.parts)
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
