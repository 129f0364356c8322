import { existsSync, readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { MUTATIONS } from "../../scripts/mutations.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** Modules that compute nothing: lists, gates, an interface, the paper's printed figures and the claims ledger. */
const WITHOUT_COMPUTATION = [
  "index.ts",
  "RolloutCorrection.ts",
  "TokenAdvantage.ts",
  "advantage/Estimators.ts",
  "objective/Leaves.ts",
  "objective/TensorAlgebra.ts",
  "illustration/AppendixCPrinted.ts",
  "Claims.ts"
]

describe("The list of deliberate mistakes", () => {
  it("fits the sources: each original text is in its file exactly once, and differs from the mistake", () => {
    const stale = MUTATIONS.filter(({ file, mutated, original }) => {
      const occurrences = readFileSync(`${root}/${file}`, "utf8").split(original).length - 1
      return occurrences !== 1 || mutated === original
    })
    expect(stale).toEqual([])
  })

  it("names tests that exist", () => {
    const missing = MUTATIONS.flatMap(({ tests }) => tests).filter((test) => !existsSync(`${root}/${test}`))
    expect(missing).toEqual([])
  })

  it("has a mistake for every module of the theory that computes something", () => {
    const modules = readdirSync(`${root}/src/theory`, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.startsWith("claims/") && !WITHOUT_COMPUTATION.includes(name))
    const uncovered = modules.filter((name) => !MUTATIONS.some(({ file }) => file === `src/theory/${name}`))
    expect(uncovered).toEqual([])
  })
})
