import { describe, expect, it } from "vitest"
import { notFiniteIn } from "../../src/domain/NotFinite.ts"

describe("numbers that are none", () => {
  it("are found, the first as it is written, with their path", () => {
    expect(notFiniteIn({ a: [1, { b: 2 }], c: "NaN", d: null })).toBeUndefined()
    expect(notFiniteIn(JSON.parse("{\"a\":[1,{\"b\":1e999}],\"c\":-1e999}"))).toEqual({ path: "a[1].b", value: Infinity })
    expect(notFiniteIn([0, -Infinity, NaN])).toEqual({ path: "[1]", value: -Infinity })
    expect(notFiniteIn(NaN)).toEqual({ path: "number", value: NaN })
  })

  it("are found in nesting of any depth", () => {
    let value: unknown = 1 / 0
    for (let k = 0; k < 200_000; k++) value = [value]
    expect(notFiniteIn(value)?.value).toBe(Infinity)
  })
})
