import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { askedExpression, statedProduct } from "../../src/tasks/StatedProduct.ts"

describe("the product that a prompt asks for", () => {
  it.each<readonly [prompt: string, value: string, level: string]>([
    ["Calculate 123 * 45.", "5535", "3x2"],
    ["Calculate 123 * 45. Think step by step.", "5535", "3x2"],
    ["What is 12 × 11?", "132", "2x2"],
    ["what's 12 x 11?", "132", "2x2"],
    ["What does 12 · 11 equal?", "132", "2x2"],
    ["Compute $12 \\times 11$.", "132", "2x2"],
    ["Evaluate \\(12 \\cdot 11\\).", "132", "2x2"],
    ["How much is 12 times 11?", "132", "2x2"],
    ["Find the product of 12 * 11.", "132", "2x2"],
    ["Multiply: 12 * 11", "132", "2x2"],
    ["Work out 7 multiplied by 8 without a calculator.", "56", "1x1"],
    ["7 * 8 =", "56", "1x1"],
    ["Question: 7 * 8\nAnswer:", "56", "1x1"],
    ["Please solve 1,200 * 3 and give the result in \\boxed{}.", "3600", "4x1"],
    ["Calculate -7 * 8.", "-56", "1x1"],
    ["Calculate 2 * 3 * 4.", "24", "1x1x1"],
    // Of examples and the task the last is asked.
    ["Q: 2 * 3 =\nA: 6\n\nQ: 4 * 5 =\nA:", "20", "1x1"]
  ])("%j", (prompt, value, level) => {
    expect(statedProduct(prompt)).toEqual({ value, level })
  })

  it.each([
    "A 3x4 grid of dots: how many segments join neighbours?",
    "Screens of 1920x1080 cost 3 euros each. What do 5 cost?",
    "Pens come in 2 * 6 packs. How many packs are 60 pens?",
    "A tile of 3 * 4 cm covers what part of a board of 48 square cm?",
    "5 * 6 cm tiles are sold in packs. How many packs cover a wall?",
    "Find 3 * 4 tiles that are blue.",
    "What is 3 + 4?",
    "Calculate 12 / 4.",
    "Calculate 2 * 3 + 4.",
    "Calculate 2.5 * 4.",
    "What is 12?",
    "What is the capital of France?",
    "Compute the determinant of a 3x3 matrix.",
    "Find 12 * x for x = 5.",
    "I said that 3 * 4 would be fine, but how many are left?",
    ""
  ])("asks for none: %j", (prompt) => {
    expect(statedProduct(prompt)).toBeUndefined()
  })

  it("is exact, and its level the digits of the factors, for any operands and signs of multiplication", () => {
    const signs = ["*", " × ", "x", String.raw` \times `, String.raw`$\cdot$`, " times ", " multiplied by "]
    const operand = fc.bigInt({ min: 1n, max: 10n ** 20n })
    fc.assert(
      fc.property(operand, operand, fc.constantFrom(...signs), (a, b, sign) => {
        expect(statedProduct(`Solve 2 * 3 = 6. What is ${a}${sign}${b}?`)).toEqual({
          value: String(a * b),
          level: `${String(a).length}x${String(b).length}`
        })
      })
    )
  })
})

describe("the expression that a prompt asks for", () => {
  it.each<readonly [prompt: string, numbers: ReadonlyArray<string>, operators: ReadonlyArray<string>]>([
    ["Calculate 12 + 7.", ["12", "7"], ["+"]],
    ["What is 12 minus 7?", ["12", "7"], ["-"]],
    ["What is 12 plus 7?", ["12", "7"], ["+"]],
    ["Compute 12 ÷ 4.", ["12", "4"], ["/"]],
    ["Compute 12 divided by 4.", ["12", "4"], ["/"]],
    ["Calculate 2.5 * 4.", ["2.5", "4"], ["*"]],
    ["Calculate 2 * 3 + 4 - 5.", ["2", "3", "4", "5"], ["*", "+", "-"]],
    ["What is 1,234 − 34?", ["1234", "34"], ["-"]]
  ])("%j", (prompt, numbers, operators) => {
    expect(askedExpression(prompt)).toEqual({ numbers, operators })
  })

  it.each([
    "Tom has 3 + 4 pens in two bags. How many are red?",
    "Between 3 - 4 pm the shop is closed. When does it open?",
    "See pages 12-14."
  ])(
    "only mentions one: %j",
    (prompt) => {
      expect(askedExpression(prompt)).toBeUndefined()
    }
  )

  it("has two numbers at least and 64 at most", () => {
    const sum = (count: number) => `Calculate ${Array.from({ length: count }, () => "7").join(" + ")}.`
    expect(askedExpression(sum(1))).toBeUndefined()
    expect(askedExpression(sum(64))?.numbers).toHaveLength(64)
    expect(askedExpression(sum(65))).toBeUndefined()
  })
})

it("of factors with very many digits together no product is computed", () => {
  const product = (digits: number) => statedProduct(`Calculate ${"9".repeat(digits)} * 7.`)
  expect(product(4799)).toEqual({ value: `6${"9".repeat(4798)}3`, level: "4799x1" })
  expect(product(4800)).toBeUndefined()
})
