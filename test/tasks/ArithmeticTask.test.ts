import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { draws } from "../../src/domain/Seed.ts"
import { type TaskService, trainingQueries } from "../../src/domain/Task.ts"
import * as Addition from "../../src/tasks/Addition.ts"
import * as Multiplication from "../../src/tasks/Multiplication.ts"

const operations = [
  { name: "multiplication", make: Multiplication.make, sign: "*", apply: (a: bigint, b: bigint) => a * b },
  { name: "addition", make: Addition.make, sign: "+", apply: (a: bigint, b: bigint) => a + b }
] as const

const drawn = fc.record({
  operation: fc.constantFrom(...operations),
  radix: fc.integer({ min: 2, max: 10 }),
  left: fc.integer({ min: 1, max: 4 }),
  right: fc.integer({ min: 1, max: 4 }),
  seed: fc.nat()
})

/** The value of a numeral in a radix, digit by digit. */
const valueOf = (numeral: string, radix: number): bigint => [...numeral].reduce((sum, digit) => sum * BigInt(radix) + BigInt(digit), 0n)

const trained = (task: TaskService, count: number) =>
  task.levels.flatMap((level) => Array.from({ length: count }, (_, i) => task.training(level, i)))

describe("tasks of two operands", () => {
  it("ask for what they say, in the numerals of their base, and know the exact answer", () => {
    fc.assert(
      fc.property(drawn, ({ left, operation, radix, right, seed }) => {
        const level = `${left}x${right}`
        const task = operation.make({ radix, levels: [level] })
        const { answer, id, level: asked, prompt } = task.training(level, seed)
        const [, a, sign, b] = /^Calculate (\d+) ([*+]) (\d+)\. Think step by step\.$/.exec(prompt)!
        expect([task.name, asked, sign, id]).toEqual([operation.name, level, operation.sign, `${a}${sign}${b}`])
        expect([a!.length, b!.length]).toEqual([left, right])
        expect(a!.startsWith("0") || b!.startsWith("0")).toBe(false)
        expect(valueOf(answer!, radix)).toBe(operation.apply(valueOf(a!, radix), valueOf(b!, radix)))
      }),
      { numRuns: 500 }
    )
  })

  it("check accepts the teacher's answer, never a corrupted one, which can be read", () => {
    fc.assert(
      fc.property(drawn, ({ left, operation, radix, right, seed }) => {
        const level = `${left}x${right}`
        const task = operation.make({ radix, levels: [level] })
        const { answer, attempt, corrupt } = task.teacher!
        const query = task.training(level, seed)
        const stream = draws(seed)
        expect(task.check(query, answer(query))).toBe("Correct")
        expect(task.check(query, attempt(query, 0, stream))).toBe("Correct")
        for (let i = 0; i < 20; i++) {
          expect(task.check(query, corrupt(query, stream))).toBe("Wrong")
          expect(task.check(query, attempt(query, 1, stream))).toMatch(/^(Correct|Wrong)$/)
        }
      }),
      { numRuns: 300 }
    )
  })

  it("the teacher slips digit by digit: right with probability (1 − slip · (radix − 1)/radix)^width", () => {
    for (const { make, name } of operations) {
      const task = make({ radix: 5, levels: ["3x2"] })
      const width = name === "addition" ? 4 : 5
      const stream = draws(1)
      const right = trained(task, 4_000).filter((query) =>
        task.check(query, task.teacher!.attempt(query, 0.2, stream)) === "Correct"
      ).length
      // Four standard deviations of a share of 4,000.
      const expected = (1 - 0.2 * 0.8) ** width
      expect(Math.abs(right / 4_000 - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / 4_000))
    }
  })

  it("spaces and zeros in front are Unparsable, another number is Wrong", () => {
    for (const { make } of operations) {
      const task = make({ radix: 10, levels: ["2x2"] })
      const query = task.training("2x2", 3)
      for (const text of [`0${query.answer}`, ` ${query.answer}`, `${query.answer} `, "", "twelve"]) {
        expect(task.check(query, text)).toBe("Unparsable")
      }
      expect(task.check(query, `${query.answer}0`)).toBe("Wrong")
      const { answer: _, ...without } = query
      expect(task.check(without, query.answer!)).toBe("GoldInvalid")
    }
  })

  it("what is tested at a trained level is never trained on; at another level everything may be asked", () => {
    fc.assert(
      fc.property(fc.constantFrom(...operations), fc.integer({ min: 4, max: 10 }), fc.nat(), ({ make }, radix, seed) => {
        const task = make({ radix, levels: ["2x1", "2x2"] })
        for (const level of task.levels) {
          const { overlap, queries } = task.test(level, { count: 60, seed })
          expect(overlap).toBe(0)
          expect(new Set(queries.map(({ id }) => id)).size).toBe(queries.length)
          const tested = new Set(queries.map(({ id }) => id))
          expect(trained(task, 200).filter(({ id }) => tested.has(id))).toEqual([])
        }
        const untrained = task.test("1x1", { count: 1_000, seed })
        expect([untrained.queries.length, untrained.available, untrained.overlap]).toEqual([(radix - 1) ** 2, (radix - 1) ** 2, 0])
      }),
      { numRuns: 20 }
    )
  })

  it("a level is trained however it is written: 3×1 holds out what 3x1 does", () => {
    for (const { make } of operations) {
      const { overlap, queries } = make({ radix: 5, levels: ["3x1"] }).test("3×1", { count: 30, seed: 1 })
      expect(queries).toEqual(make({ radix: 5, levels: ["3×1"] }).test("3x1", { count: 30, seed: 1 }).queries)
      expect(queries).not.toEqual(make({ radix: 5, levels: ["1x1"] }).test("3x1", { count: 30, seed: 1 }).queries)
      expect(overlap).toBe(0)
    }
  })

  it("a corrupted answer has one wrong digit, now and then two: in 3 of 10 another is drawn, once in `width` the same", () => {
    for (const { make, name } of operations) {
      const task = make({ radix: 10, levels: ["3x2"] })
      const width = name === "addition" ? 4 : 5
      const stream = draws(5)
      const wrong = trained(task, 3_000).map((query) => {
        const [right, corrupted] = [query.answer!, task.teacher!.corrupt(query, stream)].map((text) => text.padStart(width, "0"))
        return [...right!].filter((digit, i) => digit !== corrupted![i]).length
      })
      expect(new Set(wrong)).toEqual(new Set([1, 2]))
      const share = 0.3 * (width - 1) / width
      expect(Math.abs(wrong.filter((count) => count === 2).length / 3_000 - share)).toBeLessThan(
        4 * Math.sqrt((share * (1 - share)) / 3_000)
      )
    }
  })

  it("the overlap of a level too small to hold anything out is said", () => {
    for (const { make } of operations) {
      const { overlap, queries } = make({ radix: 2, levels: ["1x1"] }).test("1x1", { count: 5, seed: 1 })
      expect([queries.length, overlap]).toEqual([1, 1])
    }
  })

  it("a step's queries take the levels in turn and are a function of seed and step", () => {
    const task = Addition.make({ radix: 10, levels: ["1x1", "2x2", "3x1"] })
    const queries = trainingQueries(task, 7, 3, 7)
    expect(queries.map(({ level }) => level)).toEqual(["1x1", "2x2", "3x1", "1x1", "2x2", "3x1", "1x1"])
    expect(trainingQueries(task, 7, 3, 7)).toEqual(queries)
    expect(trainingQueries(task, 7, 4, 7)).not.toEqual(queries)
    expect(trainingQueries(task, 8, 3, 7)).not.toEqual(queries)
  })

  it("levels and bases that make no sense are refused, naming the field", () => {
    for (const { make } of operations) {
      expect(() => make({ radix: 1, levels: ["1x1"] })).toThrow("task.radix is 1; expected a whole number from 2 to 10")
      expect(() => make({ radix: 10, levels: ["3by3"] })).toThrow(/^level is "3by3"; expected/)
      expect(() => make({ radix: 10, levels: ["9x9"] })).toThrow(/^level is 9x9; expected/)
      expect(() => make({ radix: 10, levels: ["1x1"] }).test("x", { count: 1, seed: 1 })).toThrow(/^level is "x"/)
    }
  })
})
