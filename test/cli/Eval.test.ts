import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Calibration } from "../../src/eval/calibration/Calibration.ts"
import { type FaultyServer, startFaultyServer } from "../engine/FaultyServer.ts"
import { runProgramAside } from "../support/WarmProgram.ts"

const SECRET = "key-that-nobody-may-see"

// Asynchronous, because the server that the program talks to lives in this process.
const run = (...args: ReadonlyArray<string>) => runProgramAside(["eval", ...args], { env: { MY_KEY: SECRET, TWO_LINES: "first\nsecond" } })

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

  it("asks a file of prompts, keeps their fields, counts what could not be had, and calibrates the rest", async () => {
    const [prompts, file] = [join(folder, "prompts.jsonl"), join(folder, "asked.jsonl")]
    const bad = await startFaultyServer(({ body }, earlier) =>
      body.messages!.at(-1)!.content.includes("refused")
        ? { status: 400, text: `no \u001b[31m ${SECRET}` }
        : earlier === 9
        ? "cut"
        : "answer"
    )
    writeFileSync(
      prompts,
      [
        { id: "a", question: "How much is 12 * 34?", answer: 408, level: "easy", source: "book" },
        { id: "b", messages: [{ role: "system", content: "Think." }, { role: "user", content: "And 2 * 3?" }], answer: "6" },
        { id: "c", prompt: "This is refused", answer: "1" }
      ].map((row) => JSON.stringify(row)).join("\n")
    )
    const args = ["--endpoint", bad.endpoint.replace("//", `//me:${SECRET}@`), "--model", "m", "--prompts", prompts, "--rounds", "10"]
    const { status, stderr, stdout } = await run(...args, "--system", "Be brief.", "--max-completion-tokens", "50", "--out", file, "--json")
    await bad.close()
    expect([status, stderr]).toEqual([
      0,
      expect.stringMatching(
        /1 of 3 responses could not be had \(--resume asks for them again\):\n.*all\/c#0: the server answers 400: no \\u001b\[31m <key>/
      )
    ])
    const rows = readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(rows.map(({ id }) => id).toSorted()).toEqual(["all/b#0", "easy/a#0"])
    const row = rows.find(({ id }) => id === "easy/a#0")
    expect(row).toMatchObject({
      level: "easy",
      answer: "408",
      source: "book",
      model: "m",
      settings: { maxTokens: 50, temperature: 1, system: "Be brief." }
    })
    expect(bad.seen.find(({ body }) => body.messages!.length === 3)!.body).toMatchObject({
      max_completion_tokens: 50,
      messages: [{ content: "Be brief." }, { content: "Think." }, {}]
    })
    const report = JSON.parse(stdout) as {
      badRowCount: number
      badRows: ReadonlyArray<{ line: number }>
      levels: ReadonlyArray<{ level: string; n: number }>
    }
    expect([report.badRowCount, report.badRows.map(({ line }) => line)]).toEqual([1, [3]])
    expect(report.levels.map(({ level, n }) => [level, n])).toEqual([["all", 1], ["easy", 1]])
  })

  it("fails where no response could be had", async () => {
    const bad = await startFaultyServer(() => ({ status: 400, text: "no" }))
    const file = join(folder, "all-bad.jsonl")
    const { status, stderr } = await run("--endpoint", bad.endpoint, "--model", "m", "--levels", "1x1", "--count", "3", "--out", file)
    await bad.close()
    expect([status, stderr]).toEqual([1, expect.stringMatching(/3 of 3 responses could not be had[^]*no response could be had/)])
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
    ["levels and prompts", ["--simulate", "0.6,0.9,0.4", "--prompts", "x.jsonl"], /what is asked is given twice/],
    [
      "a password in what is no address",
      ["--endpoint", "ftp://me:hidden@host", "--model", "m"],
      /--endpoint is "ftp:\/\/…@host"; expected an address/
    ],
    [
      "a system message that has no place",
      ["--endpoint", "http://h/v1", "--model", "m", "--api", "completions", "--system", "s"],
      /--system is given; expected --api chat/
    ],
    ["a limit of nothing", ["--endpoint", "http://h/v1", "--model", "m", "--max-tokens", "0"], /--max-tokens is 0; expected at least 1/],
    [
      "a key of two lines",
      ["--endpoint", "http://h/v1", "--model", "m", "--key-env", "TWO_LINES"],
      /TWO_LINES is a key with a line break; expected a key of printable ASCII/
    ],
    [
      "no policy",
      [],
      /the policy is missing; expected --model PATH .* or --checkpoint RUN, --endpoint URL and --model NAME, or --simulate/
    ],
    ["an address that is none", ["--endpoint", "localhost", "--model", "m"], /--endpoint is "localhost"; expected an address/],
    [
      "more responses than memory holds",
      ["--simulate", "0.6,0.9,0.4", "--count", "2", "--generations", "1000000000"],
      /generations is 1000000000; expected at most 5000000 responses in one file; 2 prompts were asked for/
    ],
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
