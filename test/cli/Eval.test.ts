import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Calibration } from "../../src/eval/calibration/Calibration.ts"
import { type FaultyServer, startFaultyServer } from "../engine/FaultyServer.ts"

const program = fileURLToPath(new URL("../../bin/decision-sampling.mjs", import.meta.url))
const SECRET = "key-that-nobody-may-see"

// Asynchronous, because the server that the program talks to lives in this process.
const run = (...args: ReadonlyArray<string>) =>
  new Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }>((resolve) => {
    const child = spawn(process.execPath, [program, "eval", ...args], { env: { ...process.env, MY_KEY: SECRET } })
    const text = { stdout: "", stderr: "" }
    child.stdout.on("data", (chunk: Buffer) => (text.stdout += chunk.toString()))
    child.stderr.on("data", (chunk: Buffer) => (text.stderr += chunk.toString()))
    child.on("close", (status) => resolve({ status, ...text }))
  })

let folder = ""
let server: FaultyServer
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "eval-"))
  server = await startFaultyServer((_, earlier) => (earlier === 0 ? { status: 503 } : "answer"))
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const calibrationOf = (stdout: string): Calibration => Schema.decodeUnknownSync(Calibration)(JSON.parse(stdout))

describe("decision-sampling eval", () => {
  it("samples a server, writes every row, calibrates it, and never prints the key", async () => {
    const file = join(folder, "served.jsonl")
    const args = [
      "--endpoint",
      server.endpoint,
      "--model",
      "small",
      "--levels",
      "2x2,2x3",
      "--count",
      "5",
      "--rounds",
      "20",
      "--key-env",
      "MY_KEY",
      "--out",
      file,
      "--json"
    ]
    const first = await run(...args)
    expect(first.stderr).not.toContain("decision-sampling:")
    expect(first.status).toBe(0)
    const { levels, overall } = calibrationOf(first.stdout)
    expect(levels.map(({ level, n }) => [level, n])).toEqual([["2x2", 5], ["2x3", 5]])
    // The server's every response is wrong first, resamples, and is right then.
    expect(overall.counts).toEqual({ correctStop: 10, correctResample: 0, wrongStop: 0, wrongResample: 10 })
    expect(overall.observed.accuracy).toBe(1)
    expect(server.seen).toHaveLength(20)
    expect(server.seen.every(({ authorization }) => authorization === `Bearer ${SECRET}`)).toBe(true)
    expect(first.stdout + first.stderr + readFileSync(file, "utf8")).not.toContain(SECRET)

    const again = await run(...args, "--resume")
    expect(again.status).toBe(0)
    expect(server.seen).toHaveLength(20)
    expect(calibrationOf(again.stdout)).toEqual(calibrationOf(first.stdout))
  })

  it("simulates a policy without a server: the same seed gives the same file", async () => {
    const [one, two] = [join(folder, "one.jsonl"), join(folder, "two.jsonl")]
    const args = ["--simulate", "0.6,0.9,0.4", "--levels", "3x3", "--count", "50", "--generations", "2", "--rounds", "20"]
    const first = await run(...args, "--out", one)
    expect(first.status).toBe(0)
    expect(first.stdout).toMatch(/^level +n .*\n3x3 +100 /m)
    expect(first.stderr).not.toContain("--logprobs")
    const second = await run(...args, "--out", two, "--concurrency", "1", "--logprobs")
    expect(second.stderr).toContain("--logprobs: no response came with log-probabilities")
    expect(readFileSync(two, "utf8").split("\n").toSorted()).toEqual(readFileSync(one, "utf8").split("\n").toSorted())
  })

  it.each<readonly [what: string, args: ReadonlyArray<string>, message: RegExp]>([
    ["no policy", [], /the policy is missing; expected --endpoint URL and --model NAME, or --simulate/],
    ["an address that is none", ["--endpoint", "localhost", "--model", "m"], /--endpoint is "localhost"; expected an address/],
    ["rates that are none", ["--simulate", "0.6,2,0.4"], /rates is "0.6,2,0.4"; expected rates from 0 to 1/]
  ])("says what is wrong with %s, and exits with 1", async (_, args, message) => {
    const file = join(folder, "none.jsonl")
    const { status, stderr, stdout } = await run(...args, "--levels", "2x2", "--out", file)
    expect(status).toBe(1)
    expect(stderr).toMatch(message)
    expect(stdout).toBe("")
    expect(existsSync(file)).toBe(false)
  })
})
