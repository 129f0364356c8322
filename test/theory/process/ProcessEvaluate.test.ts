import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { evaluateProcess } from "../../../src/theory/process/ProcessEvaluate.ts"
import { parseProcess } from "../../../src/theory/process/ProcessValidation.ts"
import { expectClose, GOLDEN } from "../../../src/laws/support/Approx.ts"

type Json = number | string | boolean | null | ReadonlyArray<Json> | { readonly [key: string]: Json }

const golden: ReadonlyArray<{ readonly id: string; readonly expected: Json }> = JSON.parse(
  readFileSync(new URL("../../golden/process.json", import.meta.url), "utf8")
)

/** Fails unless both have the same keys everywhere and numbers that agree. */
const expectSame = (actual: Json | undefined, expected: Json, path: string): void => {
  if (typeof expected === "number") return expectClose(actual as number, expected, GOLDEN, path)
  expect(actual).toBeTypeOf("object")
  expect(Object.keys(actual as object).toSorted()).toEqual(Object.keys(expected as object).toSorted())
  for (const [key, value] of Object.entries(expected as object)) {
    expectSame((actual as Record<string, Json>)[key], value as Json, `${path}.${key}`)
  }
}

describe("evaluateProcess", () => {
  it("has thirty golden processes to compare with", () => {
    expect(golden.length).toBe(30)
  })

  it.each(golden.map((each) => [each.id, each] as const))("reproduces %s in every number and in shape", (id, each) => {
    const evaluation = evaluateProcess(parseProcess(each))
    expect(evaluation.id).toBe(id)
    expectSame(JSON.parse(JSON.stringify(evaluation.expected)), each.expected, id)
  })

  it("leaves out the id that a process does not have", () => {
    const { id: _, ...anonymous } = parseProcess(golden[0])
    expect(Object.keys(evaluateProcess(anonymous))).toEqual(["expected"])
  })
})
