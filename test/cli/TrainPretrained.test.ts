import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { RolloutRow } from "../../src/domain/Group.ts"
import { runProgram } from "../support/WarmProgram.ts"

const model = {
  _tag: "Pretrained",
  path: fileURLToPath(new URL("../fixtures/pretrained/llama", import.meta.url)),
  positions: 128,
  trains: { _tag: "Adapter", rank: 2, alpha: 4 }
}
const common = {
  seed: 1,
  checkpointEvery: 1,
  task: { _tag: "Multiplication", radix: 10, levels: ["1x1"] },
  model,
  schedule: { peak: 0.01, warmup: 0, decay: "constant", floor: 1, total: 0 },
  attributionEvery: 2
}

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "train-pretrained-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const tryTrain = (trainer: string, out: string, settings: object, ...flags: ReadonlyArray<string>) => {
  const config = join(folder, `${trainer}.json`)
  writeFileSync(config, JSON.stringify({ ...common, ...settings }))
  return runProgram(["train", trainer, "--products", "simd", "--config", config, "--out", join(folder, out), ...flags])
}
const train = (...args: Parameters<typeof tryTrain>): string => {
  const { status, stderr } = tryTrain(...args)
  if (status !== 0) throw new Error(stderr)
  return stderr
}
/** The same model with room for demonstrations of several attempts, which are long for a tokenizer of letters. */
const roomy = () => {
  const path = join(folder, "roomy")
  cpSync(model.path, path, { recursive: true })
  const config = JSON.parse(readFileSync(join(path, "config.json"), "utf8")) as object
  writeFileSync(join(path, "config.json"), JSON.stringify({ ...config, max_position_embeddings: 600 }))
  return { ...model, path, positions: 600 }
}
const metricsOf = (out: string) =>
  readFileSync(join(folder, out, "metrics.jsonl"), "utf8").trim().split("\n").map((line) =>
    JSON.parse(line) as Readonly<Record<string, number>>
  )

