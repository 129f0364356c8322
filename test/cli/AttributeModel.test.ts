import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { ModelAttribution } from "../../src/cli/attribute/AttributeModel.ts"
import { readCheckpoint } from "../support/PretrainedFixture.ts"

const program = fileURLToPath(new URL("../../bin/decision-sampling.mjs", import.meta.url))
const pathOf = (name: string): string => fileURLToPath(new URL(`../fixtures/pretrained/${name}`, import.meta.url))
const run = (...args: ReadonlyArray<string>) => spawnSync(process.execPath, [program, "attribute", ...args], { encoding: "utf8" })
const report = (...args: ReadonlyArray<string>): ModelAttribution => {
  const { stderr, stdout } = run("--json", "--products", "simd", ...args)
  if (stdout === "") throw new Error(stderr)
  return JSON.parse(stdout) as ModelAttribution
}

let folder = ""
const write = (name: string, rows: ReadonlyArray<unknown>): string => {
  const file = join(folder, name)
  writeFileSync(file, rows.map((row) => JSON.stringify(row)).join("\n"))
  return file
}
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "attribute-model-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const { batch, gradient } = readCheckpoint("llama")
/** The golden batch: of each row the first half of what follows the first token is an answer, the rest a decision. */
const goldenRows = batch.tokens.map((tokens, row) => {
  const length = batch.lengths[row]!
  const middle = Math.floor(length / 2)
  return {
    tokens: tokens.slice(0, length),
    promptLength: 1,
    spans: [{ kind: "sample", start: 1, end: middle, answer: "1" }, { kind: "decision", start: middle, end: length, action: "STOP" }],
    score: row
  }
})
const TEXTS = [
  { prompt: "2 * 3", response: "It is 6. The answer is 6.", answer: "6" },
  { prompt: "2 * 4", response: "The answer is 9.\nWait, I made a mistake. The answer is 7.", answer: "8" }
]

