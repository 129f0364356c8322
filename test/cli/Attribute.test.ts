import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { Schema } from "effect"
import { parquetWriteBuffer } from "hyparquet-writer"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { AttributionReport } from "../../src/eval/attribute/AttributionReport.ts"
import { runProgram } from "../support/WarmProgram.ts"

const run = (...args: ReadonlyArray<string>) => runProgram(["attribute", ...args])

const row = (length: number) => ({
  uid: `row-${length}`,
  logprobs: [0, ...Array.from({ length }, () => -0.5), -0.25],
  score: 1,
  advantage: null,
  spans: [{ kind: "sample", start: 1, end: length + 1, answer: "4", correct: true }, {
    kind: "decision",
    start: length + 1,
    end: length + 2,
    action: "STOP"
  }]
})

let folder = ""
let file = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "attribute-"))
  file = join(folder, "rollouts.jsonl")
  writeFileSync(file, [JSON.stringify(row(2)), "not json", JSON.stringify(row(8)), ""].join("\n"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe("decision-sampling attribute", () => {
  it("attributes a file, counts the bad line with its number, and says which objectives lack inputs", () => {
    const { status, stdout } = run(file, "--json", "--constant", "3")
    expect(status).toBe(0)
    const report = Schema.decodeUnknownSync(AttributionReport)(JSON.parse(stdout))
    expect(report.rows).toBe(2)
    expect(report.badRows.map(({ line }) => line)).toEqual([2])
    const dft = report.objectives.find(({ name }) => name === "dft")!
    expect(dft.immediate!.sampling.total).toBe(30)
    expect(dft.immediate!.decision.total).toBe(6)
    expect(dft.growthExponent).toBeCloseTo(1, 9)
    expect(report.objectives.find(({ name }) => name === "kl-reward-k1")!.lacking).toEqual({ ref_logprobs: 2 })
    const text = run(file)
    expect(text.stdout).toMatch(/^1 of 3 rows could not be read; the reasons are below\.\n\nobjective +rows/)
    expect(text.stdout).toContain("kl-reward-k1 lacks ref_logprobs in 2 rows")
    expect(text.stdout).toContain("line 2:")
  })

  it("prints the tables of every row with --tables", () => {
    const tables = run(file, "--tables").stdout.trim().split("\n").map((line) =>
      JSON.parse(line) as { id: string; objective: string; q: { sampling: Array<number>; decision: Array<number> } }
    )
    const surrogate = tables.filter(({ objective }) => objective === "surrogate")
    expect(surrogate.map(({ id, q }) => [id, q.sampling, q.decision])).toEqual([["row-2", [1], [1]], ["row-8", [1], [1]]])
  })

  it("reports every sub-policy that --parts names, in JSON and in words, and refuses a row of another one with its place", () => {
    const parts = join(folder, "parts.jsonl")
    const spans = [
      { kind: "sample", part: "plan", start: 0, end: 1 },
      { kind: "sample", part: "execute", start: 1, end: 5 },
      { kind: "decision", part: "verify", start: 5, end: 6, action: "STOP" }
    ]
    const row = { logprobs: [-1, -1, -1, -1, -1, -1], spans }
    writeFileSync(parts, [row, { ...row, spans: [{ ...spans[0], part: "guess" }] }].map((each) => JSON.stringify(each)).join("\n"))
    const names = ["--parts", "plan, execute, verify"]
    const report = Schema.decodeUnknownSync(AttributionReport)(JSON.parse(run(parts, "--json", ...names).stdout))
    const dft = report.objectives.find(({ name }) => name === "dft")!
    expect(Object.entries(dft.parts!).map(([name, { immediate }]) => [name, immediate.total])).toEqual([["plan", 1], ["execute", 4], [
      "verify",
      1
    ]])
    expect(report.badRows).toEqual([{
      line: 2,
      reason: expect.stringMatching(/spans\[0\]\.part is "guess"; expected one of "plan", "execute", "verify"/)
    }])
    expect(run(parts, ...names).stdout).toMatch(/dft, execute: \|r\| 4\.00 an action and 1\.00 a token, 66\.7 % of r.*; unbalanced/)
    expect(run(parts, "--parts", "plan,plan").stderr).toMatch(/--parts is "plan,plan"; expected names, each once/)
  })

  it("reads arrays over several lines, gzip, and a server's answer as it was saved", () => {
    const rows = [row(2), { ...row(8), logprobs: [0, -9999] }, row(8)]
    const [array, zipped, saved] = ["array.json", "array.json.gz", "answer.json"].map((name) => join(folder, name)) as [
      string,
      string,
      string
    ]
    writeFileSync(array, JSON.stringify(rows, null, 2))
    writeFileSync(zipped, gzipSync(JSON.stringify(rows)))
    const choice = { logprobs: { content: [{ token: "The answer is 4", logprob: -1 }, { token: ".", logprob: -0.5 }] } }
    writeFileSync(saved, JSON.stringify({ id: "c", choices: [choice, choice] }, null, 2))
    const reports = [array, zipped, saved].map((name) =>
      Schema.decodeUnknownSync(AttributionReport)(JSON.parse(run(name, "--json").stdout))
    )
    expect(reports.map((report) => [report.rows, report.badRows.map(({ line }) => line)])).toEqual([[2, [2]], [2, [2]], [2, []]])
    expect(reports[0]!.objectives).toEqual(reports[1]!.objectives)
    const good = [row(2), row(8)]
    const parquet = join(folder, "rows.parquet")
    const columnData = (["uid", "logprobs", "score", "spans"] as const).map((name) => ({
      name,
      data: good.map((each) => each[name]),
      type: name === "uid" ? ("STRING" as const) : name === "score" ? ("DOUBLE" as const) : ("JSON" as const)
    }))
    writeFileSync(parquet, Buffer.from(parquetWriteBuffer({ columnData })))
    const { objectives } = Schema.decodeUnknownSync(AttributionReport)(JSON.parse(run(parquet, "--json").stdout))
    expect(objectives).toEqual(reports[0]!.objectives)
  })

  it("says what is wrong with a file without rows, a missing file and a discount above 1", () => {
    const bad = join(folder, "bad.jsonl")
    writeFileSync(bad, `{"hello": 1}\n`)
    for (
      const [args, message] of [
        [[bad], /no row could be read; line 1: .*logprobs/s],
        [[join(folder, "none.jsonl")], /none\.jsonl.*no such file/s],
        [[file, "--beta", "1e308"], /--beta is 1e\+308; expected a number from 0 to 1000000/],
        [[file, "--gamma", "2"], /--gamma is 2; expected a number from 0 to 1/]
      ] as const
    ) {
      const { status, stderr } = run(...args)
      expect(status).toBe(1)
      expect(stderr).toMatch(message)
    }
  })
})
