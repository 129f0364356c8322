/** Every ```ts fence of README.md and docs/ runs and prints what it says. See docs/guide/check-a-claim.md for how to write one. */
import { existsSync, globSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, it } from "vitest"
import { isKept, shown, withReports } from "../support/SnippetChecks.ts"
import type { SnippetOutcome } from "../support/SnippetRunner.ts"
import {
  problemsOf,
  readPage,
  ROOT,
  runSnippets,
  type Snippet,
  snippetsOf,
  typeErrorsOf,
  writeSnippets
} from "../support/Snippets.ts"

const pages = [...globSync("docs/**/*.md", { cwd: ROOT }).toSorted(), "README.md"].filter((page) => existsSync(join(ROOT, page)))
const documented = pages
  .map((page) => ({ page, snippets: snippetsOf(page, readPage(page)) }))
  .filter(({ snippets }) => snippets.length > 0)
const everySnippet = documented.flatMap(({ snippets }) => snippets)

describe("Every page", () => {
  const files = writeSnippets("pages", everySnippet)
  let outcomes: ReadonlyArray<SnippetOutcome> = []
  beforeAll(async () => {
    outcomes = await runSnippets(files)
  }, 600_000)

  it.each(everySnippet.map((snippet, index) => ({ ...snippet, snippet, file: files[index]! })))(
    "$page: the snippet at line $line runs and prints what it says",
    ({ file, snippet }) => {
      expect(problemsOf(snippet, outcomes.find((outcome) => outcome.file === file))).toEqual([])
    }
  )
})

describe("All snippets", () => {
  it("there are some, in the guides and in the theory", () => {
    expect(documented.filter(({ page }) => page.startsWith("docs/theory/")).length).toBeGreaterThanOrEqual(10)
    expect(documented.filter(({ page }) => page.startsWith("docs/guide/")).length).toBeGreaterThanOrEqual(1)
  })

  // One start of the compiler for all: what is wrong on purpose shows that it looks.
  it("have no type errors, and none is missed", async () => {
    const wrong: Snippet = { page: "wrong.md", line: 1, source: "import { sigmoid } from \"decision-sampling/theory\"\nsigmoid(\"0\")" }
    const right: Snippet = { page: "right.md", line: 1, source: "import { sigmoid } from \"decision-sampling/theory\"\nsigmoid(0)" }
    const errors = (await typeErrorsOf(writeSnippets("all", [wrong, right, ...everySnippet]))).split("\n").filter((line) => line !== "")
    expect(errors).toEqual([expect.stringMatching(/wrong\.md-1\.mts.*TS2345/)])
  })

  it("are closed fences: a page with an open one would hide what follows", () => {
    expect(pages.filter((page) => (readPage(page).match(/^[ \t]*```/gm) ?? []).length % 2 !== 0)).toEqual([])
  })
})

describe("The runner of snippets", () => {
  const allProblems = async (name: string, sources: ReadonlyArray<string>) => {
    const snippets: ReadonlyArray<Snippet> = sources.map((source, k) => ({ page: `page-${k}.md`, line: 7, source }))
    const files = writeSnippets(name, snippets)
    const outcomes = await runSnippets(files)
    return snippets.map((snippet, k) => problemsOf(snippet, outcomes.find(({ file }) => file === files[k])))
  }
  const problems = async (name: string, source: string) => (await allProblems(name, [source]))[0]

  it("finds fences with their lines, indented ones too, and no other language's", () => {
    const markdown = "text\n```ts\nconst a = 1\n```\n```sh\nls\n```\n- item\n\n  ```ts\n  if (a) {\n    b()\n  }\n  ```\n```tsx\n```\n"
    expect(snippetsOf("page.md", markdown)).toEqual([
      { page: "page.md", line: 3, source: "const a = 1\n" },
      { page: "page.md", line: 11, source: "if (a) {\n  b()\n}\n" }
    ])
  })

  it("fails on a wrong promise, with the page's line and both values", async () => {
    expect(await problems("wrong", "const two: number = 2\nconsole.log(two) // => 3\nconsole.log(two) // => 2")).toEqual([
      "page-0.md:8: printed 2, the page says 3"
    ])
  })

  it("fails on an exception, an assertion, a missing export and an early exit", async () => {
    const [throws, asserts, exits, missing, sound] = await allProblems("failing", [
      "throw new Error(\"boom\")",
      "import assert from \"node:assert\"\nassert.equal(1, 2)",
      "process.exit(0)",
      "import { nothingSuch } from \"decision-sampling/theory\"\nnothingSuch()",
      "console.log(1) // => 1"
    ])
    expect(throws![0]).toContain("page-0.md:7: Error: boom")
    expect(asserts![0]).toContain("AssertionError")
    expect(exits).toEqual(["page-2.md:7: did not finish"])
    // The rest runs nevertheless.
    expect(missing![0]).toContain("nothingSuch")
    expect(sound).toEqual([])
  })

  it("accepts arrays, several values, calls over several lines, and output that begins as promised", async () => {
    const source = [
      "console.log([1, 2], \"and\", { a: 1 }) // => [ 1, 2 ] and { a: 1 }",
      "console.log(",
      "  Float64Array.of(1, 2)",
      ") // => Float64Array(2) [ 1, 2 ]",
      "console.log(Math.PI) // => 3.1415…",
      "console.log(Array.from({ length: 30 }, (_, i) => i)) // => [ 0, 1, 2, 3, 4, 5, 6, 7, 8, …",
      "console.log(\"unchecked\")"
    ].join("\n")
    expect(await problems("kept", source)).toEqual([])
  })

  it("reports the promise's own line, and refuses one that no console.log keeps", () => {
    expect(withReports("console.log(\n  1\n) // => 1")).toBe("reportSnippetLine(3, \"1\", \n  1\n) ")
    expect(() => withReports("const a = 1 // => 1")).toThrow("belongs to no console.log")
    expect(isKept(shown(1, "3.14…", [3.15]))).toBe(false)
  })
})
