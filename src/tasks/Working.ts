/**
 * Written working of sums and products, as people do them: partial products, then their sum.
 *
 * @module
 */
import type { Worked } from "../domain/Task.ts"

/** What is done to a result before it is written down and worked on with: nothing, or a slip. */
export type WriteDown = (result: number) => number

/** A numeral's digits as the numbers that they stand for, the largest first, without zeros: 407 is 400 and 7; 0 is 0. */
const places = (numeral: string, radix: number): ReadonlyArray<number> => {
  const parts = Array.from(numeral, (digit, i) => parseInt(digit, radix) * radix ** (numeral.length - 1 - i)).filter((part) => part > 0)
  return parts.length === 0 ? [0] : parts
}

/** Results of steps, each written down, and then their sum. One result is the answer. */
const summed = (
  steps: ReadonlyArray<readonly [left: number, sign: string, right: number, result: number]>,
  radix: number,
  writeDown: WriteDown
): Worked => {
  const numeral = (value: number): string => value.toString(radix)
  const results = steps.map(([, , , result]) => writeDown(result))
  const lines = steps.map(([left, sign, right], i) => `${numeral(left)}${sign}${numeral(right)}=${numeral(results[i]!)}`)
  if (results.length === 1) return { working: `${lines.join("")}.`, answer: numeral(results[0]!) }
  const total = writeDown(results.reduce((sum, result) => sum + result, 0))
  return { working: `${[...lines, `${results.map(numeral).join("+")}=${numeral(total)}`].join(", ")}.`, answer: numeral(total) }
}

/**
 * The working of a product of two numerals: the factor of more than one digit is split by its places (both: the right one), e.g.
 * "47*30=1410, 47*6=282, 1410+282=1692." of 47 and 36.
 */
export const workProduct = (left: string, right: string, radix: number, writeDown: WriteDown): Worked => {
  const [first, second] = [parseInt(left, radix), parseInt(right, radix)]
  const steps = right.length === 1
    ? places(left, radix).map((part) => [part, "*", second, part * second] as const)
    : places(right, radix).map((part) => [first, "*", part, first * part] as const)
  return summed(steps, radix, writeDown)
}

/** The working of a sum of two numerals, place by place, e.g. "40+30=70, 7+6=13, 70+13=83." of 47 and 36. */
export const workSum = (left: string, right: string, radix: number, writeDown: WriteDown): Worked => {
  const digits = Math.max(left.length, right.length)
  const at = (numeral: string, place: number): number => parseInt(numeral.at(-1 - place) ?? "0", radix) * radix ** place
  const steps = Array.from({ length: digits }, (_, i) => {
    const place = digits - 1 - i
    return [at(left, place), "+", at(right, place), at(left, place) + at(right, place)] as const
  }).filter(([a, , b], i) => a + b > 0 || i === digits - 1)
  return summed(steps, radix, writeDown)
}
