/** The program under Node's permission model: what each kind of command needs to be allowed, and no more. */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url))

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "permissions-"))
  mkdirSync(join(folder, "run"))
  writeFileSync(join(folder, "rows.jsonl"), `${JSON.stringify({ prompt: "2*3", response: "The answer is 6.", answer: "6" })}\n`)
  writeFileSync(
    join(folder, "config.json"),
    JSON.stringify({
      seed: 1,
      steps: 2,
      checkpointEvery: 1,
      task: { _tag: "Multiplication", radix: 5, levels: ["1x1"] },
      model: {
        _tag: "Columns",
        words: { _tag: "Arithmetic", radix: 5, maxAttempts: 2, context: "markov", positions: 16 },
        transformer: { width: 8, layers: 1, heads: 1 }
      },
      schedule: { peak: 0.01, warmup: 0, decay: "constant", floor: 1, total: 0 },
      batchSize: 4,
      demonstrations: { kind: "none", slip: 0 }
    })
  )
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const permitted = (allowed: ReadonlyArray<string>, ...args: ReadonlyArray<string>) =>
  spawnSync(process.execPath, ["--permission", "--allow-fs-read=*", ...allowed, main, ...args], { encoding: "utf8" })

describe("node --permission", () => {
  it("calibrate reads and prints, and needs to write nowhere", () => {
    const { status, stdout } = permitted([], "calibrate", join(folder, "rows.jsonl"), "--json")
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ levels: [{ n: 1 }] })
  }, 60_000)

  it("train needs its folder alone: no threads, no other programs, no native libraries", () => {
    const out = join(folder, "run")
    const words = ["train", "sft", "--config", join(folder, "config.json"), "--out", out, "--products", "relaxed"]
    const { status, stderr } = permitted([`--allow-fs-write=${out}`], ...words)
    expect([status, stderr]).toEqual([0, expect.any(String)])
    expect(readdirSync(out).toSorted()).toEqual(["metrics.jsonl", "run.json", "step-00000001.checkpoint", "step-00000002.checkpoint"])
  }, 60_000)

  it("a folder that may not be written is named, with what Node says of it", () => {
    const { status, stderr } = permitted([], "view", join(folder, "rows.jsonl"), "--port", "0")
    expect(status).toBe(1)
    expect(stderr).toContain(`decision-sampling: ${tmpdir()}: `)
    expect(stderr).toContain("TMPDIR")
    expect(stderr).not.toContain("    at ")
  }, 60_000)
})
