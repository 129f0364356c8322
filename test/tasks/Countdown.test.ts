import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { draws, shuffle } from "../../src/domain/Seed.ts"
import type { Query } from "../../src/domain/Query.ts"
import * as Countdown from "../../src/tasks/Countdown.ts"
import { processorMs } from "../support/ProcessorTime.ts"

const drawn = fc.record({
  level: fc.constantFrom("2", "3", "4", "5"),
  largest: fc.integer({ min: 2, max: 30 }),
  operations: fc.uniqueArray(fc.constantFrom<"+" | "-" | "*">("+", "-", "*"), { minLength: 1 }),
  seed: fc.nat()
})

const taskOf = (
  { largest, level, operations }: { readonly level: string; readonly largest: number; readonly operations: ReadonlyArray<"+" | "-" | "*"> }
) => {
  const [first = "+", ...rest] = operations
  return Countdown.make({ levels: [level], largest, operations: [first, ...rest] })
}

const asking = (numbers: ReadonlyArray<number>, target: number): Query => ({
  id: "x",
  level: String(numbers.length),
  prompt: Countdown.promptOf({ numbers, target })
})

describe("the countdown task", () => {
  it("a prompt is read as the problem that it was made of; any other text is none", () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 }), fc.nat(9_999), (numbers, target) => {
      expect(Countdown.problemOf(Countdown.promptOf({ numbers, target }))).toEqual({ numbers, target })
    }))
    for (const text of ["", "Using the numbers 3,5, create an expression that equals 8.", "Reach 8 with 3 and 5."]) {
      expect(Countdown.problemOf(text)).toBeUndefined()
      expect(Countdown.make({ levels: ["2"], largest: 9, operations: ["+"] }).check({ id: "x", level: "2", prompt: text || " " }, "3+5"))
        .toBe("GoldInvalid")
    }
  })

  it("numbers that would be rounded are no problem: nothing is Correct by rounding, nothing throws, nothing is searched for long", () => {
    const task = taskOf({ level: "2", largest: 9, operations: ["+"] })
    const asked = (numbers: string, target: string): Query => ({
      id: "x",
      level: "2",
      prompt: `Using the numbers ${numbers}, create an expression that equals ${target}.`
    })
    for (
      const [numbers, target] of [["9007199254740992, 0", "9007199254740993"], ["1, 1", "9".repeat(400)], ["9".repeat(400), "1"]] as const
    ) {
      expect(task.check(asked(numbers, target), "9007199254740992+0")).toBe("GoldInvalid")
    }
    expect(task.check(asked("9007199254740990, 1", "9007199254740991"), "9007199254740990+1")).toBe("Correct")
    expect(task.teacher!.answer(asked(Array.from({ length: 12 }, () => 7).join(", "), "1"))).toBe("")
  })

  it("every problem has a solution: check accepts the teacher's answer, never a corrupted one, which can be read", () => {
    fc.assert(
      fc.property(drawn, (setting) => {
        const task = taskOf(setting)
        const query = task.training(setting.level, setting.seed)
        const stream = draws(setting.seed)
        const { numbers, target } = Countdown.problemOf(query.prompt)!
        expect([numbers.length, query.level]).toEqual([Number(setting.level), setting.level])
        expect(numbers.every((number) => number >= 1 && number <= setting.largest)).toBe(true)
        expect(target).toBeGreaterThanOrEqual(1)
        expect(task.check(query, task.teacher!.answer(query))).toBe("Correct")
        expect(task.check(query, task.teacher!.attempt(query, 0, stream))).toBe("Correct")
        for (let i = 0; i < 5; i++) expect(task.check(query, task.teacher!.corrupt(query, stream))).toBe("Wrong")
        expect(task.check(query, task.teacher!.attempt(query, 1, stream))).toMatch(/^(Correct|Wrong)$/)
      }),
      { numRuns: 200 }
    )
  })

  it("each number is used exactly once, whatever it comes to", () => {
    const task = Countdown.make({ levels: ["3"], largest: 30, operations: ["+"] })
    const query = asking([3, 5, 7], 22)
    for (const right of ["3*5+7", "7+3*5", "(5*3)+7", " 3 * 5 + 7 "]) expect([right, task.check(query, right)]).toEqual([right, "Correct"])
    for (const wrong of ["22", "3*5+7+0", "15+7", "3*5+7*7/7", "7+7+7+3/3", "3+5+7", "5*3+8"]) {
      expect([wrong, task.check(query, wrong)]).toEqual([wrong, "Wrong"])
    }
    // Twice where it is given twice.
    expect(task.check(asking([4, 4, 2], 10), "4+4+2")).toBe("Correct")
    expect(task.check(asking([4, 4, 2], 8), "4+2+2")).toBe("Wrong")
    // 1 and 23 are not 12 and 3.
    expect(task.check(asking([1, 23], 24), "12+3+9")).toBe("Wrong")
    expect(task.check(asking([12, 3], 15), "1+23-9")).toBe("Wrong")
  })

  it("which numbers are used is all that a permutation of them changes nothing about", () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 6 }), fc.nat(), (numbers, seed) => {
      const task = Countdown.make({ levels: ["2"], largest: 50, operations: ["+"] })
      const query = asking(numbers, numbers.reduce((sum, number) => sum + number, 0))
      expect(task.check(query, shuffle(numbers, seed).join("+"))).toBe("Correct")
      const [first, ...rest] = numbers
      expect(task.check(query, [first! + 1, ...rest].join("+"))).toBe("Wrong")
      expect(task.check(query, rest.join("+"))).toBe("Wrong")
    }))
  })

  it("fractions on the way are exact: 8/(3-8/3) reaches 24, 1/3*3 is 1", () => {
    const task = Countdown.make({ levels: ["4"], largest: 10, operations: ["+"] })
    expect(task.check(asking([8, 3, 8, 3], 24), "8/(3-8/3)")).toBe("Correct")
    expect(task.check(asking([1, 3, 3], 1), "1/3*3")).toBe("Correct")
    // 33/100 is near a third and is none.
    expect(task.check(asking([1, 3, 33, 100], 0), "1/3-33/100")).toBe("Wrong")
  })

  it("zeros in front, other signs, half expressions, divisions by zero and hostile texts are Unparsable, at once", () => {
    const task = Countdown.make({ levels: ["3"], largest: 30, operations: ["+"] })
    const startedAt = processorMs()
    for (
      const text of [
        "",
        "03*5+7",
        "3*5+",
        "3x5+7",
        "3*5+7=22",
        "7/(5-5)*3",
        "-3+5",
        "3 5 7",
        "(".repeat(100_000),
        "1".repeat(100_000),
        `${"1".repeat(40)}x`,
        "3*5+7".repeat(20_000)
      ]
    ) expect([text.slice(0, 20), task.check(asking([3, 5, 7], 22), text)]).toEqual([text.slice(0, 20), "Unparsable"])
    expect(processorMs() - startedAt).toBeLessThan(1_000)
  })

  it("the numbers are given in another order than the solution takes them", () => {
    const task = Countdown.make({ levels: ["3"], largest: 30, operations: ["-"] })
    // What the drawing would make of the numbers as they stand: a difference while it is at least 1, else a sum.
    const asTheyStand = ([first = 0, ...rest]: ReadonlyArray<number>) =>
      rest.reduce((value, number) => (value - number >= 1 ? value - number : value + number), first)
    const drawn = Array.from({ length: 200 }, (_, seed) => Countdown.problemOf(task.training("3", seed).prompt)!)
    expect(drawn.filter(({ numbers, target }) => asTheyStand(numbers) !== target).length).toBeGreaterThan(50)
  })

  it("a guess that is always right is no corrupted answer: one number too many makes it wrong", () => {
    const { check, teacher } = Countdown.make({ levels: ["2"], largest: 9, operations: ["+"] })
    // Always the first of what may be drawn: "+" between the numbers.
    const stream = { uniform: () => 0, integer: (from: number) => from, pick: <A>(items: ReadonlyArray<A>) => items[0]! }
    const query = asking([1, 2], 3)
    expect(check(query, teacher!.attempt(query, 1, stream))).toBe("Correct")
    expect(check(query, teacher!.corrupt(query, stream))).toBe("Wrong")
  })

  it("as many test problems as are asked for are found, where one in eight is held out", () => {
    const { available, queries } = Countdown.make({ levels: ["4"], largest: 50, operations: ["+", "-"] }).test("4", {
      count: 1_600,
      seed: 1
    })
    expect([queries.length, available]).toEqual([1_600, 1_600])
  })

  it("what is tested at a trained level is never trained on, and its problems are distinct", () => {
    const task = Countdown.make({ levels: ["2", "3"], largest: 9, operations: ["+", "*"] })
    for (const level of task.levels) {
      const { overlap, queries } = task.test(level, { count: 40, seed: 5 })
      expect(overlap).toBe(0)
      expect(queries.length).toBeGreaterThan(10)
      const tested = new Set(queries.map(({ id }) => id))
      expect(tested.size).toBe(queries.length)
      for (let i = 0; i < 1_000; i++) expect(tested.has(task.training(level, i).id)).toBe(false)
      // Nor in another order of its numbers.
      const anyOrder = ({ prompt }: Query) => {
        const { numbers, target } = Countdown.problemOf(prompt)!
        return [...numbers.toSorted((a, b) => a - b), target].join()
      }
      const trained = new Set(Array.from({ length: 1_000 }, (_, i) => anyOrder(task.training(level, i))))
      expect(queries.filter((query) => trained.has(anyOrder(query)))).toEqual([])
    }
    // At a level that is not trained nothing is held out.
    expect(task.test("4", { count: 100, seed: 5 }).queries).toHaveLength(100)
  })

  it("problems too few to hold any out are tested as trained, and the overlap says so", () => {
    const { available, overlap, queries } = Countdown.make({ levels: ["2"], largest: 2, operations: ["+"] }).test("2", {
      count: 10,
      seed: 1
    })
    expect(queries.map(({ id }) => id).toSorted()).toEqual(["1,1>2", "1,2>3", "2,1>3", "2,2>4"])
    expect([overlap, available]).toEqual([4, 4])
  })

  it("the same seed draws the same problem, another seed others", () => {
    const task = Countdown.make({ levels: ["4"], largest: 30, operations: ["+", "-", "*"] })
    expect(task.training("4", 9)).toEqual(task.training("4", 9))
    expect(new Set(Array.from({ length: 50 }, (_, i) => task.training("4", i).id)).size).toBeGreaterThan(45)
  })

  it("settings that make no sense are refused, naming the field", () => {
    expect(() => Countdown.make({ levels: ["7"], largest: 9, operations: ["+"] })).toThrow(/^level is "7"; expected how many numbers/)
    for (const largest of [1, 101, 2.5]) {
      expect(() => Countdown.make({ levels: ["2"], largest, operations: ["+"] })).toThrow(
        `task.largest is ${largest}; expected a whole number from 2 to 100`
      )
    }
  })
})
