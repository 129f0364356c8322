import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { runProgram } from "../support/WarmProgram.ts"

const program = fileURLToPath(new URL("../../bin/decision-sampling.mjs", import.meta.url))
const golden = fileURLToPath(new URL("../golden", import.meta.url))

const run = (...args: ReadonlyArray<string>) => runProgram([...args])

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** The largest |a − b| / max(1, |a|) over all numbers of `expected`; throws where the shapes differ. */
const largestDifference = (expected: unknown, actual: unknown): number => {
  if (typeof expected === "number" && typeof actual === "number") return Math.abs(expected - actual) / Math.max(1, Math.abs(expected))
  if (typeof expected === "object" && expected !== null && typeof actual === "object" && actual !== null) {
    return Math.max(
      0,
      ...Object.entries(expected).map(([key, value]) => largestDifference(value, (actual as Record<string, unknown>)[key]))
    )
  }
  if (expected !== actual) throw new Error(`expected ${JSON.stringify(expected)}, found ${JSON.stringify(actual)}`)
  return 0
}

describe("decision-sampling theory evaluate", () => {
  it.each(["process.json", "trajectory.json"])("reproduces every golden value of %s to 1e-9", (name) => {
    const { status, stdout } = run("theory", "evaluate", join(golden, name))
    expect(status).toBe(0)
    const cases = JSON.parse(readFileSync(join(golden, name), "utf8")) as ReadonlyArray<{ id: string; expected: unknown }>
    const computed = JSON.parse(stdout) as ReadonlyArray<{ id: string; expected: unknown }>
    expect(computed.map(({ id }) => id)).toEqual(cases.map(({ id }) => id))
    for (const [i, { expected }] of cases.entries()) expect(largestDifference(expected, computed[i]!.expected)).toBeLessThan(1e-9)
  })

  const process1 = () => (JSON.parse(readFileSync(join(golden, "process.json"), "utf8")) as ReadonlyArray<Record<string, unknown>>)[0]
  const trajectory1 = () => (JSON.parse(readFileSync(join(golden, "trajectory.json"), "utf8")) as ReadonlyArray<Record<string, unknown>>)[0]
  const nested = "nested"
  const attempt = { tokenLogProbs: [-1], referenceTokenLogProbs: [-1], decision: "STOP", decisionLogProb: -1, referenceDecisionLogProb: -1 }

  it.each<readonly [what: string, content: () => unknown, place: RegExp]>([
    [
      "a log-probability above 0",
      () => ({ ...trajectory1(), attempts: [{ ...attempt, tokenLogProbs: [0.5] }] }),
      /entry 0: .*attempts\[0\]\.tokenLogProbs\[0\] = 0\.5/
    ],
    [
      "an empty attempt",
      () => ({ ...trajectory1(), attempts: [{ ...attempt, tokenLogProbs: [], referenceTokenLogProbs: [] }] }),
      /entry 0: .*attempt/
    ],
    ["STOP before the end", () => ({ ...trajectory1(), attempts: [attempt, attempt] }), /entry 0: .*STOP/],
    ["no attempts", () => ({ ...trajectory1(), attempts: [] }), /entry 0: .*attempts/],
    [
      "answers that are prefixes of each other",
      () => ({ ...process1(), answers: [{ tokens: [0], correct: true }, { tokens: [0, 1], correct: false }] }),
      /entry 0: answers\[0\].*prefix/
    ],
    ["an empty answer", () => ({ ...process1(), answers: [{ tokens: [], correct: true }] }), /entry 0: answers\[0\]/],
    ["NaN", () => ({ ...process1(), gamma: null }), /entry 0: gamma/],
    [
      "more cycles than can be computed",
      () => ({ ...process1(), maxCycles: 1_000_000 }),
      /entry 0: maxCycles is 1000000, more than the \d+ that are computed/
    ],
    ["a discount above 1", () => ({ ...process1(), gamma: 1.5 }), /entry 0: gamma/],
    ["logits missing for a prefix", () => ({ ...process1(), policy: { sampling: [{}], decision: [0] } }), /entry 0: policy/],
    ["what overflows", () => ({ ...process1(), beta: 1e308 }), /entry 0: expected\.\S+ is -?Infinity|NaN: it overflows/],
    ["a list that is nested very deeply", () => ({ ...process1(), answers: nested }), /entry 0: answers\[0\] is a list/],
    ["a number that is one", () => ({ ...process1(), gamma: nested }), /entry 0: gamma is a list, no finite number/],
    ["neither a process nor a trajectory", () => ({ hello: 1 }), /entry 0: neither a process nor a trajectory/]
  ])("refuses %s, names the place, and exits with 1", (_, content, place) => {
    const file = join(folder, "bad.json")
    // JSON.stringify itself fails on what is nested so deeply.
    writeFileSync(file, JSON.stringify([content()]).replaceAll(JSON.stringify(nested), "[".repeat(20_000) + "]".repeat(20_000)))
    const { status, stderr, stdout } = run("theory", "evaluate", file)
    expect(status).toBe(1)
    expect(stdout).toBe("")
    expect(stderr).toMatch(place)
    expect(stderr).not.toContain("    at ")
  })

  it("refuses a file that is missing or no JSON", () => {
    expect(run("theory", "evaluate", join(folder, "absent.json")).stderr).toContain("absent.json")
    const file = join(folder, "broken.json")
    writeFileSync(file, "{")
    const { status, stderr } = run("theory", "evaluate", file)
    expect(status).toBe(1)
    expect(stderr).toContain("broken.json: not JSON")
  })
})

