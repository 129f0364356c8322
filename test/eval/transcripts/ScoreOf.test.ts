import { describe, expect, it } from "vitest"
import { scoreOf } from "../../../src/eval/transcripts/formats/Verdict.ts"

describe("a row's own verdict", () => {
  it("is a number or a word for one, and no name that every object has", () => {
    expect(scoreOf({ score: "Correct" })).toBe(1)
    expect(scoreOf({ score: "0.5" })).toBe(0.5)
    for (const name of ["constructor", "toString", "valueOf", "__proto__", "hasOwnProperty"]) {
      expect(scoreOf({ score: name })).toBeUndefined()
    }
  })
})
