import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect } from "effect"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { ModelAttribution } from "../../src/cli/attribute/AttributeModel.ts"
import { type Subject, subjectOf } from "../../src/cli/TrainedRun.ts"
import { readCheckpoint } from "../support/PretrainedFixture.ts"
import { unwrapped } from "../support/Unwrapped.ts"
import { runProgram } from "../support/WarmProgram.ts"

const pathOf = (name: string): string => fileURLToPath(new URL(`../fixtures/pretrained/${name}`, import.meta.url))
const run = (...args: ReadonlyArray<string>) => runProgram(["attribute", ...args])
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
/** Twelve prompts, two rollouts of each. */
const promptRows = Array.from({ length: 24 }, (_, row) => {
  const length = 9 + (row % 5)
  const middle = 5 + (row % 3)
  return {
    tokens: [
      10 + Math.floor(row / 2),
      20,
      ...Array.from({ length: length - 2 }, (_, t) => 5 + ((row * row * 13 + 31 * t * t + row * t) % 250))
    ],
    promptLength: 2,
    spans: [{ kind: "sample", start: 2, end: middle, answer: "1" }, { kind: "decision", start: middle, end: length, action: "STOP" }],
    score: row % 3 === 0 ? 0 : 1
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
    expect(unwrapped(stdout)).toMatch(/14848 parameters \(an adapter\), 2 rollouts/)
    expect(stdout).toMatch(/^nll +\d/m)
    expect(unwrapped(stdout)).toMatch(/Missing: surrogate \(all rows have the score 1\)/)
    expect(unwrapped(stdout)).toMatch(/no reference model \(--reference\)/)
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
    const foreign = refused("--reference", pathOf("llama-tied"))
    expect(foreign).toMatch(/token 277 is "28" there and "et" in the reference/)
    // It is there beside the model, and its memory is counted too.
    expect(foreign).toMatch(/^memory +0:\d\d about .*\n(?:.*\n)*memory of the reference +0:\d\d about /m)
    expect(refused("--rank", "0")).toMatch(/rank is 0; expected a whole number from 1 to 32/)
    expect(refused("--rank", "1000000000")).toMatch(/rank is 1000000000; expected/)
    expect(refused("--workers", "0")).toMatch(/--workers is 0; expected a whole number from 1/)
    expect(refused("--workers", "100000")).toMatch(/--workers is 100000; expected/)
    expect(refused("--beta", "-1")).toMatch(/--beta is -1; expected/)
    expect(refused("--tables")).toMatch(/--tables is given; expected no such flag with --model/)
    expect(run("--reference", pathOf("llama"), file).stderr).toMatch(/--reference is given; expected --model or --checkpoint beside it/)
  }, 60_000)

  it(
    "gives intervals over prompts, norms by layer and kind, per token and action, and draws them; the last block alone is the layer's",
    () => {
      const file = write("prompts.jsonl", promptRows)
      const [svg, page] = [join(folder, "norms.svg"), join(folder, "norms.html")]
      const whole = report("--model", pathOf("llama"), "--rank", "2", "--bootstrap", "200", "--seed", "3", "--figure", svg, file)
      expect(whole.resampling).toEqual({ rounds: 200, seed: 3, prompts: 12, clusters: 12, sketch: 1856, of: 1856, sketchError: 0 })
      for (const objective of Object.values(whole.objectives)) {
        const { cosine, decision, expected, intervals, layers, normDecision, normSampling, sampling, weights } = objective
        for (
          const [value, interval] of [[normSampling, intervals!.normSampling], [normDecision, intervals!.normDecision], [
            cosine!,
            intervals!.cosine
          ]] as const
        ) {
          expect(interval![0]).toBeLessThan(value)
          expect(interval![1]).toBeGreaterThan(value)
        }
        expect(expected!.normSampling!).toBeLessThan(normSampling)
        const all = sampling.tokens + decision.tokens
        expect(sampling.perToken! * sampling.tokens).toBeCloseTo(normSampling * all, 9)
        expect(decision.perAction! * decision.actions).toBeCloseTo(normDecision * all, 9)
        expect([sampling.actions, decision.actions]).toEqual([24, 24])
        for (const shares of [layers, weights]) {
          expect(shares.reduce((sum, { shareSampling }) => sum + shareSampling!, 0)).toBeCloseTo(1, 9)
          expect(shares.reduce((sum, { shareDecision }) => sum + shareDecision!, 0)).toBeCloseTo(1, 9)
        }
      }
      expect(readFileSync(svg, "utf8")).toMatch(/^<svg role="img" aria-label="Gradient attribution of .*nll: the sampling part is/)
      const last = report(
        "--model",
        pathOf("llama"),
        "--rank",
        "2",
        "--bootstrap",
        "0",
        "--layers",
        "last:1",
        "--objectives",
        "dft",
        "--figure",
        page,
        file
      )
      expect([Object.keys(last.objectives), last.lacking]).toEqual([["dft"], {}])
      expect(readFileSync(page, "utf8")).toMatch(/<h1>Gradient attribution<\/h1>/)
      expect([last.approximation, last.parameterCount, last.resampling]).toEqual([{ layers: 1, of: 2 }, 928, undefined])
      expect(last.objectives["dft"]!.normSampling).toBeCloseTo(whole.objectives["dft"]!.layers[1]!.normSampling, 8)
      const text = run("--model", pathOf("llama"), "--rank", "2", "--layers", "last:1", "--by", "layer,weight", file).stdout
      expect(unwrapped(text)).toMatch(/the last 1 of 2 blocks: an approximation of the gradient over all/)
      expect(text).toMatch(/^nll by weight /m)
      expect(text).toMatch(/^expected +\|E g_S\|/m)
    },
    120_000
  )

  it("computes the same bits with two threads", () => {
    const file = write("prompts.jsonl", promptRows)
    const [one, two] = ["1", "2"].map((workers) => report("--model", pathOf("llama"), "--rank", "2", "--workers", workers, file))
    expect(two).toEqual(one)
  }, 60_000)

  it("says why there are no intervals, and standardises advantages anew in each resample", () => {
    const few = report("--model", pathOf("llama"), "--rank", "2", write("few.jsonl", promptRows.slice(0, 8)))
    expect([few.noIntervals, few.resampling]).toEqual(["4 different prompts, and intervals need 10", undefined])
    expect(few.objectives["nll"]!.signalSampling).toBeTypeOf("number")
    // One row alone is right, so a third of all resamples has no advantages.
    const one = report(
      "--model",
      pathOf("llama"),
      "--rank",
      "2",
      write("one.jsonl", promptRows.map((row, i) => ({ ...row, score: i === 0 ? 1 : 0 })))
    )
    expect([one.objectives["surrogate"]!.intervals!.normSampling, one.objectives["nll"]!.intervals!.normSampling === null]).toEqual([
      null,
      false
    ])
  }, 60_000)

  it("counts rows whose ids, spans, prompt or score are none", () => {
    const [row] = promptRows
    const spans = (...edges: ReadonlyArray<readonly [number, number]>) => edges.map(([start, end]) => ({ kind: "sample", start, end }))
    const file = join(folder, "bad.jsonl")
    const bad = [
      { ...row, tokens: row!.tokens.map((token, t) => (t === 3 ? 288 : token)) },
      { ...row, spans: spans([2, 5], [4, 8]) },
      { ...row, promptLength: 99 },
      { ...row, promptLength: 0 },
      { ...row, tokens: row!.tokens.map((token, t) => (t === 3 ? -1 : token)) },
      { ...row, spans: spans([5, 5]) },
      { ...row, spans: [] },
      { ...row, score: "high" }
    ].map((each) => JSON.stringify(each))
    writeFileSync(
      file,
      [
        JSON.stringify(row),
        ...bad,
        JSON.stringify(row).replace("\"score\":0", "\"score\":NaN"),
        JSON.stringify(row).replace("\"score\":0", "\"score\":1e999")
      ].join("\n")
    )
    const found = report("--model", pathOf("llama"), "--rank", "2", file)
    expect([found.rows, found.badRows.map(({ line }) => line)]).toEqual([1, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]])
    expect(found.badRows.map(({ reason }) => reason).slice(0, 3)).toEqual([
      "tokens[3] is 288, and the model has 288 tokens",
      "spans[1] goes from 4 to 8: spans lie in order within the response, tokens 2 to 9",
      "promptLength is 99 of 9 tokens"
    ])
  }, 60_000)
})

