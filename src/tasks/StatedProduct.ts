/**
 * The product that a prompt asks for: "Calculate 321 * 4", "What is 12 \times 34?", "7 multiplied by 8".
 *
 * @module
 */
import { normalizeNumeral, numeralPattern } from "./reading/Numeral.ts"

const times = String.raw`(?:[*×·⋅xX]|\\times|\\cdot|\btimes\b|\bmultiplied by\b)`
const product = new RegExp(String.raw`${numeralPattern("first")}(?:[\s$]*${times}[\s$]*${numeralPattern("next")})+`, "gi")
const factor = new RegExp(numeralPattern("factor"), "g")

/** A product as a prompt states it: its exact value in base ten and the digits of its factors, e.g. "3x1". */
export interface StatedProduct {
  readonly value: string
  readonly level: string
}

/** Finds the last product of whole numbers that a prompt states; few-shot prompts state the one to solve last. */
export const statedProduct = (prompt: string): StatedProduct | undefined => {
  const stated = [...prompt.matchAll(product)].at(-1)?.[0]
  if (stated === undefined) return undefined
  const factors = (stated.match(factor) ?? []).map(normalizeNumeral)
  if (factors.some((text) => text.includes("."))) return undefined
  return {
    value: factors.reduce((total, text) => total * BigInt(text), 1n).toString(),
    level: factors.map((text) => text.replace("-", "").length).join("x")
  }
}
