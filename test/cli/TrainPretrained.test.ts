import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const program = fileURLToPath(new URL("../../bin/decision-sampling.mjs", import.meta.url))
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

const train = (trainer: string, out: string, settings: object, ...flags: ReadonlyArray<string>) => {
  const config = join(folder, `${trainer}.json`)
  writeFileSync(config, JSON.stringify({ ...common, ...settings }))
  const { status, stderr } = spawnSync(
    process.execPath,
    [program, "train", trainer, "--products", "simd", "--config", config, "--out", join(folder, out), ...flags],
    { encoding: "utf8" }
  )
  if (status !== 0) throw new Error(stderr)
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
      attributionEvery: 1
    })
    const [row] = metricsOf("reinforced")
    for (const part of ["total", "surrogate", "kl-k3"]) expect(row![`attribution/${part}/norm_sampling`]).toBeTypeOf("number")
    expect(row!["attribution/total/tokens_sampling"]).toBeGreaterThan(0)
    expect(row!["completions/max_length"]).toBeLessThanOrEqual(10)
    expect(row!["completions/max_length"]).toBeGreaterThan(0)
    expect(row!["reward"]).toBe(0)
  }, 120_000)
})