describe("attribute and score --checkpoint", () => {
  const trainTiny = (out: string): string => {
    const config = join(folder, "sft.json")
    const settings = {
      seed: 1,
      steps: 2,
      checkpointEvery: 1,
      task: { _tag: "Multiplication", radix: 10, levels: ["1x1"] },
      model: { _tag: "Pretrained", path: pathOf("llama"), positions: 128, trains: { _tag: "Adapter", rank: 2, alpha: 4 } },
      schedule: { peak: 0.1, warmup: 0, decay: "constant", floor: 1, total: 0 },
      attributionEvery: 0,
      batchSize: 2,
      demonstrations: { kind: "none", slip: 0 }
    }
    writeFileSync(config, JSON.stringify(settings))
    const done = runProgram(["train", "sft", "--products", "simd", "--config", config, "--out", join(folder, out)])
    if (done.status !== 0) throw new Error(done.stderr)
    return join(folder, out)
  }

  it("takes what train made, with the base model as the reference", async () => {
    const [trained, file] = [trainTiny("run"), write("prompts.jsonl", promptRows)]
    const found = report("--checkpoint", trained, "--reference", pathOf("llama"), "--bootstrap", "0", file)
    expect(found).toMatchObject({
      model: pathOf("llama"),
      checkpoint: join(trained, "step-00000002.checkpoint"),
      parameters: "lora",
      parameterCount: 1856
    })
    expect(found.objectives["kl-loss-k3"]!.normSampling).toBeGreaterThan(1e-3)
    // An adapter that is not at its start moves by its A, too.
    expect(found.objectives["nll"]!.normSampling).not.toBe(
      report("--model", pathOf("llama"), "--rank", "2", "--bootstrap", "0", file).objectives["nll"]!.normSampling
    )
    const itself = report("--checkpoint", trained, "--reference", join(trained, "step-00000002.checkpoint"), "--bootstrap", "0", file)
    expect(itself.objectives["kl-loss-k2"]!.normSampling).toBeLessThan(1e-6)

    const score = (...args: ReadonlyArray<string>) => runProgram(["score", ...args])
    const [base, ours] = [join(folder, "base.jsonl"), join(folder, "ours.jsonl")]
    score("--model", pathOf("llama"), "--out", base, file)
    expect(score("--checkpoint", trained, "--out", ours, file).stdout).toMatch(/24 rows with logprobs of .*step-00000002\.checkpoint/)
    const [first, second] = [base, ours].map((each) =>
      (JSON.parse(readFileSync(each, "utf8").split("\n")[0]!) as { logprobs: ReadonlyArray<number> }).logprobs
    )
    expect(Math.abs(first![4]! - second![4]!)).toBeGreaterThan(1e-3)

    const refused = (asked: Partial<Subject>): Promise<string> =>
      Effect.runPromise(
        Effect.provide(
          Effect.map(Effect.flip(subjectOf({ model: undefined, checkpoint: trained, positions: undefined, ...asked })), ({ message }) =>
            message),
          NodeServices.layer
        )
      )
    expect(await refused({ parameters: "all" })).toMatch(/--parameters is all; expected lora, what this run trained/)
    expect(await refused({ rank: 16 })).toMatch(/--rank is 16; expected no rank: the checkpoint has its own/)
    expect(await refused({ model: pathOf("qwen3") })).toMatch(/of 1856 parameters; expected the \d+ that are trained of/)
    expect(await refused({ checkpoint: folder })).toMatch(/no checkpoint is in this folder/)
    expect(await refused({ checkpoint: join(folder, "nothing.checkpoint") })).toMatch(/Does the checkpoint exist/)
    expect(await refused({ checkpoint: undefined })).toMatch(/--model is missing; expected a model, or a run's --checkpoint/)
    const runFile = join(trained, "run.json")
    const settings = readFileSync(runFile, "utf8")
    writeFileSync(runFile, settings.replace("\"Pretrained\"", "\"Columns\""))
    expect(await refused({})).toMatch(/expected a run of a pretrained model/)
    writeFileSync(runFile, "{")
    expect(await refused({})).toMatch(/not the settings of a run/)
    rmSync(runFile)
    expect(await refused({ checkpoint: join(trained, "step-00000002.checkpoint") })).toMatch(/keep checkpoints in the folder of their run/)
  }, 180_000)

  it("refuses layers, views and figures that are none, before it measures", () => {
    const file = write("prompts.jsonl", promptRows)
    const refused = (...args: ReadonlyArray<string>): string => run("--model", pathOf("llama"), "--rank", "2", ...args, file).stderr
    expect(refused("--layers", "first:1")).toMatch(/--layers is "first:1"; expected all, or last:N/)
    expect(refused("--layers", "last:3")).toMatch(/--layers is last:3; expected last:N with N from 1 to 2/)
    expect(refused("--objectives", "nll,ppo")).toMatch(/--objectives is "nll,ppo"; expected names among nll, dft,/)
    expect(refused("--objectives", "kl-reward-k1")).toMatch(/one that has its inputs: kl-reward-k1 lacks no reference model/)
    expect(refused("--by", "head")).toMatch(/--by is "head"; expected layer, weight, or layer,weight/)
    expect(refused("--figure", "norms.png")).toMatch(/--figure is "norms.png"; expected a file whose name ends in .svg or .html/)
    expect(refused("--figure", join(file, "norms.svg"))).toMatch(/Is the folder writable/)
    expect(run("--by", "layer", file).stderr).toMatch(/--by is given; expected --model or --checkpoint beside it/)
  }, 120_000)
})
