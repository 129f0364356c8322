import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { CLAIMS, recomputeCounterexample } from "decision-sampling/theory"
import { COUNTEREXAMPLES } from "../../src/theory/claims/Counterexamples.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

describe("The claims ledger", () => {
  it("has C01 to C51, each once and in order", () => {
    expect(CLAIMS.map(({ id }) => id)).toEqual(Array.from({ length: 51 }, (_, index) => `C${String(index + 1).padStart(2, "0")}`))
  })

  it("names for every claim where it is, what was found, and at least one test", () => {
    const bare = CLAIMS.filter(({ finding, shownBy, statement, where }) => [finding, statement, where].includes("") || shownBy.length === 0)
    expect(bare).toEqual([])
  })

  it("names only tests that exist, by file and exact name", () => {
    const missing = CLAIMS.flatMap(({ id, shownBy }) =>
      shownBy
        .filter(({ file, test }) => !existsSync(`${root}/${file}`) || !readFileSync(`${root}/${file}`, "utf8").includes(`("${test}", `))
        .map(({ file, test }) => `${id} ${file}: ${test}`)
    )
    expect(missing).toEqual([])
  })

  it("dates every change of an entry, oldest first, and gives a reason that ends as a sentence", () => {
    const changed = CLAIMS.filter(({ changes }) => changes !== undefined)
    const unclear = changed.filter(({ changes = [] }) =>
      changes.some(({ date, was, why }, index) =>
        !/^20\d\d-[01]\d-[0-3]\d$/.test(date) || (index > 0 && changes[index - 1]!.date > date) || !why.endsWith(".") || was === ""
      )
    )
    expect(changed).not.toEqual([])
    expect(unclear.map(({ id }) => id)).toEqual([])
  })

  it("gives every claim under an assumption its assumption, and every one refuted or under an assumption a counterexample", () => {
    const qualified = CLAIMS.filter(({ status }) => status === "under assumption" || status === "refuted as stated")
    expect(qualified.filter(({ counterexample }) => counterexample === undefined).map(({ id }) => id)).toEqual([])
    expect(qualified.filter(({ assumption, status }) => status === "under assumption" && assumption === undefined).map(({ id }) => id))
      .toEqual([])
  })

  it("has a computation for every counterexample and no other", () => {
    expect(Object.keys(COUNTEREXAMPLES)).toEqual(CLAIMS.filter(({ counterexample }) => counterexample !== undefined).map(({ id }) => id))
  })

  it.each(Object.entries(COUNTEREXAMPLES))("%s: the counterexample's numbers are those computed, to four digits", (id, compute) => {
    const { numbers } = CLAIMS.find((claim) => claim.id === id)!.counterexample!
    const computed = compute()
    expect(Object.keys(computed)).toEqual(Object.keys(numbers))
    for (const [name, value] of Object.entries(numbers)) {
      expect([name, Number(computed[name]!.toPrecision(4))]).toEqual([name, value])
    }
  })

  it("says of each number whether it is the ledger's, and of a claim without a counterexample nothing", () => {
    const [claim] = CLAIMS.filter(({ id }) => id === "C18")
    const numbers = { shareAt8Tokens: 0.3005, shareAt100Tokens: 3.7561, shareAt1Token: 1 }
    const found = recomputeCounterexample({ ...claim!, counterexample: { given: "", numbers, instead: "" } })
    expect(found.map(({ agrees, name }) => [name, agrees])).toEqual([
      ["shareAt8Tokens", true],
      ["shareAt100Tokens", false],
      ["shareAt1Token", false]
    ])
    expect(recomputeCounterexample({ id: "C01" })).toEqual([])
  })
})
