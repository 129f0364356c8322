import { describe, expect, it } from "vitest"
import * as Addition from "../../src/tasks/Addition.ts"

describe("the addition task", () => {
  it("hand example: in base 2, 11 + 1 = 100; the carry makes the answer one digit longer than the longer operand", () => {
    const task = Addition.make({ radix: 2, levels: ["2x1"] })
    const { queries } = task.test("2x1", { count: 10, seed: 1 })
    // 10 + 1 and 11 + 1 are all there is; what is held out is tested.
    for (const query of queries) expect(["10+1", "11+1"]).toContain(query.id)
    const carried = { id: "11+1", level: "2x1", prompt: "Calculate 11 + 1. Think step by step.", answer: "100" }
    expect([task.check(carried, "100"), task.check(carried, "0100"), task.check(carried, "11")]).toEqual(["Correct", "Unparsable", "Wrong"])
    expect(task.teacher!.answer(carried)).toBe("100")
  })

  it("every pair of one-digit numbers: the sums of the table", () => {
    const task = Addition.make({ radix: 10, levels: ["2x2"] })
    const { queries } = task.test("1x1", { count: 100, seed: 1 })
    expect(queries).toHaveLength(81)
    for (const { answer, id } of queries) {
      const [left, right] = id.split("+").map(Number)
      expect(answer).toBe(String(left! + right!))
    }
  })
})
