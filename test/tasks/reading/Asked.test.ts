import { describe, expect, it } from "vitest"
import { read, type Row } from "./Read.ts"

describe("the asked product, worked out, is an answer wherever it stands", () => {
  const prompt = "Calculate 7 * 13."
  it.each<Row>([
    ["The answer is 91. Let me verify: 7 * 13 = 91.", "91", "91+R 91+S Correct"],
    ["The answer is 81. Let me verify: 7 * 13 = 91.", "91", "81-R 91+S Correct"],
    ["7 * 13 = 81. Let me double-check. 13 * 7 = 91.", "91", "81-R 91+S Correct"],
    ["7 * 10 = 70 and 7 * 3 = 11, so 7 * 13 = 81. Let me double check: 7 * 13 = 91.", "91", "81-R 91+S Correct"],
    ["In step 2 we have 7 × 13 = 81.\nLet me recompute.\n**Final answer:** 91", "91", "81-R 91+S Correct"],
    ["In step 2 we have 7 × 13 = 91.\nI'll go back and check.\n**Final answer:** 91", "91", "91+R 91+S Correct"],
    ["The answer is 81. Actually, let me reconsider. 7 × 13 = 91", "91", "81-R 91+S Correct"]
  ])("%j", (response, gold, expected) => {
    expect(read(response, gold, { prompt })).toBe(expected)
  })

  it("another product that has it at its end is not", () => {
    expect(read("Of 2 * 7 * 13 = 182 half is 91. The answer is 91. Let me verify: 17 * 13 = 221.", "91", { prompt })).toBe("91+S Correct")
  })
})

describe("what a check computes is no answer, though a doubt and the final answer follow", () => {
  it.each<Row>([
    ["The answer is 54. Let me verify: 54 / 6 = 9. Wait, 7 * 8 is 56. The answer is 56.", "56", "54-R 56+S Correct"],
    ["The answer is 54. Let me verify: 54 / 6 = 9, which is fine. Hmm, but 7 * 8 is more. The answer is 56.", "56", "54-R 56+S Correct"],
    ["The answer is 54.\n\nLet me double-check: 54 - 48 = 6. That's not right. So the answer is 56.", "56", "54-R 56+S Correct"]
  ])("%j", (response, gold, expected) => {
    expect(read(response, gold)).toBe(expected)
  })
})

it("thoughts come to what they conclude, though nothing in them is announced", () => {
  const response = "<think>It is 7 times 8. So it is 54.</think>\n\nSeven rows of eight, once more in full. The answer is 56."
  expect(read(response, "56")).toBe("54-R 56+S Correct")
})
