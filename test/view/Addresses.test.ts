import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { OUTCOMES } from "../../src/domain/Outcomes.ts"
import { ROW_EVENTS } from "../../src/eval/transcripts/rows/RowFilter.ts"
import type { Filter } from "../../src/view/Api.ts"
import { filterOf, filterParams } from "../../src/view/FilterParams.ts"
import { linkTo, placeOf, VIEWS } from "../../src/view/Place.ts"

const range = fc.tuple(fc.nat(99), fc.nat(99)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
const filters: fc.Arbitrary<Filter> = fc.record({
  levels: fc.uniqueArray(fc.constantFrom("2x1", "a&b=c", "Größe #1", " "), { minLength: 1 }),
  outcomes: fc.subarray([...OUTCOMES], { minLength: 1 }),
  events: fc.subarray([...ROW_EVENTS], { minLength: 1 }),
  attempts: range,
  steps: range,
  promptOf: fc.nat(1e6),
  text: fc.string({ minLength: 1, unit: "grapheme" })
}, { requiredKeys: [] })

describe("addresses", () => {
  it("a filter comes back from its parameters, through a link", () =>
    fc.assert(fc.property(filters, fc.constantFrom(...VIEWS), (filter, view) => {
      const place = placeOf(linkTo(view, filterParams(filter)))
      expect(place.view).toBe(view)
      expect(filterOf(place.params)).toEqual(filter)
    })))

  it("what makes no sense is said", () => {
    const said = (query: string) => filterOf(new URLSearchParams(query))
    expect(said("outcome=Right")).toMatch(/outcome is none of Correct, Wrong/)
    expect(said("event=hope")).toMatch(/event is none of right-attempt/)
    expect(said("attempts=3-1")).toMatch(/attempts is "3-1", expected FIRST-LAST/)
    expect(said("steps=x")).toMatch(/steps is "x"/)
    expect(said("promptOf=-1")).toMatch(/promptOf is "-1"/)
    expect(said("unrelated=1")).toEqual({})
    expect(placeOf("#/nothing?x=1").view).toBe("runs")
    expect(placeOf("#/rollouts?text=what?").params.get("text")).toBe("what?")
  })
})