describe("train with a pretrained language model", () => {
  it("fine-tunes an adapter on text, attributes its gradient, and 2 + 2 steps are 4 steps, bit for bit", () => {
    const settings = (steps: number) => ({ steps, batchSize: 2, demonstrations: { kind: "none", slip: 0 } })
    train("sft", "whole", settings(4))
    train("sft", "parted", settings(2))
    train("sft", "parted", settings(4), "--resume")
    const checkpoint = (out: string) => readFileSync(join(folder, out, "step-00000004.checkpoint"))
    expect(checkpoint("parted").equals(checkpoint("whole"))).toBe(true)
    const rows = metricsOf("whole")
    expect(rows).toHaveLength(4)
    expect(rows[3]!["loss"]!).toBeLessThan(rows[0]!["loss"]!)
    expect(rows[0]!["attribution/total/norm_sampling"]).toBeGreaterThan(0)
    expect(rows[0]!["attribution/total/norm_decision"]).toBeGreaterThan(0)
  }, 120_000)

  it("reinforces it: groups of rollouts are sampled, read, graded and learnt from", () => {
    train("grpo", "reinforced", {
      steps: 1,
      queries: 2,
      groupSize: 2,
      maxTokens: 10,
      kl: { _tag: "InLoss", beta: 0.01, estimator: "k3" },
      attributionEvery: 1,
      rolloutsEvery: 1
    })
    const [row] = metricsOf("reinforced")
    const logged = readFileSync(join(folder, "reinforced", "rollouts", "step-000001.jsonl"), "utf8").trim().split("\n").map((line) =>
      JSON.parse(line) as RolloutRow
    )
    expect(logged.map(({ score, step }) => [score, step])).toEqual([[0, 1], [0, 1], [0, 1], [0, 1]])
    for (const { completion, logprobs, pieces, promptLength, tokens } of logged) {
      expect(pieces!.join("")).toBe(completion)
      expect([pieces!.length, logprobs.length]).toEqual([tokens.length - promptLength, tokens.length])
    }
    for (const part of ["total", "surrogate", "kl-k3"]) expect(row![`attribution/${part}/norm_sampling`]).toBeTypeOf("number")
    expect(row!["attribution/total/tokens_sampling"]).toBeGreaterThan(0)
    expect(row!["completions/max_length"]).toBeLessThanOrEqual(10)
    expect(row!["completions/max_length"]).toBeGreaterThan(0)
    expect(row!["reward"]).toBe(0)
  }, 120_000)

  it("says before it reads the model what memory that takes, and refuses what the model cannot take, by its file or setting", () => {
    const attempt = (change: object): { readonly status: number | null; readonly stderr: string } => {
      const config = join(folder, "refused.json")
      const settings = { steps: 1, batchSize: 1, demonstrations: { kind: "none", slip: 0 }, model: { ...model, ...change } }
      writeFileSync(config, JSON.stringify({ ...common, ...settings }))
      const out = mkdtempSync(join(folder, "out-"))
      const { status, stderr } = runProgram(["train", "sft", "--products", "simd", "--config", config, "--out", out])
      return { status, stderr }
    }
    expect(attempt({})).toEqual({
      status: 0,
      stderr: expect.stringMatching(/memory +\d+:\d\d about \d\.\d\d GB of \d+\.\d\d GB free: weights/)
    })
    const refusal = (change: object): string => {
      const { status, stderr } = attempt(change)
      expect(status).not.toBe(0)
      return stderr.split("\n").find((line) => line.startsWith("decision-sampling: ")) ?? stderr
    }
    expect(refusal({ positions: 12 })).toMatch(
      /model is one that cannot take the task's texts; expected tokens and room for "Calculate.*may have 12 \(model\.positions\)/
    )
    expect(refusal({ adapter: "/nowhere" })).toMatch(
      /\/nowhere: there is no such file; expected a folder of adapter_config\.json and adapter_model/
    )
    expect(refusal({ adapter: model.path })).toMatch(/adapter_config\.json: there is no such file.*name it as the model/)
  }, 120_000)

  it("fine-tunes on problems of a file with corrections as context, and goes on with the same file alone", () => {
    const file = join(folder, "problems.jsonl")
    const problems = [
      { question: "How many are 3 and 4?", answer: "3+4 = <<3+4=7>>7.\n#### 7" },
      { question: "How many are 5 and 4?", answer: "5+4 = <<5+4=9>>9.\n#### 9" },
      // It takes an answer of its own back: no demonstration.
      { question: "How many are 5 and 5?", answer: "The answer is 11. Wait, that is wrong.\nThe answer is 10.\n#### 10" }
    ]
    writeFileSync(file, problems.map((row) => JSON.stringify(row)).join("\n"))
    const settings = (steps: number) => ({
      steps,
      batchSize: 4,
      task: { _tag: "Problems", file, test: file },
      model: roomy(),
      demonstrations: { kind: "corrections", slip: 0, rate: 1, wrong: 2, wrongAttempts: "context" }
    })
    expect(train("sft", "problems", settings(2))).toMatch(/1 of 3 are not read as one attempt and make no demonstrations; the first is 3/)
    expect(metricsOf("problems")).toHaveLength(2)
    writeFileSync(file, problems.slice(0, 2).map((row) => JSON.stringify(row)).join("\n"))
    expect(tryTrain("sft", "problems", settings(3), "--resume").stderr).toMatch(/problemsDigest/)
    writeFileSync(file, JSON.stringify({ prompt: "x".repeat(700), answer: "1" }))
    expect(tryTrain("sft", "long", settings(1)).stderr).toMatch(/prompt and response together may have 600/)
  }, 120_000)

  it("takes expert demonstrations from what the start model wrote, with its working", () => {
    const own = { model: roomy(), batchSize: 2, steps: 1 }
    train("sft", "start", { ...own, demonstrations: { kind: "none", slip: 0 } })
    const start = join(folder, "start", "step-00000001.checkpoint")
    const expert = { kind: "expert", problems: 10, answers: 6, maxTokens: 80 }
    train("dft", "expert", { ...own, start, demonstrations: expert })
    // As many numbers, of an adapter of another scale.
    const scaled = { ...own, model: { ...own.model, trains: { _tag: "Adapter", rank: 2, alpha: 64 } } }
    expect(tryTrain("sft", "scaled", { ...scaled, start, demonstrations: { kind: "none", slip: 0 } }).stderr).toMatch(
      /model\.trains\.alpha .* whose numbers mean something else otherwise/
    )
    expect(metricsOf("expert")[0]!["loss"]).toBeDefined()
  }, 120_000)
})
