import { spawn } from "node:child_process"
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect, Option, Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { assertSteps, type StepsFlags } from "../../src/cli/calibrate/BySteps.ts"
import { StepRow, StepsCalibration } from "../../src/eval/transcripts/steps/StepsCalibration.ts"
import { widthOf } from "../../src/cli/Layout.ts"
import { unwrapped } from "../support/Unwrapped.ts"
import { guideRun, verlText, writeVerlRun } from "../support/VerlRun.ts"
import { runProgram } from "../support/WarmProgram.ts"

const program = fileURLToPath(new URL("../../bin/decision-sampling.mjs", import.meta.url))
const page = readFileSync(new URL("../../docs/guide/watch-your-run.md", import.meta.url), "utf8")
let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-by-step-"))
  writeVerlRun({ ...guideRun, folder: join(folder, "rollouts") })
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})
const run = (...args: ReadonlyArray<string>) => runProgram(args, { cwd: folder })
const few = ["--rounds", "40"] as const

describe("docs/guide/watch-your-run.md", () => {
  const blocks = [...page.matchAll(/```text\n([\s\S]*?)```/g)].map(([, text]) => text!)

  it("shows what the commands print of the run that it describes", { timeout: 120_000 }, () => {
    expect(blocks[0]).toBe(run("calibrate", "--by", "step", "rollouts").stdout)
    expect(blocks[1]).toBe(
      run("calibrate", "--by", "step", "rollouts", "--follow", "--until", "8", "--poll", "0.1").stdout.split("\n").slice(0, 9).join("\n") +
        "\n"
    )
    expect(unwrapped(run("compare", "rollouts@1-4", "rollouts@5-8").stdout)).toContain(unwrapped(blocks[2]!).trim())
  })

  it("names every flag of its own", () => {
    const { stdout } = run("calibrate", "--help")
    const own = [...stdout.matchAll(/--(\w+)[^\n]*With --(?:by step|follow)/g)].map(([, name]) => name!)
    expect(own.length).toBeGreaterThanOrEqual(5)
    expect(own.filter((name) => !page.includes(`--${name}`))).toEqual([])
  })
})

describe("calibrate --by step", () => {
  it.each([60, 80, 120])("fits %i columns, at once and followed", { timeout: 60_000 }, (columns) => {
    const env = { COLUMNS: String(columns) }
    for (const flags of [[], ["--follow", "--until", "8", "--poll", "0.1"]]) {
      const { status, stdout } = runProgram(["calibrate", "--by", "step", "rollouts", ...few, ...flags], { cwd: folder, env })
      expect(status).toBe(0)
      // A followed step stays a line, which takes 80 columns at the least.
      const most = flags.length === 0 ? columns : Math.max(80, columns)
      expect(stdout.split("\n").filter((line) => widthOf(line) > most)).toEqual([])
    }
  })

  it("prints JSON that decodes, and draws a figure", { timeout: 30_000 }, () => {
    const { status, stderr, stdout } = run("calibrate", "--by", "step", "rollouts", "--json", "--figure", "run.html", ...few)
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
    const calibration = Schema.decodeUnknownSync(Schema.fromJsonString(StepsCalibration))(stdout)
    expect(calibration).toMatchObject({
      inputs: ["rollouts"],
      files: 8,
      rowCount: 8,
      formats: { verl: 8 * 192 },
      findings: { verdict: "decision" }
    })
    expect(readFileSync(join(folder, "run.html"), "utf8")).toMatch(/<svg role="img"[^>]*Sampling or deciding, over training: rollouts/)
  })

  it("follows a run that is not there yet: a line for each step as it comes, and the findings at Ctrl-C", { timeout: 60_000 }, async () => {
    const child = spawn(process.execPath, [program, "calibrate", "--by", "step", "live", "--follow", "--json", "--poll", "0.1", ...few], {
      cwd: folder
    })
    let [stdout, stderr] = ["", ""]
    child.stdout.on("data", (text: Buffer) => (stdout += text.toString()))
    child.stderr.on("data", (text: Buffer) => (stderr += text.toString()))
    const until = async (holds: () => boolean): Promise<void> => {
      while (!holds()) await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await until(() => stderr.includes("Waiting for the first step in live"))
    const live = join(folder, "live")
    mkdirSync(live)
    for (const step of [1, 2]) {
      const text = verlText(guideRun, step)
      writeFileSync(join(live, `${step}.jsonl`), text.slice(0, 3333))
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(stdout.split("\n")).toHaveLength(step)
      appendFileSync(join(live, `${step}.jsonl`), text.slice(3333))
      await until(() => stdout.split("\n").length > step)
    }
    child.kill("SIGINT")
    const status = await new Promise((resolve) => child.on("exit", resolve))
    expect(status).toBe(130)
    const lines = stdout.trim().split("\n").map((line): unknown => JSON.parse(line))
    expect(lines).toHaveLength(3)
    expect(lines.slice(0, 2).map((line) => Schema.decodeUnknownSync(StepRow)(line).first)).toEqual([1, 2])
    expect(lines[2]).toMatchObject({ findings: { sentences: expect.arrayContaining([expect.stringContaining("pointwise")]) } })
    expect(lines.slice(0, 2)).toEqual(
      (JSON.parse(run("calibrate", "--by", "step", "live", "--json", ...few).stdout) as StepsCalibration).steps
    )
  })

  it.each<readonly [string, Partial<StepsFlags>, Readonly<Record<string, boolean>>, RegExp]>([
    ["--follow alone", { follow: true }, {}, /--follow is given; expected --by step beside it/],
    ["--figure alone", { figure: Option.some("x.svg") }, {}, /--figure is given; expected --by step beside it/],
    ["--until alone", { by: Option.some("step"), until: Option.some(3) }, {}, /--until is 3; expected --follow beside it/],
    ["--poll 0", { by: Option.some("step"), follow: true, poll: Option.some(0) }, {}, /--poll is 0; expected 0\.05 seconds or more/],
    [
      "--explain",
      { by: Option.some("step") },
      { resume: false, explain: true },
      /--explain is given with --by step; expected one of the two/
    ]
  ])("refuses %s", async (_, flags, others, reason) => {
    const none = Option.none()
    const all = { by: none, every: none, window: none, figure: none, follow: false, until: none, poll: none, ...flags }
    expect((await Effect.runPromise(Effect.flip(assertSteps(all, others)))).message).toMatch(reason)
  })

  it.each<readonly [string, ReadonlyArray<string>, RegExp]>([
    ["no such folder", ["--by", "step", "nowhere"], /nowhere: no such file or folder/],
    ["--window 0", ["--by", "step", "rollouts", "--window", "0"], /--window is 0; expected a whole number of 1 or more/],
    ["a figure of another kind", ["--by", "step", "rollouts", "--figure", "x.png"], /ends in \.svg or \.html/],
    ["a folder to calibrate plainly", ["rollouts"], /it is a folder.*--by step/]
  ])("refuses %s", (_, args, reason) => {
    const { status, stderr, stdout } = run("calibrate", ...args)
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" })
    expect(stderr).toMatch(reason)
    expect(existsSync(join(folder, "x.png"))).toBe(false)
  })
})
