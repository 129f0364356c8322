/** `eval batch` and `calibrate --partial`, `merge` as programs, killed in the middle and run again. */
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { simulateTranscripts } from "../../src/eval/transcripts/SimulatedTranscript.ts"
import { mergeParts, writeFilesPart } from "../../src/eval/transcripts/parts/Parts.ts"
import { TranscriptCalibration } from "../../src/eval/transcripts/files/TranscriptCalibration.ts"
import { unwrapped } from "../support/Unwrapped.ts"
import { runProgram } from "../support/WarmProgram.ts"

const program = fileURLToPath(new URL("../../bin/decision-sampling.mjs", import.meta.url))
let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-billion-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})
const at = (name: string) => join(folder, name)
const run = (...args: ReadonlyArray<string>) => {
  const { status, stderr, stdout } = runProgram(args, { cwd: folder })
  return { status, stdout, stderr: unwrapped(stderr) }
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Runs the program and kills it with -9 once `isTime`; whether it was killed before it ended by itself. */
const killed = (args: ReadonlyArray<string>, isTime: () => boolean) =>
  new Promise<boolean>((resolve) => {
    const child = spawn(process.execPath, [program, ...args], { cwd: folder, stdio: "ignore" })
    child.on("close", (_, signal) => resolve(signal === "SIGKILL"))
    const look = async () => {
      while (child.exitCode === null && child.signalCode === null) {
        if (isTime()) {
          child.kill("SIGKILL")
          return
        }
        await wait(1)
      }
    }
    void look()
  })

const sizeOf = (name: string): number => statSync(at(name), { throwIfNoEntry: false })?.size ?? 0

const writeTranscripts = (name: string, seed: number, n: number) => {
  const rows = simulateTranscripts({
    pSample: 0.5,
    pStopGivenCorrect: 0.9,
    pResampleGivenWrong: 0.6,
    cap: 4,
    n,
    rolloutsPerQuery: 2,
    seed,
    level: "3x3"
  })
  writeFileSync(at(name), rows.map((row) => JSON.stringify(row) + "\n").join(""))
}

describe("calibrate --partial and merge", () => {
  it("print what calibrate prints of all files together, bad rows among it; flags and refusals are said", () => {
    for (const k of [0, 1, 2]) writeTranscripts(`shard-${k}.jsonl`, k, 30)
    writeFileSync(at("shard-1.jsonl"), readFileSync(at("shard-1.jsonl"), "utf8") + "no JSON\n")
    const shards = [0, 1, 2].map((k) => `shard-${k}.jsonl`)
    const parts = [0, 1, 2].map((k) => `shard-${k}.part`)
    shards.forEach((shard, k) => {
      const made = run("calibrate", shard, "--partial", parts[k]!)
      expect(made.status).toBe(0)
      expect(unwrapped(made.stdout)).toContain(`${parts[k]}: 60 responses to 30 prompts from 1 file, ${k === 1 ? 1 : 0} bad rows`)
    })
    const whole = run("calibrate", ...shards, "--json", "--rounds", "50")
    const merged = run("calibrate", "merge", ...parts.toReversed(), "--json", "--rounds", "50")
    expect(JSON.parse(merged.stdout)).toEqual(JSON.parse(whole.stdout))
    expect(merged.stderr).toContain("3 parts of 3 files")
    expect(Schema.decodeUnknownSync(TranscriptCalibration)(JSON.parse(merged.stdout)).badRowCount).toBe(1)
    expect(run("calibrate", "merge", parts[0]!, parts[2]!, "--partial", "two.part").status).toBe(0)
    const cap = run("calibrate", shards[0]!, "--partial", "x.part", "--cap", "9", "--paper")
    expect([cap.status, cap.stderr]).toEqual([1, expect.stringMatching(/--cap, --paper is given with --partial/)])
    const twice = run("calibrate", "merge", "two.part", parts[0]!)
    expect([twice.status, twice.stderr]).toEqual([1, expect.stringMatching(/two\.part holds the same part/)])
    expect(readdirSync(folder).filter((file) => /writing|lock/.test(file))).toEqual([])
  }, 120_000)

  it("leave nothing half behind a kill -9, and run again to the same", async () => {
    writeTranscripts("large.jsonl", 9, 3000)
    writeTranscripts("small.jsonl", 8, 20)
    const library = <A>(effect: Effect.Effect<A, Error, NodeServices.NodeServices>) =>
      Effect.runPromise(Effect.provide(effect, NodeServices.layer))
    await library(Effect.scoped(writeFilesPart([at("large.jsonl")], at("expected.part"))))
    const bytes = (name: string) => readFileSync(at(name))
    const partial = ["calibrate", at("large.jsonl"), "--partial", "large.part"]
    expect(await killed(partial, () => existsSync(at("large.part.lock")))).toBe(true)
    expect(existsSync(at("large.part"))).toBe(false)
    // While it writes, where that is met.
    await killed(partial, () => existsSync(at("large.part.writing")))
    if (existsSync(at("large.part"))) expect(bytes("large.part").equals(bytes("expected.part"))).toBe(true)
    expect(run(...partial).status).toBe(0)
    expect(bytes("large.part").equals(bytes("expected.part"))).toBe(true)

    await library(Effect.scoped(writeFilesPart([at("small.jsonl")], at("small.part"))))
    await library(mergeParts([at("large.part"), at("small.part")], at("merged.part")))
    const merge = ["calibrate", "merge", "small.part", "large.part", "--partial", "again.part"]
    await killed(merge, () => existsSync(at("again.part.lock")))
    if (existsSync(at("again.part"))) expect(bytes("again.part").equals(bytes("merged.part"))).toBe(true)
    expect(run(...merge).status).toBe(0)
    expect(bytes("again.part").equals(bytes("merged.part"))).toBe(true)
    expect(readdirSync(folder).filter((file) => /writing|lock/.test(file))).toEqual([])
  }, 120_000)
})

describe("eval batch", () => {
  it("reads to the same rows after a kill -9 in the middle", async () => {
    const written = run(
      "eval",
      "batch",
      "write",
      "batch",
      "--model",
      "small",
      "--levels",
      "3x3",
      "--count",
      "400",
      "--generations",
      "5",
      "--json"
    )
    expect(written.status).toBe(0)
    const lines = readFileSync(at("batch/requests-00001.jsonl"), "utf8").trim().split("\n")
    const answers = lines.map((line) => {
      const { body, custom_id } = JSON.parse(line) as { readonly body: { readonly seed: number }; readonly custom_id: string }
      const message = { role: "assistant", content: `${"Thinking. ".repeat(300)}The answer is ${body.seed}.` }
      return JSON.stringify({
        id: "v",
        custom_id,
        response: { status_code: 200, request_id: "r", body: { choices: [{ index: 0, message, finish_reason: "stop" }] } },
        error: null
      })
    })
    writeFileSync(at("output.jsonl"), answers.join("\n") + "\n")
    const args = ["eval", "batch", "read", "batch", "output.jsonl"]
    expect(run(...args, "--out", "whole.jsonl").status).toBe(0)
    const wasKilled = await killed([...args, "--out", "killed.jsonl"], () => sizeOf("killed.jsonl") > 1_000_000)
    const after = sizeOf("killed.jsonl")
    const again = run(...args, "--out", "killed.jsonl", "--json")
    expect(again.status).toBe(0)
    const result = JSON.parse(again.stdout) as { readonly before: number; readonly added: number; readonly rows: number }
    expect(result.rows).toBe(2000)
    if (wasKilled && after < sizeOf("whole.jsonl")) expect(result.added).toBeGreaterThan(0)
    expect(readFileSync(at("killed.jsonl"), "utf8")).toBe(readFileSync(at("whole.jsonl"), "utf8"))
    expect(run("calibrate", "killed.jsonl", "--json").stdout).toContain("\"n\": 2000")
  }, 120_000)

  it("says what was asked wrongly", () => {
    const temperature = run("eval", "batch", "write", "b", "--model", "m", "--levels", "3x3", "--temperature", "-1")
    expect([temperature.status, temperature.stderr]).toEqual([1, expect.stringMatching(/--temperature is -1/)])
    const nothing = run("eval", "batch", "write", "b", "--model", "m")
    expect([nothing.status, nothing.stderr]).toEqual([1, expect.stringMatching(/what is asked is missing/)])
    expect(existsSync(at("b"))).toBe(false)
  }, 120_000)
})
