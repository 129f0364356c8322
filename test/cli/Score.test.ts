import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readCheckpoint } from "../support/PretrainedFixture.ts"
import { runProgram } from "../support/WarmProgram.ts"

const model = fileURLToPath(new URL("../fixtures/pretrained/llama", import.meta.url))
const run = (...args: ReadonlyArray<string>) => runProgram([...args])
const linesOf = (file: string) =>
  readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "score-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe("decision-sampling score", () => {
  it("adds the log-probabilities that transformers gives the golden batch, and keeps the rows' own fields", () => {
    const { batch, logProbs } = readCheckpoint("llama")
    const [file, out] = [join(folder, "ids.jsonl"), join(folder, "scored.jsonl")]
    const rows = batch.tokens.map((tokens, row) => ({
      id: `row ${row}`,
      tokens: tokens.slice(0, batch.lengths[row]),
      promptLength: 1,
      spans: [{ kind: "sample", start: 1, end: 5 }, { kind: "decision", start: 5, end: 7, action: "STOP" }],
      score: row
    }))
    writeFileSync(file, rows.map((row) => JSON.stringify(row)).join("\n"))
    const { status, stderr, stdout } = run("score", "--model", model, "--positions", "64", "--products", "simd", "--out", out, file)
    expect([status, stderr]).toEqual([0, ""])
    expect(stdout).toContain("2 rows with logprobs")
    linesOf(out).forEach((line, row) => {
      expect(line).toMatchObject({ id: `row ${row}`, promptLength: 1, score: row, tokens: rows[row]!.tokens })
      const scored = line["logprobs"] as ReadonlyArray<number | null>
      expect(scored[0]).toBeNull()
      scored.slice(1).forEach((value, t) =>
        expect(Math.abs(value! - logProbs.values[row * batch.tokens[0]!.length + t + 1]!)).toBeLessThan(2e-5)
      )
    })
  }, 60_000)

  it("scores transcripts twice, as the policy and as the reference, so that attribute without a model reads both", () => {
    const [file, once, twice] = [join(folder, "texts.jsonl"), join(folder, "once.jsonl"), join(folder, "twice.jsonl")]
    const texts = [
      { prompt: "2 * 3", response: "It is 6. The answer is 6.", answer: "6" },
      { prompt: "2 * 4", response: "The answer is 9.\nWait, I made a mistake. The answer is 7.", answer: "8" }
    ]
    writeFileSync(file, texts.map((row) => JSON.stringify(row)).join("\n"))
    run("score", "--model", model, "--out", once, file)
    const { stderr } = run("score", "--model", model, "--as", "referenceLogprobs", "--out", twice, once)
    expect(stderr).toBe("")
    const [first] = linesOf(twice)
    expect(first).toMatchObject({ prompt: "2 * 3", answer: "6", score: 1 })
    expect(first!["ref_logprobs"]).toEqual(first!["logprobs"])
    const report = JSON.parse(run("attribute", "--json", twice).stdout) as { readonly rows: number }
    expect(report.rows).toBe(2)
  }, 60_000)

  it("overwrites nothing, and leaves nothing where it could not score", () => {
    const [file, out] = [join(folder, "one.jsonl"), join(folder, "none.jsonl")]
    writeFileSync(file, JSON.stringify({ tokens: [1, 999], promptLength: 1, spans: [{ kind: "sample", start: 1, end: 2 }] }))
    expect(run("score", "--model", model, "--out", out, file).stderr).toMatch(/line 1: tokens\[1\] is 999/)
    expect(existsSync(out)).toBe(false)
    expect(run("score", "--model", model, "--out", file, file).stderr).toMatch(/it is there already/)
  }, 60_000)
})
