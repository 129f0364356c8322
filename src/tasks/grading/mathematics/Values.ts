/**
 * Says whether two expressions come to the same value.
 *
 * Fractions are compared exactly. Closed values that are none are compared as doubles, within 1e-9 of the larger. With letters, both get the same
 * values at fixed points: exact ones where they come to fractions, so that two polynomials that differ are told apart (Schwartz, 1980).
 *
 * @module
 */
import { format, isSame, type Rational, times, toNumber } from "../Rational.ts"
import * as Complex from "./Complex.ts"
import { exact, exactValue, type Letters, lettersOf, nameSet, numeric, numericValue } from "./Evaluate.ts"
import type { Node } from "./Node.ts"

const hash = (name: string): number => [...name].reduce((sum, sign) => (Math.imul(sum, 31) + sign.charCodeAt(0)) | 0, 17) >>> 0

/** A prime; two names have the same value in one case of that many. */
const UNDER = 100_003
const POINTS = 6
/** As many points must have told something. */
const ENOUGH = 3
/** Evaluation at points loses digits where terms cancel. */
const PROBE_TOLERANCE = 1e-8
/** Tolerances near zero are relative to this. */
const ROUNDING = 1e-3
const VANISHING = 1e-14

/** The values that letters have at a point: different ones for different names, of both signs, of no special kind. */
const lettersAt = (point: number): Letters => (name) => {
  // From about 0.3 to 3.3: powers neither vanish nor overflow soon.
  const over = BigInt(30_011 + 3 * (((hash(name) % UNDER) * (7_919 + 104_729 * point)) % UNDER))
  return { over: point % 3 === 2 ? -over : over, under: BigInt(UNDER) }
}

/** At least nine decimals that are right but for rounding, of a fraction that has no end: 0.3333333333 for 1/3. */
const isRounded = (x: Rational, decimal: Rational): boolean =>
  decimal.under >= 10n ** 8n && !format(decimal).includes("/") && format(x).includes("/") &&
  Complex.isNear({ re: toNumber(x), im: 0 }, { re: toNumber(decimal), im: 0 })

/** Says whether two expressions come to the same; undefined where no value is known. */
export const sameValue = (a: Node, b: Node): boolean | undefined => {
  if (lettersOf(a).size === 0 && lettersOf(b).size === 0) {
    const [x, y] = [exactValue(a), exactValue(b)]
    if (x !== undefined && y !== undefined) return isSame(x, y) || isRounded(x, y) || isRounded(y, x)
    const [u, v] = [numericValue(a), numericValue(b)]
    if (!Complex.isKnown(u) || !Complex.isKnown(v)) return undefined
    // What overflows is not the same for that.
    const isInfinite = !Number.isFinite(u.re) && !Number.isFinite(v.re)
    if (isInfinite) return isInfinity(a) && isInfinity(b) ? Complex.isNear(u, v) : undefined
    // Beside zero itself, what is as small as rounding is zero; of two such small values nothing is known.
    const isZero = x?.over === 0n || y?.over === 0n
    if (Complex.isNear(u, v, Complex.TOLERANCE, isZero ? ROUNDING : 0)) return true
    return !isZero && Complex.size(u) < VANISHING && Complex.size(v) < VANISHING ? undefined : false
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
    if (!Complex.isNear(u, v, PROBE_TOLERANCE, ROUNDING)) return false
    // What underflowed tells nothing.
    if (Complex.size(u) > 1e-100 || Complex.size(v) > 1e-100) told++
  }
  return told >= ENOUGH ? true : undefined
}

const isInfinity = (
  node: Node
): boolean => (node.kind === "negative" ? isInfinity(node.part) : node.kind === "constant" && node.name === "infinity")

/** Two equations say the same where their differences keep one ratio at all points. */
export const sameEquation = (a: Node, b: Node): boolean => {
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
    if (!Complex.isNear(Complex.times(u, q), Complex.times(v, p), PROBE_TOLERANCE, ROUNDING)) return false
    first = [p, q]
    told++
  }
  return told >= ENOUGH
}

/** Two expressions of one ratio have one sign where they have it at a point. */
export const sameSign = (a: Node, b: Node): boolean => {
  const [x, y] = [numeric(a, lettersAt(0)), numeric(b, lettersAt(0))]
  return x.re * y.re > 0
}
