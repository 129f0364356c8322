import { describe, expect, it } from "vitest"
import { draws } from "../../src/domain/Seed.ts"
import type { TaskService } from "../../src/domain/Task.ts"
import * as Addition from "../../src/tasks/Addition.ts"
import * as Countdown from "../../src/tasks/Countdown.ts"
import { readExpression } from "../../src/tasks/Expression.ts"
import * as Multiplication from "../../src/tasks/Multiplication.ts"

const levels = ["1x1", "2x1", "1x2", "2x2", "3x1", "3x3"] as const
const tasks: ReadonlyArray<TaskService> = [
  Multiplication.make({ radix: 10, levels }),
  Addition.make({ radix: 10, levels }),
  Countdown.make({ levels: ["2", "3", "4"], largest: 30, operations: ["+", "-", "*"] })
]

/** The steps of a working as the two sides of each. */
const stepsOf = (working: string): ReadonlyArray<readonly [string, string]> =>
  working.replace(/\.$/, "").split(", ").map((step) => step.split("=") as [string, string])

/** The value of one side, exactly; brackets about a negative number are for the eye. */
const valueOf = (side: string): number => {
  const signed = side.replace(/^-/, "0-").replace(/\((-\d+)\)/g, "(0$1)")
  const { over, under } = readExpression(signed)!
  return Number(over) / Number(under)
}

describe("a teacher's working", () => {
  it.each(tasks.map((task) => ({ task, name: task.name })))("$name: without slips every step is true and the answer right", ({ task }) => {
    for (const level of task.levels) {
      for (let i = 0; i < 60; i++) {
        const query = task.training(level, i)
        const { answer, working } = task.teacher!.work!(query, { slip: 0, isWrong: false }, draws(i))
        expect(task.check(query, answer)).toBe("Correct")
        for (const [left, right] of stepsOf(working)) expect(valueOf(left)).toBe(valueOf(right))
        expect(valueOf(stepsOf(working).at(-1)![1])).toBe(valueOf(answer))
      }
    }
  })

  it.each(tasks.map((task) => ({ task, name: task.name })))(
    "$name: what is wrong on purpose is wrong, and its working comes to it",
    ({ task }) => {
      for (const level of task.levels) {
        for (let i = 0; i < 60; i++) {
          const query = task.training(level, i)
          const { answer, working } = task.teacher!.work!(query, { slip: 0, isWrong: true }, draws(i))
          expect(task.check(query, answer)).toBe("Wrong")
          expect(valueOf(stepsOf(working).at(-1)![1])).toBe(valueOf(answer))
        }
      }
    }
  )

  it("slips at the rate that is asked for: a product of one step of two digits is right with probability (1 − 0.9 s)²", () => {
    const task = Multiplication.make({ radix: 10, levels: ["1x1"] })
    const query = { id: "7*8", level: "1x1", prompt: "Calculate 7 * 8. Think step by step.", answer: "56" }
    const stream = draws(1)
    const count = 20_000
    const right = Array.from({ length: count }, () => task.teacher!.work!(query, { slip: 0.2, isWrong: false }, stream))
      .filter(({ answer }) => answer === "56").length
    const expected = (1 - 0.9 * 0.2) ** 2
    // Four standard deviations.
    expect(Math.abs(right / count - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / count))
  })

  it("carries a slip on: what follows is worked out from it", () => {
    const task = Multiplication.make({ radix: 10, levels: ["2x2"] })
    const query = { id: "47*36", level: "2x2", prompt: "Calculate 47 * 36. Think step by step.", answer: "1692" }
    const written = Array.from({ length: 200 }, (_, i) => task.teacher!.work!(query, { slip: 0.1, isWrong: true }, draws(i)))
    for (const { answer, working } of written) {
      const [first, second, sum] = stepsOf(working)
      expect([first![0], second![0]]).toEqual(["47*30", "47*6"])
      expect(sum).toEqual([`${first![1]}+${second![1]}`, answer])
    }
    const isWorkedOut = (working: string): boolean => {
      const [first, , [parts, total]] = stepsOf(working) as [[string, string], [string, string], [string, string]]
      return first[1] !== "1410" && valueOf(parts) === valueOf(total)
    }
    expect(written.filter(({ working }) => isWorkedOut(working)).length).toBeGreaterThan(20)
    // A slip in the sum alone leaves the parts as they are.
    expect(written.some(({ working }) => working.startsWith("47*30=1410, 47*6=282, 1410+282=") && !working.endsWith("=1692."))).toBe(true)
  })
})