describe("attribute --model", () => {
  it("splits the gradient that transformers computes: its parts by sampling and deciding add up to the golden one's length", () => {
    // A text that ends in the middle is none, so the token that ends texts stands for another.
    const rows = goldenRows.map((row) => ({
      ...row,
      tokens: row.tokens.map((token, t) => (token === 2 && t < row.tokens.length - 1 ? -1 : token))
    }))
    expect(rows.some(({ tokens }) => tokens.includes(-1))).toBe(false)
    const { objectives, parameterCount, scored } = report(
      "--model",
      pathOf("llama"),
      "--parameters",
      "all",
      "--positions",
      "64",
      write("ids.jsonl", rows)
    )
    const { cosine, normDecision, normSampling, tokensDecision, tokensSampling } = objectives["nll"]!
    const square = normSampling ** 2 + normDecision ** 2 + 2 * cosine! * normSampling * normDecision
    const golden = gradient.reduce((sum, value) => sum + value * value, 0)
    expect(Math.abs(square / golden - 1)).toBeLessThan(1e-4)
    expect([parameterCount, scored, tokensSampling + tokensDecision]).toEqual([
      gradient.length,
      2,
      batch.lengths[0]! + batch.lengths[1]! - 2
    ])
    expect(Object.keys(objectives)).toEqual(["nll", "dft", "surrogate"])
  }, 60_000)

  it("reads transcripts by the model's own words, grades them, and holds on to a reference", () => {
    const file = write("texts.jsonl", [...TEXTS, { prompt: "x".repeat(3000), response: "The answer is 1.", answer: "1" }])
    const found = report("--model", pathOf("qwen3"), "--reference", pathOf("qwen3"), "--rank", "2", "--positions", "120", file)
    expect([found.rows, found.scored, found.badRows.map(({ line }) => line)]).toEqual([2, 2, [3]])
    expect(found.objectives["surrogate"]!.tokensDecision).toBeGreaterThan(2)
    // The model is its own reference: k2 and k3 in the loss and any KL in the reward push nothing but rounding, k1 in the loss is NLL turned around.
    for (const name of ["kl-loss-k2", "kl-loss-k3", "kl-reward-k1", "kl-reward-k2", "kl-reward-k3"]) {
      const { normDecision, normSampling } = found.objectives[name]!
      expect([name, normSampling < 1e-5, normDecision < 1e-5]).toEqual([name, true, true])
    }
    expect(found.objectives["kl-loss-k1"]!.normSampling).toBeCloseTo(found.objectives["nll"]!.normSampling, 5)
    expect(found.lacking).toEqual({})
  }, 60_000)

  it("says in words what it measured and why objectives are missing", () => {
    const { stdout } = run("--model", pathOf("llama-tied"), "--positions", "120", write("equal.jsonl", [TEXTS[0], TEXTS[0]]))
    expect(stdout).toMatch(/14848 parameters \(an adapter\), 2 rollouts/)
    expect(stdout).toMatch(/^nll +\d/m)
    expect(stdout).toMatch(/Missing: surrogate \(all rows have the\s+score 1\)/)
    expect(stdout).toMatch(/no reference\s+model\s+\(--reference\)/)
  }, 60_000)

  it("refuses a file without a row that can be used, ids that are no tokens, and a path without a model", () => {
    const wrong = write("wrong.jsonl", [{ tokens: [1, 999], promptLength: 1, spans: [{ kind: "sample", start: 1, end: 2 }] }])
    expect(run("--model", pathOf("llama"), "--positions", "64", wrong).stderr).toMatch(
      /line 1: tokens\[1\] is 999, and the model has 288 tokens/
    )
    const outside = write("outside.jsonl", [{ tokens: [1, 2], promptLength: 1, spans: [{ kind: "sample", start: 0, end: 2 }] }])
    expect(run("--model", pathOf("llama"), "--positions", "64", outside).stderr).toMatch(/spans\[0\] goes from 0 to 2: spans lie in order/)
    expect(run("--model", join(folder, "nothing"), wrong).stderr).toMatch(/nothing/)
    expect(run("--model", pathOf("llama"), "-").stderr).toMatch(/standard input cannot be read twice/)
  }, 60_000)

  it("lists rows that cannot be used beside those that can, and takes equal scores for equal", () => {
    const row = {
      tokens: [5, 6, 7, 8, 9, 10, 11, 12],
      promptLength: 2,
      spans: [{ kind: "sample", start: 2, end: 5 }, { kind: "decision", start: 5, end: 8, action: "STOP" }],
      score: 0.1
    }
    const file = write("odd.jsonl", [
      row,
      row,
      // Of these three scores the mean is not 0.1.
      row,
      { ...row, tokens: [5, 6, 7, 2, 9, 10, 11, 12] },
      { ...row, tokens: [5, 6, 7, 8.5, 9, 10, 11, 12] },
      { ...row, spans: [{ kind: "decision", start: 2, end: 8 }] },
      null
    ])
    const found = report("--model", pathOf("llama"), "--rank", "2", file)
    expect(found.lacking["surrogate"]).toBe("all rows have the score 0.1")
    expect([found.rows, found.badRows.map(({ line, reason }) => [line, reason])]).toEqual([3, [
      [4, "token 1 of the response is 2, which ends a sequence, and 4 more follow"],
      [5, "Expected an integer at [\"tokens\"][3]"],
      [6, "Missing key at [\"spans\"][0][\"action\"]"],
      [7, "neither a row of token ids nor a transcript of a known format"]
    ]])
    const huge = write("huge.jsonl", [{ ...row, score: 1e308 }, { ...row, score: -1.7e308 }])
    expect(report("--model", pathOf("llama"), "--rank", "2", huge).lacking["surrogate"]).toMatch(/score of line 1 is 1e\+308, beyond/)
  }, 60_000)

  it("takes a response that brings its own end of text, and says nothing of an angle with nothing", () => {
    const spelt = write("spelt.jsonl", TEXTS.map((row) => ({ ...row, response: `${row.response}<|im_end|>` })))
    const [plain, ended] = [write("plain.jsonl", TEXTS), spelt].map((file) => report("--model", pathOf("llama"), "--rank", "2", file))
    expect(ended).toEqual(plain)
    const tokens = [5, 6, 7, 8]
    const undecided = write("undecided.jsonl", [{ tokens, promptLength: 1, spans: [{ kind: "sample", start: 1, end: 4 }] }])
    expect(run("--model", pathOf("llama"), undecided).stdout).toMatch(/^nll +[\d.]+ +0\.00 +– +– /m)
  }, 60_000)

  it("refuses a reference with other tokens, and flags that make no sense or are not heeded", () => {
    const file = write("golden.jsonl", goldenRows)
    const refused = (...args: ReadonlyArray<string>): string => run("--model", pathOf("llama"), ...args, file).stderr
    expect(refused("--reference", pathOf("llama-tied"))).toMatch(/token 277 is "28" there and "et" in the reference/)
    expect(refused("--rank", "0")).toMatch(/rank is 0; expected a whole number from 1 to 32/)
    expect(refused("--rank", "1000000000")).toMatch(/rank is 1000000000; expected/)
    expect(refused("--workers", "0")).toMatch(/--workers is 0; expected a whole number from 1/)
    expect(refused("--workers", "100000")).toMatch(/--workers is 100000; expected/)
    expect(refused("--beta", "-1")).toMatch(/--beta is -1; expected/)
    expect(refused("--tables")).toMatch(/--tables is given; expected no such flag with --model/)
    expect(run("--reference", pathOf("llama"), file).stderr).toMatch(/--reference is given; expected --model/)
  }, 60_000)
})
