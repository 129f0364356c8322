import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { llamaLayout } from "../../../src/model/architecture/LlamaConfig.ts"
import { openGguf } from "../../../src/model/pretrained/Gguf.ts"
import { type LoraWeights, mergeAdapter } from "../../../src/model/pretrained/LoraWeights.ts"
import { readPeftAdapter } from "../../../src/model/pretrained/PeftAdapter.ts"
import { openModel, type PretrainedModel } from "../../../src/model/pretrained/PretrainedModel.ts"
import { encode } from "../../../src/training/Checkpoint.ts"
import { checkpointName } from "../../../src/training/RunFolder.ts"
import { fromParameters } from "../../../src/training/TrainState.ts"
import { hashOf, PRETRAINED, run } from "../../support/PretrainedFiles.ts"
import { readCheckpoint } from "../../support/PretrainedFixture.ts"
import { runProgram } from "../../support/WarmProgram.ts"

const path = join(PRETRAINED, "llama")
const published = join(path, "golden", "adapter")
const model = run(openModel(path))
const { adapter: numbers } = readCheckpoint("llama")

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "export-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** The folder of a run that made these parameters. */
const runFolder = (name: string, spec: object, parameters?: Float32Array): string => {
  const target = join(folder, name)
  mkdirSync(target, { recursive: true })
  writeFileSync(join(target, "run.json"), JSON.stringify({ trainer: "sft", model: spec, noted: {} }))
  if (parameters !== undefined) {
    for (const [step, of] of [[3, new Float32Array(parameters.length)], [7, parameters]] as const) {
      writeFileSync(join(target, checkpointName(step)), encode({ ...fromParameters(of, 1), step }))
    }
  }
  return target
}
const adapterSpec = { _tag: "Pretrained", path, trains: { _tag: "Adapter", rank: 4, alpha: 8 } }
const command = (...args: ReadonlyArray<string>) => runProgram(args)
const exported = (...args: ReadonlyArray<string>) => {
  const { status, stderr, stdout } = command("model", "export", ...args)
  if (status !== 0) throw new Error(stderr)
  return stdout.trim()
}
const refusal = (...args: ReadonlyArray<string>): string => {
  const { status, stderr } = command("model", "export", ...args)
  expect(status).not.toBe(0)
  return stderr
}
const hashed = ({ parameters, ...size }: LoraWeights) => ({ ...size, parameters: hashOf(parameters) })
const weightsOf = (of: PretrainedModel) => llamaLayout(of.config).entries.map(({ name }) => run(of.readWeights(name)))
const apart = (left: ReadonlyArray<Float32Array>, right: ReadonlyArray<Float32Array>): number =>
  Math.max(...left.map((values, i) => values.reduce((most, value, k) => Math.max(most, Math.abs(value - right[i]![k]!)), 0)))

