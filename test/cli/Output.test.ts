import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { runProgram } from "../support/WarmProgram.ts"

const program = fileURLToPath(new URL("../../bin/decision-sampling.mjs", import.meta.url))
const golden = fileURLToPath(new URL("../golden/trajectory.json", import.meta.url))
const run = (args: ReadonlyArray<string>) => runProgram(args, { cwd: folder })

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "output-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const HOSTILE = "\u001b]52;c;QUJD\u0007\u202e\u009b31m"

// oxlint-disable-next-line no-control-regex
const steering = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/

describe("what a command prints", () => {
  it.runIf(existsSync("/dev/full")).each([
    [["theory", "evaluate", golden]],
    [["theory", "claims"]],
    [["theory", "figure-1"]],
    [["calibrate", "rows.jsonl", "--json", "--resume"]],
    [["eval", "--simulate", "0.5,0.5,0.5", "--levels", "1x1", "--count", "1", "--rounds", "1", "--out", "eval.jsonl"]],
    [["--help"]],
    [["train", "--help"]],
    [["--version"]]
  ])("%j to a full device is a failure and a sentence", (args) => {
    writeFileSync(join(folder, "rows.jsonl"), `${JSON.stringify({ prompt: "Calculate 2 * 3.", response: "The answer is 6." })}\n`)
    const full = openSync("/dev/full", "w")
    const { status, stderr } = spawnSync(process.execPath, [program, ...args], {
      encoding: "utf8",
      stdio: ["ignore", full, "pipe"],
      cwd: folder
    })
    expect(status).toBe(1)
    expect(stderr).toMatch(/standard output: .*(?:ENOSPC|no space)/)
    expect(stderr).not.toMatch(/^ {4}at /m)
  })

  it("steers no terminal: levels, reasons, file names, configuration fields", () => {
    const file = join(folder, "hostile.jsonl")
    const rows = [{ prompt: "Calculate 2 * 3.", response: "The answer is 6.", level: HOSTILE }, { prompt: HOSTILE, response: 7 }]
    writeFileSync(file, `${rows.map((row) => JSON.stringify(row)).join("\n")}\n${HOSTILE}\n`)
    writeFileSync(join(folder, "config.json"), JSON.stringify({ [HOSTILE]: 1 }))
    for (
      const args of [
        ["calibrate", file],
        ["calibrate", file, "--json"],
        ["calibrate", HOSTILE],
        ["attribute", file],
        ["train", "grpo", "--config", join(folder, "config.json"), "--out", join(folder, "run")],
        ["train", "grpo", "--config", HOSTILE, "--out", join(folder, "run")],
        ["eval", "--endpoint", HOSTILE, "--model", "m", "--levels", "1x1"],
        ["theory", "evaluate", file],
        ["calibrate", file, `--${HOSTILE}`],
        [HOSTILE]
      ]
    ) {
      const { stderr, stdout } = run(args)
      expect(stdout + stderr).not.toBe("")
      expect(stdout + stderr).not.toMatch(steering)
    }
    expect((JSON.parse(run(["calibrate", file, "--json"]).stdout) as { levels: ReadonlyArray<{ level: string }> }).levels[0]!.level).toBe(
      HOSTILE
    )
  })
})

describe("a command that is called wrongly", () => {
  it.each<readonly [args: ReadonlyArray<string>, first: RegExp]>([
    [["calibrate"], /^decision-sampling calibrate: .*file/],
    [["calibrate", "x", "--no-such-flag"], /^decision-sampling calibrate: .*--no-such-flag/],
    [["eval", "--levels", "1x1", "--count", "many"], /^decision-sampling eval: .*--count/],
    [["nonsense"], /^decision-sampling: .*nonsense/],
    [["theory", "nonsense"], /^decision-sampling theory: .*nonsense/]
  ])("%j says what is wrong in the first line, and helps on standard error alone", (args, first) => {
    const { status, stderr, stdout } = run(args)
    expect([status, stdout]).toEqual([1, ""])
    expect(stderr.split("\n")[0]).toMatch(first)
    expect(stderr).toContain("USAGE")
  })

  it("help that was asked for is output", () => {
    const { status, stderr, stdout } = run(["calibrate", "--help"])
    expect([status, stderr]).toEqual([0, ""])
    expect(stdout).toContain("USAGE")
  })
})
