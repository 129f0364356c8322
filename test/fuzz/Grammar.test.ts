/** The grammars are not degenerate: most inputs get past the first look, many are valid, and every kind of harm occurs. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { EDGES, harmed, jsonText, jsonTextOf, number, ofSchema, packed, STEERING, text } from "./Grammar.ts"
import { Results } from "../../src/eval/results/Results.ts"
import { gunzipSync } from "node:zlib"
import { Schema } from "effect"

const draw = <T>(arbitrary: fc.Arbitrary<T>, count = 2000): ReadonlyArray<T> => fc.sample(arbitrary, { numRuns: count, seed: 1 })
const share = <T>(values: ReadonlyArray<T>, holds: (value: T) => boolean): number => values.filter(holds).length / values.length
const succeeds = (body: () => unknown): boolean => {
  try {
    body()
    return true
  } catch {
    return false
  }
}

const VALID = { prompt: "How many?", response: "4", attempts: [{ answer: 4, correct: true }], score: 0.5 }

describe("the grammars of bad input are not degenerate", () => {
  it("JSON texts: valid ones, changed ones, and ones that are none", () => {
    const values = draw(jsonText(VALID))
    const isJson = (value: string): boolean => succeeds(() => JSON.parse(value))
    expect(share(values, (value) => value === JSON.stringify(VALID))).toBeGreaterThan(0.05)
    expect(share(values, isJson)).toBeGreaterThan(0.5)
    expect(share(values, (value) => !isJson(value))).toBeGreaterThan(0.15)
    expect(share(values, (value) => isJson(value) && value.includes("\"prompt\"") && value !== JSON.stringify(VALID))).toBeGreaterThan(0.3)
    for (const bare of ["NaN", "Infinity", "1e999", "[[[[[[[[", "\ufeff"]) {
      expect(share(values, (value) => value.includes(bare))).toBeGreaterThan(0.001)
    }
    expect(share(values, (value) => [...value.matchAll(/"prompt":/g)].length > 1)).toBeGreaterThan(0.01)
  })

  it("texts: what steers a terminal, lone surrogates, and one thing many times", () => {
    const values = draw(text)
    for (const steering of STEERING) expect(values.some((value) => value.includes(steering))).toBe(true)
    expect(share(values, (value) => !value.isWellFormed())).toBeGreaterThan(0.005)
    expect(share(values, (value) => /(.)\1{50}/.test(value))).toBeGreaterThan(0.01)
    expect(share(values, (value) => /\d/.test(value))).toBeGreaterThan(0.2)
  })

  it("numbers: on the grid, small, and all edges", () => {
    const values = draw(number)
    expect(share(values, (value) => Math.abs(value) > 0.5 && Math.abs(value) <= 64)).toBeGreaterThan(0.4)
    for (const edge of EDGES) expect(values.some((value) => Object.is(value, edge))).toBe(true)
  })

  it("values of a schema are of it", () => {
    const values = draw(jsonTextOf(ofSchema(Results)), 100)
    const isOfIt = (value: string): boolean => succeeds(() => Schema.decodeUnknownSync(Schema.fromJsonString(Results))(value))
    expect(share(values, isOfIt)).toBeGreaterThan(0.005)
    expect(share(values, (value) => succeeds(() => JSON.parse(value)))).toBeGreaterThan(0.5)
  })

  it("binary files: whole ones, shorter and longer ones, ones with some bits changed", () => {
    const bytes = Uint8Array.from({ length: 2000 }, (_, i) => i % 251)
    const values = draw(harmed(bytes))
    const differing = (value: Uint8Array): number => value.filter((byte, i) => byte !== bytes[i]).length
    expect(share(values, (value) => value.length === 2000 && differing(value) === 0)).toBeGreaterThan(0.05)
    expect(share(values, ({ length }) => length < 2000)).toBeGreaterThan(0.2)
    expect(share(values, ({ length }) => length > 2000)).toBeGreaterThan(0.05)
    expect(share(values, (value) => value.length === 2000 && differing(value) === 1)).toBeGreaterThan(0.1)
  })

  it("packed texts: some unpack, some do not", () => {
    const values = draw(packed(text), 300)
    const unpacks = share(values, (value) => succeeds(() => gunzipSync(value)))
    expect(unpacks).toBeGreaterThan(0.2)
    expect(unpacks).toBeLessThan(0.8)
  })
})