describe("model export", () => {
  it("writes a run's newest adapter for peft, for llama.cpp and merged, and an older one by its checkpoint", () => {
    const from = runFolder("adapter", adapterSpec, numbers)
    const out = (name: string) => join(folder, "out", name)
    expect(exported(from, "--as", "peft", "--out", out("peft"), "--base", "owner/name")).toBe(out("peft"))
    expect(hashed(run(readPeftAdapter(out("peft"), model)))).toEqual(hashed(run(readPeftAdapter(published, model))))
    expect(JSON.parse(readFileSync(join(out("peft"), "adapter_config.json"), "utf8"))).toMatchObject({
      base_model_name_or_path: "owner/name"
    })
    const written = JSON.parse(exported(from, "--as", "gguf", "--out", out("gguf"), "--json"))
    expect(written).toEqual({ path: join(out("gguf"), "adapter.gguf"), as: "gguf", model: path, step: 7, rank: 4, alpha: 8 })
    expect(run(openGguf(written.path)).tensors.size).toBe(28)
    exported(from, "--as", "merged", "--out", out("merged"))
    const merged = mergeAdapter(model, run(readPeftAdapter(published, model)))
    expect(apart(weightsOf(run(openModel(out("merged")))), weightsOf(merged))).toBe(0)
    exported(join(from, checkpointName(3)), "--as", "merged", "--out", out("older"))
    expect(apart(weightsOf(run(openModel(out("older")))), weightsOf(model))).toBe(0)
  }, 120_000)

  it("adds the adapter that the run's model had from the start, and merges a folder of peft", () => {
    const from = runFolder("continued", { ...adapterSpec, adapter: published }, numbers)
    const lora = run(readPeftAdapter(published, model))
    const twice = weightsOf(mergeAdapter(mergeAdapter(model, lora), lora))
    const [both, whole, alone] = ["both", "whole", "alone"].map((name) => join(folder, name)) as [string, string, string]
    exported(from, "--as", "peft", "--out", both)
    expect(run(readPeftAdapter(both, model)).rank).toBe(8)
    exported(both, "--model", path, "--as", "merged", "--out", alone)
    exported(from, "--as", "merged", "--out", whole)
    expect(apart(weightsOf(run(openModel(alone))), twice)).toBeLessThan(1e-6)
    expect(apart(weightsOf(run(openModel(whole))), twice)).toBeLessThan(1e-6)
  }, 120_000)

  it("writes all weights of a run that trained all, and has no adapter of it", () => {
    const { count } = llamaLayout(model.config)
    const parameters = Float32Array.from({ length: count }, (_, i) => Math.fround(Math.sin(i)))
    const from = runFolder("all", { _tag: "Pretrained", path, trains: { _tag: "Whole" } }, parameters)
    const out = join(folder, "all-out")
    exported(from, "--as", "merged", "--out", out)
    const all = new Float32Array(count)
    llamaLayout(model.config).entries.forEach(({ offset }, i) => all.set(weightsOf(run(openModel(out)))[i]!, offset))
    expect(hashOf(all)).toBe(hashOf(parameters))
    expect(refusal(from, "--as", "peft", "--out", join(folder, "none"))).toMatch(
      /--as is peft; expected merged: the run trained every weight/
    )
    expect(existsSync(join(folder, "none"))).toBe(false)
  }, 120_000)

  it("refuses what cannot be exported, and writes nothing then", () => {
    const out = join(folder, "refused")
    const form = ["--as", "peft", "--out", out]
    const from = runFolder("right", adapterSpec, numbers)
    expect(refusal(from, "--as", "peft", "--out", from)).toMatch(/holds run\.json|holds step|already/)
    expect(refusal(from, "--as", "peft", "--out", join(from, "run.json"))).toMatch(/run\.json/)
    expect(refusal(runFolder("empty", adapterSpec), ...form)).toMatch(/no checkpoint is in this folder/)
    expect(refusal(runFolder("columns", { _tag: "Columns" }, numbers), ...form)).toMatch(/a run of a pretrained model/)
    expect(refusal(join(folder, "nowhere"), ...form)).toMatch(/nowhere/)
    expect(refusal(published, ...form)).toMatch(/--model is missing/)
    expect(refusal(runFolder("sizes", adapterSpec, numbers.slice(1)), ...form)).toMatch(
      /of 3711 parameters; expected the 3712 that are trained/
    )
    const whole = runFolder("whole-sizes", { ...adapterSpec, trains: { _tag: "Whole" } }, numbers)
    expect(refusal(whole, "--as", "merged", "--out", out)).toMatch(/33952/)
    expect(refusal(runFolder("moved", { ...adapterSpec, path: "/not/there" }, numbers), ...form)).toMatch(/\/not\/there/)
    writeFileSync(join(from, checkpointName(7)), readFileSync(join(from, checkpointName(7))).subarray(0, 900))
    expect(refusal(from, ...form)).toMatch(/cut off/)
    expect(existsSync(out)).toBe(false)
  }, 120_000)
})

describe("--adapter", () => {
  it("of score is the merged model's log-probabilities; of attribute its gradients; without --model it is refused", () => {
    const merged = join(folder, "for-score")
    exported(published, "--model", path, "--as", "merged", "--out", merged)
    const rows = join(folder, "rows.jsonl")
    const tokens = [5, 9, 40, 41, 42, 43, 44, 45]
    const spans = [{ kind: "sample", start: 2, end: 5 }, { kind: "decision", start: 5, end: 8, action: "STOP" }]
    writeFileSync(rows, `${JSON.stringify({ tokens, promptLength: 2, spans })}\n`)
    const scored = (name: string, ...flags: ReadonlyArray<string>) => {
      const out = join(folder, name)
      const { status, stderr } = command("score", rows, "--out", out, "--products", "simd", ...flags)
      if (status !== 0) throw new Error(stderr)
      return (JSON.parse(readFileSync(out, "utf8")) as { readonly logprobs: ReadonlyArray<number | null> }).logprobs.slice(2) as Array<
        number
      >
    }
    const [adapted, whole, plain] = [
      scored("a.jsonl", "--model", path, "--adapter", published),
      scored("m.jsonl", "--model", merged),
      scored("p.jsonl", "--model", path)
    ]
    adapted.forEach((value, t) => expect(Math.abs(value - whole[t]!)).toBeLessThan(1e-6))
    expect(Math.max(...adapted.map((value, t) => Math.abs(value - plain[t]!)))).toBeGreaterThan(0.1)
    const attributed = (...flags: ReadonlyArray<string>) => {
      const { status, stderr, stdout } = command("attribute", rows, "--json", "--rank", "2", "--products", "simd", ...flags)
      if (status !== 0) throw new Error(stderr)
      return JSON.parse(stdout)
    }
    const [first, second] = [attributed("--model", path, "--adapter", published), attributed("--model", merged)]
    expect(first.adapter).toBe(published)
    expect(first.objectives.nll.normSampling).toBeCloseTo(second.objectives.nll.normSampling, 5)
    const { status, stderr } = command("attribute", rows, "--adapter", published)
    expect([status === 0, stderr]).toEqual([false, expect.stringMatching(/--adapter is given; expected --model/)])
    expect(readdirSync(folder).filter((name) => name.endsWith(".partial"))).toEqual([])
  }, 120_000)
})
