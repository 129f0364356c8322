import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { examplesOfKinds } from "../../src/cli/calibrate/Page.ts"
import { escapeHtml } from "../../src/eval/report/Html.ts"
import { TRANSCRIPT_KINDS } from "../../src/eval/transcripts/TranscriptKinds.ts"
import { defaultReader } from "../../src/eval/transcripts/Reader.ts"
import { HOSTILE } from "../support/SyntheticResults.ts"
import { runProgram } from "../support/WarmProgram.ts"

const again = "Wait, that is wrong."
const row = (id: string, response: string, more: object = {}) => ({ id, prompt: "What is 2 * 3?", answer: "6", response, ...more })
const rows = [
  row("kept", "The answer is 5."),
  row("right", `${HOSTILE} The answer is 6.`),
  row("mended", `The answer is 5. ${again} The answer is 6.`),
  row("spoiled", `The answer is 6. ${again} The answer is 5.`),
  row("echo", `The answer is 5. ${again} The answer is 5.`),
  row("exchanged", `The answer is 5. ${again} The answer is 7.`),
  row("anew", `The answer is 6. ${again} The answer is 6.0.`),
  row("cut", `The answer is 5. ${again}`),
  row("none", "I do not know."),
  row("second mended", `The answer is 7. ${again} The answer is 6.`),
  { id: "unknown", prompt: "Why?", response: "The answer is 5." }
]
const KINDS: Readonly<Record<string, string>> = {
  mended: "a wrong answer mended",
  spoiled: "a right answer spoiled",
  echo: "the same answer again",
  exchanged: "a wrong answer exchanged for another wrong one",
  right: "right at once",
  kept: "wrong, and kept",
  cut: "cut off",
  none: "no answer found",
  unknown: "no usable reference"
}

let folder = ""
let file = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-page-"))
  file = join(folder, "rows.jsonl")
  writeFileSync(file, rows.map((each) => `${JSON.stringify(each)}\n`).join(""))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

describe("calibrate --page", () => {
  it("finds the first response of each kind, in one order", async () => {
    const found = await Effect.runPromise(examplesOfKinds([file], defaultReader, {}))
    const kinds = Object.fromEntries(found.map(({ kind, row: { id } }) => [id, kind]))
    for (const [id, kind] of Object.entries(KINDS)) expect([id, kinds[id]]).toEqual([id, kind])
    expect(kinds).not.toHaveProperty("second mended")
    const order = found.map(({ kind }) => TRANSCRIPT_KINDS.findIndex((name) => name === kind))
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(await Effect.runPromise(examplesOfKinds(["-"], defaultReader, {}))).toEqual([])
  })

  it("writes the page with findings first and transcripts marked; a model's text stays text", () => {
    const out = join(folder, "page.html")
    const { status, stdout } = runProgram(["calibrate", file, "--rounds", "20", "--page", out, "--json"])
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toHaveProperty("findings")
    const page = readFileSync(out, "utf8")
    expect(page.indexOf(`class="first"`)).toBeLessThan(page.indexOf(`<section id="transcripts"`))
    expect(page).toContain(`<summary>a wrong answer mended</summary>`)
    expect(page).toMatch(/<u class="marker">Wait/)
    expect(page).toContain(`RESAMPLE on a wrong answer`)
    expect(page).toContain(escapeHtml(HOSTILE))
    expect(page).not.toContain("<script")
  })

  it("bounds what it shows of a long text, and keeps its answers", () => {
    const long = join(folder, "long.jsonl")
    const text = `${"word ".repeat(100_000)}The answer is 5. ${again} ${"word ".repeat(100_000)}The answer is 6.`
    writeFileSync(long, `${JSON.stringify(row("long", text))}\n`)
    const out = join(folder, "long.html")
    expect(runProgram(["calibrate", long, "--rounds", "20", "--page", out]).status).toBe(0)
    const page = readFileSync(out, "utf8")
    expect(page.slice(page.indexOf(`<section id="transcripts"`)).length).toBeLessThan(60_000)
    expect(page).toMatch(/\[…[\d,]+ characters left out…\]/)
    expect(page.match(/<mark class="candidate (?:right|wrong)" title/g)).toHaveLength(2)
  })

  it("refuses before it reads: a name of another kind, a folder that is none, --explain beside it", () => {
    for (
      const [args, message] of [
        [["--page", join(folder, "page.pdf")], /--page.*\.html/],
        [["--page", join(file, "page.html")], /page\.html/],
        [["--page", join(folder, "other.html"), "--explain", "1"], /--page.*no --explain/]
      ] as const
    ) {
      const { status, stderr } = runProgram(["calibrate", file, ...args])
      expect(status).toBe(1)
      expect(stderr).toMatch(message)
    }
    expect(existsSync(join(folder, "other.html"))).toBe(false)
  })
})
