/**
 * Numerals in another base than ten, and what they are in decimal.
 *
 * @module
 */
import { askedExpression } from "../../tasks/StatedProduct.ts"

/** The value of a numeral without sign or point in a base up to ten; undefined where it has a digit that the base has not. */
export const valueIn = (numeral: string, radix: number): bigint | undefined =>
  numeral === "" || [...numeral].some((digit) => !(digit >= "0" && Number(digit) < radix && digit <= "9"))
    ? undefined
    : [...numeral].reduce((sum, digit) => sum * BigInt(radix) + BigInt(digit), 0n)

/** The product that a prompt asks for in a base, as it is written there and in decimal. */
export interface ProductIn {
  readonly factors: ReadonlyArray<string>
  /** In the base. */
  readonly value: string
  readonly decimalFactors: ReadonlyArray<string>
  readonly decimal: string
}

/** Reads the product that a prompt asks for; undefined where it asks for none in that base. */
export const productIn = (prompt: string, radix: number): ProductIn | undefined => {
  const asked = askedExpression(prompt)
  if (asked === undefined || asked.operators.some((operator) => operator !== "*")) return undefined
  const factors = asked.numbers.map((text) => valueIn(text, radix))
  if (!factors.every((factor) => factor !== undefined)) return undefined
  const value = factors.reduce((product, factor) => product * factor, 1n)
  return { factors: asked.numbers, value: value.toString(radix), decimalFactors: factors.map(String), decimal: value.toString() }
}

/** "In base 5: 321 · 4 = 2334 is 86 · 4 = 344 in decimal."; nothing for base ten. */
export const numeralsExplained = (prompt: string, radix: number): string | undefined => {
  if (radix === 10) return undefined
  const product = productIn(prompt, radix)
  return product === undefined
    ? undefined
    : `In base ${radix}: ${product.factors.join(" · ")} = ${product.value} is ${
      product.decimalFactors.join(" · ")
    } = ${product.decimal} in decimal.`
}
