/**
 * What mathematics comes to: exactly, as a fraction, where it is one; else as a complex double. Letters get the values that a probe gives them.
 *
 * @module
 */
import { fromDecimal, negative, over, plus, power, type Rational, rational, times, toNumber } from "../Rational.ts"
import * as Complex from "./Complex.ts"
import type { Node } from "./Node.ts"

/** The value of a letter; undefined where letters have none. */
export type Letters = (name: string) => Rational | undefined

const fold = (
  parts: ReadonlyArray<Node>,
  letters: Letters,
  combine: (a: Rational, b: Rational) => Rational | undefined
): Rational | undefined => {
  let total: Rational | undefined
  for (const [i, part] of parts.entries()) {
    const value = exact(part, letters)
    if (value === undefined) return undefined
    total = i === 0 ? value : combine(total!, value)
    if (total === undefined) return undefined
  }
  return total
}

const whole = (
  value: Rational
): number | undefined => (value.under === 1n && value.over >= 0n && value.over <= 1_000n ? Number(value.over) : undefined)

/** n (n−1) … (n−k+1) / k!. */
const binomial = (n: number, k: number): bigint => {
  let result = 1n
  for (let i = 1; i <= k; i++) result = (result * BigInt(n - k + i)) / BigInt(i)
  return k > n ? 0n : result
}

const floor = ({ over, under }: Rational): bigint => (over >= 0n ? over / under : -((-over + under - 1n) / under))

const exactCall = (name: string, values: ReadonlyArray<Rational>): Rational | undefined => {
  const [a, b] = values
  if (a === undefined) return undefined
  if (name === "abs") return a.over < 0n ? negative(a) : a
  if (name === "floor") return rational(floor(a))
  if (name === "ceil") return rational(-floor(negative(a)))
  if (name === "max" || name === "min") {
    return values.reduce((best, value) => (value.over * best.under > best.over * value.under) === (name === "max") ? value : best)
  }
  if (name === "factorial") {
    const n = whole(a)
    return n === undefined ? undefined : rational(Array.from({ length: n }, (_, i) => BigInt(i + 1)).reduce((x, y) => x * y, 1n))
  }
  const [n, k] = [whole(a), b === undefined ? undefined : whole(b)]
  return name === "binom" && n !== undefined && k !== undefined ? rational(binomial(n, k)) : undefined
}

/** The exact value; undefined where it is no fraction, or a letter has no value. */
export const exact = (node: Node, letters: Letters): Rational | undefined => {
  switch (node.kind) {
    case "number":
      return node.value
    case "variable":
      return letters(node.name)
    case "sum":
      return fold(node.parts, letters, plus)
    case "product":
      return fold(node.parts, letters, times)
    case "negative": {
      const value = exact(node.part, letters)
      return value === undefined ? undefined : negative(value)
    }
    case "percent":
    case "degree": {
      const value = exact(node.part, letters)
      return value === undefined || node.kind === "degree" ? value : over(value, { over: 100n, under: 1n })
    }
    case "quotient":
    case "power": {
      const left = exact(node.left, letters)
      const right = left === undefined ? undefined : exact(node.right, letters)
      return left === undefined || right === undefined ? undefined : node.kind === "power" ? power(left, right) : over(left, right)
    }
    case "call": {
      const values = node.parts.map((part) => exact(part, letters))
      return values.includes(undefined) ? undefined : exactCall(node.name, values as ReadonlyArray<Rational>)
    }
    default:
      return undefined
  }
}

const RADIANS = Math.PI / 180

const asNumber = (value: Rational | undefined): Complex.Complex => (value === undefined ? Complex.NONE : { re: toNumber(value), im: 0 })

/** The value as a complex double; not-a-number where it has none. */
export const numeric = (node: Node, letters: Letters): Complex.Complex => {
  switch (node.kind) {
    case "number":
      return asNumber(node.value)
    case "variable":
      return asNumber(letters(node.name))
    case "constant":
      return Complex.CONSTANTS[node.name]
    case "sum":
      return node.parts.map((part) => numeric(part, letters)).reduce(Complex.plus)
    case "product":
      return node.parts.map((part) => numeric(part, letters)).reduce(Complex.times)
    case "negative":
      return Complex.times(numeric(node.part, letters), { re: -1, im: 0 })
    case "percent":
      return Complex.times(numeric(node.part, letters), { re: 0.01, im: 0 })
    case "degree":
      return numeric(node.part, letters)
    case "quotient":
      return Complex.over(numeric(node.left, letters), numeric(node.right, letters))
    case "power": {
      const root = node.right.kind === "quotient" ? exact(node.right, letters) : undefined
      const [base, exponent] = [numeric(node.left, letters), numeric(node.right, letters)]
      // The real root of a negative number, where there is one: \sqrt[3]{-8} = -2.
      const isOdd = root !== undefined && root.under % 2n === 1n && root.under > 1n && base.im === 0 && base.re < 0
      if (!isOdd) return Complex.power(base, exponent)
      const size = (-base.re) ** exponent.re
      return { re: root.over % 2n === 0n ? size : -size, im: 0 }
    }
    case "call": {
      const isAngle = Complex.ANGLES.has(node.name)
      const values = node.parts.map((part) => {
        const value = numeric(part, letters)
        return isAngle && part.kind === "degree" ? Complex.times(value, { re: RADIANS, im: 0 }) : value
      })
      const known = node.parts.map((part) => exact(part, letters))
      const result = known.includes(undefined) ? undefined : exactCall(node.name, known as ReadonlyArray<Rational>)
      return result === undefined ? Complex.call(node.name, values) : asNumber(result)
    }
    case "base": {
      const base = Number(node.base)
      return Number.isInteger(base) && base >= 2 && base <= 10 ? { re: parseInt(node.digits, base), im: 0 } : Complex.NONE
    }
    default:
      return Complex.NONE
  }
}

/** The letters that a value has. */
export const lettersOf = (node: Node, found: Set<string> = new Set()): Set<string> => {
  if (node.kind === "variable") found.add(node.name)
  else if (node.kind === "matrix") { for (const part of node.rows.flat()) lettersOf(part, found) }
  else if ("parts" in node) { for (const part of node.parts) lettersOf(part, found) }
  else if ("part" in node) lettersOf(node.part, found)
  else if ("left" in node) {
    lettersOf(node.left, found)
    lettersOf(node.right, found)
  }
  return found
}

/** The names of the letters that a value has, as one text. */
export const nameSet = (node: Node): string => [...lettersOf(node)].toSorted().join()

const NONE: Letters = () => undefined

/** The exact value of something without letters. */
export const exactValue = (node: Node): Rational | undefined => exact(node, NONE)

/** The double of something without letters. */
export const numericValue = (node: Node): Complex.Complex => numeric(node, NONE)

/** Reads a number in normal form as a node. */
export const numberNode = (text: string): Node | undefined => {
  const value = fromDecimal(text)
  return value === undefined ? undefined : { kind: "number", value }
}
