import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { expectCounterexample } from "./Counterexample.ts"

const numbers = fc.integer({ min: 0, max: 100 })

describe("expectCounterexample", () => {
  it("gives a small input that makes the predicate false", () => {
    expect(expectCounterexample(numbers, (n) => n < 7)).toBe(7)
    expect(expectCounterexample(fc.tuple(numbers, numbers), ([left, right]) => left + right < 5)).toHaveLength(2)
  })

  it("fails where every input obeys", () => {
    expect(() => expectCounterexample(numbers, (n) => n >= 0)).toThrow("no counterexample among 100 inputs")
  })

  it("fails with what a predicate threw: at once, after a false one, and for some inputs only", () => {
    const broken = () => {
      throw new RangeError("broken")
    }
    expect(() => expectCounterexample(numbers, broken)).toThrow(new RangeError("broken"))
    expect(() => expectCounterexample(numbers, (n) => (n > 50 ? false : broken()))).toThrow("broken")
    expect(() => expectCounterexample(numbers, (n) => (n > 50 ? broken() : true))).toThrow("broken")
  })

  it("skips inputs that a precondition excludes, and fails where it excludes all", () => {
    const found = expectCounterexample(numbers, (n) => {
      fc.pre(n % 2 === 0)
      return n < 7
    })
    expect([found % 2, found >= 7]).toEqual([0, true])
    expect(() =>
      expectCounterexample(numbers, () => {
        fc.pre(false)
        return false
      })
    ).toThrow("no counterexample")
  })
})
