import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { ConfigError } from "../../src/domain/Errors.ts"
import * as Multiplication from "../../src/tasks/Multiplication.ts"

const level = fc.record({ left: fc.integer({ min: 1, max: 5 }), right: fc.integer({ min: 1, max: 3 }) })
const task = fc.record({ radix: fc.integer({ min: 2, max: 10 }) })

describe("levels", () => {
  it("parse and format are inverse", () => {
    fc.assert(
      fc.property(level, (value) => {
        expect(Multiplication.parseLevel(Multiplication.formatLevel(value))).toEqual(value)
      })
    )
  })

  it("text that is no level is refused with the field, the text and an example", () => {
    expect(() => Multiplication.parseLevel("3 by 4")).toThrow(ConfigError)
    expect(() => Multiplication.parseLevel("0x4")).toThrow("level is \"0x4\"; expected two digit counts such as 3x4")
  })

  it("a product beyond 2^53 is refused, since it would not be exact", () => {
    expect(() => Multiplication.validateLevel({ radix: 10 }, { left: 9, right: 9 })).toThrow("2^53")
  })
})

describe("problems", () => {
  it("appendix E.2: operands of n digits are drawn from [radix^(n-1), radix^n - 1]", () => {
    fc.assert(
      fc.property(task, level, fc.nat(), (config, at, seed) => {
        const problem = Multiplication.drawProblem(config, at, seed)
        expect(problem.left.toString(config.radix)).toHaveLength(at.left)
        expect(problem.right.toString(config.radix)).toHaveLength(at.right)
        expect(problem.left).toBeGreaterThan(0)
      })
    )
  })

  it("the drawn operands cover their whole range", () => {
    const seen = new Set(Array.from({ length: 2_000 }, (_, i) => Multiplication.drawProblem({ radix: 5 }, { left: 2, right: 1 }, i).left))
    expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => 5 + i))
  })

  it("the product is written in the task's numerals: in base 5, 14 * 4 = 121 (9 · 4 = 36)", () => {
    const query = Multiplication.toQuery({ radix: 5 }, { level: "2x1", left: 9, right: 4 })
    expect(query).toEqual({ id: "14*4", level: "2x1", prompt: "Calculate 14 * 4. Think step by step.", answer: "121" })
  })
})

describe("splits", () => {
  it("train and test of a training level share no problem", () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 10 }), fc.nat(), (radix, seed) => {
        const config = { radix }
        const at = { left: 2, right: 1 }
        const test = Multiplication.testSet(config, at, { count: 100, isTrained: true, seed })
        const names = new Set(test.problems.map((problem) => Multiplication.problemId(config, problem)))
        expect(test.overlap).toBe(0)
        for (let i = 0; i < 200; i++) {
          expect(names.has(Multiplication.problemId(config, Multiplication.trainProblem(config, at, i)))).toBe(false)
        }
      }),
      { numRuns: 20 }
    )
  })

  it("of more problems than a level has are all that it has, and as many as it holds out", () => {
    const level = { left: 2, right: 3 }
    for (const isTrained of [true, false]) {
      const { available, problems } = Multiplication.testSet({ radix: 10 }, level, { count: 1_000_000, isTrained, seed: 1 })
      expect(problems).toHaveLength(available)
      expect(new Set(problems.map(({ left, right }) => `${left}*${right}`)).size).toBe(available)
      if (!isTrained) expect(available).toBe(90 * 900)
    }
  })

  it("test problems are distinct, as many as asked for or all there are", () => {
    const small = Multiplication.testSet({ radix: 5 }, { left: 1, right: 1 }, { count: 100, isTrained: false, seed: 1 })
    expect(small.problems).toHaveLength(16)
    expect(small.available).toBe(16)
    const large = Multiplication.testSet({ radix: 10 }, { left: 5, right: 2 }, { count: 100, isTrained: true, seed: 1 })
    expect(new Set(large.problems.map((problem) => Multiplication.problemId({ radix: 10 }, problem))).size).toBe(100)
  })

  it("a level too small to hold anything out is tested on its training problems, and says so", () => {
    const one = Multiplication.testSet({ radix: 2 }, { left: 1, right: 1 }, { count: 100, isTrained: true, seed: 1 })
    const heldOut = Multiplication.isHeldOut({ left: 1, right: 1 })
    expect(one.problems).toHaveLength(1)
    expect(one.overlap).toBe(heldOut ? 0 : 1)
  })

  it("about one problem in eight is held out", () => {
    let held = 0
    for (let left = 100; left < 1000; left++) for (let right = 1; right < 10; right++) if (Multiplication.isHeldOut({ left, right })) held++
    expect(held / 8100).toBeGreaterThan(0.11)
    expect(held / 8100).toBeLessThan(0.14)
  })
})
