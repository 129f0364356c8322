import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { OUTCOMES } from "../../src/domain/Outcomes.ts"
import { ROW_EVENTS } from "../../src/eval/transcripts/rows/RowFilter.ts"
import type { Filter } from "../../src/view/Api.ts"
import { filterOf, filterParams } from "../../src/view/FilterParams.ts"
import { EVENT_GROUPS, EVENT_WORDS } from "../../src/view/parts/EventWords.ts"
import { filterParts, filterWords, rangeOfTexts, tidy, toggled } from "../../src/view/parts/FilterParts.ts"

const range = fc.tuple(fc.nat(9), fc.nat(9)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)

const filters: fc.Arbitrary<Filter> = fc.record({
  levels: fc.uniqueArray(fc.constantFrom("2x2", "3x1", "a level, with “signs”"), { minLength: 1 }),
  outcomes: fc.subarray([...OUTCOMES], { minLength: 1 }),
  events: fc.subarray([...ROW_EVENTS], { minLength: 1 }),
  attempts: range,
  steps: range,
  promptOf: fc.nat(99),
  text: fc.constantFrom("so the answer is", "<b>", "  ")
}, { requiredKeys: [] })

const sizeOf = (filter: Filter): number =>
  Object.values(filter).reduce(
    (sum: number, value) => sum + (Array.isArray(value) && typeof value[0] === "string" ? value.length : 1),
    0
  )

describe("the parts of a filter", () => {
  it("names each thing that is asked for, and takes out exactly that one", () => {
    fc.assert(fc.property(filters, (filter) => {
      const parts = filterParts(filter)
      expect(parts).toHaveLength(sizeOf(filter))
      for (const { without, words } of parts) {
        expect(words.length).toBeGreaterThan(0)
        expect(sizeOf(without)).toBe(sizeOf(filter) - 1)
      }
    }))
  })

  it("ends with no filter when all parts are taken out in turn, and every filter on the way is one that an address can say", () => {
    fc.assert(fc.property(filters, (filter) => {
      let left = filter
      for (let size = sizeOf(filter); size > 0; size--) {
        const read = filterOf(filterParams(left))
        expect(filterParams(read as Filter).toString()).toBe(filterParams(left).toString())
        left = filterParts(left)[0]!.without
      }
      expect(left).toEqual({})
    }))
  })

  it("says one step and one attempt as one", () => {
    expect(filterWords({ attempts: [1, 1], steps: [40, 40] })).toBe("1 attempt, step 40")
    expect(filterWords({ attempts: [2, 4], steps: [1, 9] })).toBe("2 to 4 attempts, steps 1 to 9")
    expect(filterWords({})).toBe("")
  })

  it("leaves out what asks for nothing", () => {
    expect(tidy({ levels: [], text: "", outcomes: ["Wrong"] })).toEqual({ outcomes: ["Wrong"] })
    expect(toggled(["a"], "a", false)).toBeUndefined()
    expect(toggled(["a"], "a", true)).toEqual(["a"])
    expect(toggled(undefined, "b", true)).toEqual(["b"])
  })
})

describe("a range in two fields", () => {
  it("is none where both fields say the ends or nothing", () => {
    expect(rangeOfTexts("", "", [1, 9])).toBeUndefined()
    expect(rangeOfTexts("1", "9", [1, 9])).toBeUndefined()
    expect(rangeOfTexts("1e3", "-4", [1, 9])).toBeUndefined()
  })

  it("has its ends in order", () => {
    expect(rangeOfTexts("7", "3", [1, 9])).toEqual([3, 7])
    expect(rangeOfTexts("7", "", [1, 9])).toEqual([7, 9])
  })
})

describe("the words of events", () => {
  it("are of every event, and every event stands in one group", () => {
    expect(Object.keys(EVENT_WORDS).toSorted()).toEqual([...ROW_EVENTS].toSorted())
    expect(EVENT_GROUPS.flatMap(({ events }) => events).toSorted()).toEqual([...ROW_EVENTS].toSorted())
  })
})
