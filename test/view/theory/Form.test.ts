import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { ACCURACY_FORM } from "../../../src/view/theory/accuracy/AccuracyForm.ts"
import { APPENDIX_FORM } from "../../../src/view/theory/appendix/AppendixForm.ts"
import { DYNAMICS_FORM, PRESETS } from "../../../src/view/theory/dynamics/DynamicsForm.ts"
import { fill, type Form, lengthStops, numberIn, paramsWith, placeAmong } from "../../../src/view/theory/form/Form.ts"
import { KL_FORM } from "../../../src/view/theory/kl/KlForm.ts"

const FORMS: Readonly<Record<string, Form>> = {
  accuracy: ACCURACY_FORM,
  length: APPENDIX_FORM,
  kl: KL_FORM,
  dynamics: DYNAMICS_FORM
}

const valuesOf = ({ choices, quantities }: Form): fc.Arbitrary<Readonly<Record<string, number | string>>> =>
  fc.record(Object.fromEntries<fc.Arbitrary<number | string>>([
    ...quantities.map(({ isWhole = false, least, most, name }) =>
      [
        name,
        isWhole ? fc.integer({ min: least, max: most }) : fc.double({ min: least, max: most, noNaN: true }).map((value) => value + 0)
      ] as const
    ),
    ...choices.map(({ name, options }) => [name, fc.constantFrom(...options.map(({ id }) => id))] as const)
  ]))

describe("A form in the address", () => {
  it.each(Object.entries(FORMS))("%s: for all values, what is written is read again, all of it and nothing else", (page, form) => {
    fc.assert(fc.property(valuesOf(form), (values) => {
      const params = new URLSearchParams(paramsWith(page, fill(form, new URLSearchParams()), values).toString())
      const { chosen, numbers, problems } = fill(form, params)
      expect(problems).toEqual([])
      expect({ ...numbers, ...chosen }).toEqual(values)
      expect([...params.keys()].toSorted()).toEqual(["page", ...Object.keys(values)].toSorted())
    }))
  })

  it.each(Object.entries(FORMS))("%s: first values lie in their ranges, names are distinct, and sliders reach both ends", (_, form) => {
    const names = [...form.quantities, ...form.choices].map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const quantity of form.quantities) {
      expect([quantity.name, numberIn(quantity, String(quantity.initial))]).toEqual([quantity.name, quantity.initial])
      const { stops } = quantity
      if (stops === undefined) expect(Math.abs(((quantity.most - quantity.least) / quantity.step) % 1 - 0.5)).toBeGreaterThan(0.49)
      else for (const stop of stops) expect([quantity.name, numberIn(quantity, String(stop))]).toEqual([quantity.name, stop])
    }
  })

  it("one change writes all other values beside it", () => {
    const written = paramsWith("accuracy", fill(ACCURACY_FORM, new URLSearchParams("cap=3&w=0.9")), { p: 0.1 })
    expect(written.toString()).toBe("page=accuracy&p=0.1&c=0.8&w=0.9&cap=3")
  })

  it("says which parameter makes no sense, what was expected and what is taken", () => {
    const { chosen, numbers, problems } = fill(ACCURACY_FORM, new URLSearchParams("p=7&c=&w=0,5&cap=5"))
    expect([numbers, chosen]).toEqual([{ p: 0.3, c: 0.8, w: 0.5 }, { cap: "none" }])
    expect(problems).toEqual([
      "p is \"7\", expected a number from 0 to 1: 0.3 is taken",
      "c is \"\", expected a number from 0 to 1: 0.8 is taken",
      "cap is \"5\", expected one of none, 1, 2, 3, 4, 6, 8, 12, 16: none is taken"
    ])
    expect(fill(APPENDIX_FORM, new URLSearchParams("right=2.5&s=-7")).problems).toEqual([
      "s is \"-7\", expected a number from −6 to 6: 0.4 is taken",
      "right is \"2.5\", expected a whole number from 1 to 512: 8 is taken"
    ])
  })

  it("takes no text that is no number, whatever it holds", () => {
    const p = ACCURACY_FORM.quantities[0]
    expect(["", " ", "NaN", "Infinity", "1e999", "0x", "half", "<b>", "0.5.1"].map((text) => numberIn(p, text))).toEqual(
      Array(9).fill(undefined)
    )
  })

  it("slides over lengths in powers of two and halves between, to the nearest", () => {
    expect(lengthStops(64)).toEqual([1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64])
    expect([1, 7, 40, 999].map((value) => lengthStops(64)[placeAmong(lengthStops(64), value)])).toEqual([1, 6, 32, 64])
  })

  it("has presets whose values all count", () => {
    for (const { values } of PRESETS) {
      const { chosen, numbers, problems } = fill(DYNAMICS_FORM, paramsWith("dynamics", fill(DYNAMICS_FORM, new URLSearchParams()), values))
      expect(problems).toEqual([])
      expect({ ...numbers, ...chosen }).toMatchObject(values)
    }
  })
})
