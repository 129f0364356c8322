import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { claimsDocument } from "../../scripts/ClaimsDocument.ts"
import { CLAIMS } from "../../src/theory/Claims.ts"
import { PAPER_SECTIONS } from "../../src/theory/claims/PaperSections.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

describe("docs/claims.md", () => {
  it("is what the ledger says: run `node scripts/write-claims.ts` when it is not", () => {
    expect(readFileSync(`${root}/docs/claims.md`, "utf8")).toBe(claimsDocument(CLAIMS, PAPER_SECTIONS))
  })

  it("starts with a table of one row a claim, in which no text breaks a cell", () => {
    const rows = claimsDocument(CLAIMS, PAPER_SECTIONS)
      .split("\n")
      .filter((line) => /^\| \[C\d\d\]/.test(line))
    expect(rows.length).toBe(CLAIMS.length)
    expect(rows.filter((line) => line.replaceAll("\\|", "").split("|").length !== 6)).toEqual([])
  })

  it("says what changed and why: the newest date first, then by id", () => {
    const [first, second] = CLAIMS.map((claim) => ({ ...claim, changes: [] }))
    const revised = [
      {
        ...first!,
        changes: [{ date: "2026-01-02", why: "It was missing." }, { date: "2026-03-04", was: "one thing", why: "It is another." }]
      },
      { ...second!, changes: [{ date: "2026-03-04", was: "two things", why: "They are one." }] }
    ]
    const text = claimsDocument(revised, [])
    expect(text.slice(text.indexOf("## Changes"), text.indexOf("## Where")).split("\n").filter((line) => /^(###|-)/.test(line))).toEqual([
      "### 2026-03-04",
      "- [C01](#c01): was “one thing”. It is another.",
      "- [C02](#c02): was “two things”. They are one.",
      "### 2026-01-02",
      "- [C01](#c01): new. It was missing."
    ])
  })
})

describe("Where the parts of the paper went", () => {
  it("every claim is carried by some part, and every named claim exists", () => {
    const named = new Set(PAPER_SECTIONS.flatMap(({ claims }) => claims))
    expect([...named].toSorted()).toEqual(CLAIMS.map(({ id }) => id))
  })

  it("every named file exists", () => {
    expect(PAPER_SECTIONS.flatMap(({ files }) => files).filter((file) => !existsSync(`${root}/${file}`))).toEqual([])
  })

  it("no part is left out without a word: claims, files or a note", () => {
    expect(PAPER_SECTIONS.filter(({ claims, files, note }) => claims.length + files.length === 0 && note === undefined)).toEqual([])
    expect(new Set(PAPER_SECTIONS.map(({ place }) => place)).size).toBe(PAPER_SECTIONS.length)
  })
})