describe("decision-sampling", () => {
  it("appendix-c --json agrees with the printed tables to the paper's rounding", () => {
    const { status, stdout } = run("theory", "appendix-c", "--json")
    expect(status).toBe(0)
    expect((JSON.parse(stdout) as { largestDifference: number }).largestDifference).toBeLessThan(0.0013)
  })

  it("figure-1 prints a table and JSON", () => {
    expect(run("theory", "figure-1").stdout.split("\n")[0]).toContain("surrogate S:D")
    expect((JSON.parse(run("theory", "figure-1", "--json", "--steps", "5").stdout) as { accuracy: ReadonlyArray<number> }).accuracy)
      .toHaveLength(5)
  })

  it("data generate draws problems of every task, and refuses a level that is none of its", () => {
    const file = join(folder, "task.jsonl")
    for (
      const [task, level, prompt] of [["addition", "2x2", /^Calculate \d\d \+ \d\d\./], [
        "countdown",
        "3",
        /^Using the numbers \d, \d, \d, create/
      ]] as const
    ) {
      expect(run("data", "generate", "--task", task, "--levels", level, "--count", "3", "--out", file).status).toBe(0)
      const rows = readFileSync(file, "utf8").trim().split("\n").map((line) =>
        JSON.parse(line) as { readonly prompt: string; readonly level: string }
      )
      expect(rows).toHaveLength(3)
      for (const row of rows) expect([row.level, row.prompt]).toEqual([level, expect.stringMatching(prompt)])
    }
    expect(run("data", "generate", "--task", "countdown", "--levels", "3x3", "--out", file).stderr).toContain("level is \"3x3\"")
  })

  it("data generate writes decodable problems and says how many on standard error", () => {
    const file = join(folder, "deep", "problems.jsonl")
    const { status, stderr } = run("data", "generate", "--levels", "3x3,3x4", "--count", "10", "--out", file)
    expect(status).toBe(0)
    expect(stderr).toContain("10 problems")
    const rows = readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line) as { prompt: string; answer: string })
    for (const { answer, prompt } of rows) {
      const [, left, right] = /^Calculate (\d+) \* (\d+)\. Think step by step\.$/.exec(prompt)!
      expect(BigInt(left!) * BigInt(right!)).toBe(BigInt(answer))
    }
    expect(run("data", "generate", "--levels", "3by3", "--out", file).stderr).toContain("expected two digit counts such as 3x4")
  })

  it("data generate --json says where the problems are, and how many of each level", () => {
    const file = join(folder, "counted.jsonl")
    const { status, stderr, stdout } = run("data", "generate", "--levels", "3x3,3x4", "--count", "5", "--out", file, "--json")
    expect([status, stderr]).toEqual([0, ""])
    expect(JSON.parse(stdout)).toEqual({ file, task: "multiplication", seed: 1, asked: 5, problems: 5, levels: { "3x3": 3, "3x4": 2 } })
  })

  it("install-native --dry-run --json says what would be downloaded, and export --json what was written", () => {
    const plan = JSON.parse(run("install-native", "openblas", "--dry-run", "--json").stdout) as {
      readonly downloads: ReadonlyArray<unknown>
    }
    expect(plan.downloads[0]).toMatchObject({ name: "scipy-openblas32", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
    const out = join(folder, "exported")
    const written = JSON.parse(run("export", "verl", "--preset", "smollm2", "--out", out, "--json").stdout) as {
      readonly folder: string
      readonly files: ReadonlyArray<string>
    }
    expect(written).toMatchObject({ folder: out, trained: 240 })
    expect(written.files.filter((file) => !existsSync(join(out, file)))).toEqual([])
  })

  it("--help and --version work, unknown commands exit with 1", () => {
    expect(run("--help").stdout).toContain("reproduce")
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { readonly version: string }
    expect(run("--version").stdout).toBe(`decision-sampling v${version}\n`)
    expect(run("nonsense").status).toBe(1)
    expect(run("reproduce", "--preset", "huge").stderr).toContain("expected one of quick, deciding, small, decimal, paper")
  })

  it("Ctrl-C ends the main job within seconds, leaves no half-written file and no worker behind", async () => {
    const cache = join(folder, "cache")
    const child = spawn(process.execPath, [program, "reproduce", "--preset", "quick", "--out", join(folder, "out"), "--cache", cache], {
      stdio: "ignore"
    })
    const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }))
    })
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    child.kill("SIGINT")
    const { code, signal } = await exited
    expect(code !== 0 || signal !== null).toBe(true)
    expect(existsSync(join(folder, "out", "results.json"))).toBe(false)
    expect(existsSync(cache) ? readdirSync(cache).filter((file) => file.endsWith(".partial")) : []).toEqual([])
  })
})
