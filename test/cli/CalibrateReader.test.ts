import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Comparison } from "../../src/eval/calibration/Comparison.ts"
import { TranscriptCalibration } from "../../src/eval/transcripts/files/TranscriptCalibration.ts"
import { type FaultyServer, startFaultyServer } from "../engine/FaultyServer.ts"
import { runProgramAside } from "../support/WarmProgram.ts"

const program = fileURLToPath(new URL("../../bin/decision-sampling.mjs", import.meta.url))
const SECRET = "key-that-nobody-may-see"

// Asynchronous, because the server that the program talks to lives in this process.
const run = (...args: ReadonlyArray<string>) => runProgramAside(args, { env: { MY_KEY: SECRET } })

let folder = ""
let server: FaultyServer
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "calibrate-reader-"))
  server = await startFaultyServer(({ body }) => {
    const text = /<response>\n([\s\S]*)\n<\/response>/.exec(body.messages?.[0]?.content ?? "")?.[1] ?? ""
    const candidates = [...text.matchAll(/(?:The answer is|I get) (\d+)/g)].map(([quote, answer]) => ({ quote, answer }))
    return { body: JSON.stringify({ choices: [{ message: { content: JSON.stringify({ candidates }) }, finish_reason: "stop" }] }) }
  })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const write = (name: string, text: (n: number) => string): string => {
  const file = join(folder, name)
  const row = (n: number) => ({ id: `row-${n}`, prompt: `Problem ${n}`, response: text(n), answer: String(n) })
  writeFileSync(file, Array.from({ length: 6 }, (_, n) => JSON.stringify(row(n)) + "\n").join(""))
  return file
}

const flags = () => ["--reader", server.endpoint, "--reader-model", "small", "--reader-key-env", "MY_KEY"]

describe("decision-sampling calibrate --reader", () => {
  it("has the model read, keeps what it lists beside the file, and says how it agrees with the rules", async () => {
    const file = write("rows.jsonl", (n) => `I get ${n + 1} birds.\nThe counting missed some.\nThe answer is ${n}.`)
    const first = await run("calibrate", file, ...flags(), "--rounds", "10", "--json")
    expect(first.status).toBe(0)
    expect(first.stdout + first.stderr + readFileSync(`${file}.reader-cache.jsonl`, "utf8")).not.toContain(SECRET)
    const calibration = Schema.decodeUnknownSync(TranscriptCalibration)(JSON.parse(first.stdout))
    expect(calibration.reader).toMatchObject({
      model: "small",
      responses: 6,
      asked: 6,
      cached: 0,
      fellBack: 0,
      agreement: { responses: 6, both: 6 }
    })
    expect(calibration.overall.counts).toMatchObject({ wrongResample: 6, correctStop: 6 })
    expect(server.seen.at(-1)?.authorization).toBe(`Bearer ${SECRET}`)

    const asked = server.seen.length
    const text = await run("calibrate", file, ...flags(), "--rounds", "10")
    expect(text.stdout.replace(/\s+/g, " ")).toContain(
      "Candidates were listed by small (6 responses, 0 asked about now, 6 known from before)"
    )
    const explained = await run("calibrate", file, ...flags(), "--explain", "row-3", "--json")
    expect(JSON.parse(explained.stdout)).toMatchObject({
      outcome: "Correct",
      attempts: [{ answer: "4", correct: false, decision: "RESAMPLE", announced: "model" }, {
        answer: "3",
        correct: true,
        decision: "STOP"
      }]
    })
    expect(server.seen.length).toBe(asked)
  })

  it("goes on after a kill without asking twice", async () => {
    const file = write("killed.jsonl", (n) => `The answer is ${n}.`)
    let [answered, isBack] = [0, false]
    const numbers: Array<string> = []
    const halting = await startFaultyServer(({ body }) => {
      const prompt = body.messages?.[0]?.content ?? ""
      if (!isBack && answered >= 3) return "never"
      answered++
      numbers.push(/Problem (\d)/.exec(prompt)?.[1] ?? "")
      return {
        body: JSON.stringify({
          choices: [{ message: { content: `[{"quote": "The answer is ${numbers.at(-1)}", "answer": "${numbers.at(-1)}"}]` } }]
        })
      }
    })
    const args = ["calibrate", file, "--reader", halting.endpoint, "--reader-model", "small", "--reader-concurrency", "2", "--json"]
    const child = spawn(process.execPath, [program, ...args])
    const cache = `${file}.reader-cache.jsonl`
    while (!existsSync(cache) || readFileSync(cache, "utf8").split("\n").length < 4) await new Promise((resolve) => setTimeout(resolve, 10))
    child.kill("SIGKILL")
    await new Promise((resolve) => child.on("close", resolve))
    isBack = true
    const { status, stdout } = await run(...args, "--rounds", "10")
    await halting.close()
    expect(status).toBe(0)
    expect(Schema.decodeUnknownSync(TranscriptCalibration)(JSON.parse(stdout)).reader).toMatchObject({ asked: 3, cached: 3, fellBack: 0 })
    expect(numbers.toSorted()).toEqual(["0", "1", "2", "3", "4", "5"])
  })

  it("compares by it, with one cache for both files", async () => {
    const from = write("from.jsonl", (n) => `I get ${n + 1} birds.\nThe counting missed some.\nThe answer is ${n}.`)
    const to = write("to.jsonl", (n) => `The answer is ${n}.`)
    const cache = join(folder, "kept", "cache.jsonl")
    const args = ["compare", from, to, ...flags(), "--rounds", "10", "--reader-cache", cache]
    const compared = await run(...args, "--json")
    expect(compared.status).toBe(0)
    const { reader } = Schema.decodeUnknownSync(Comparison)(JSON.parse(compared.stdout))
    expect(reader).toMatchObject({
      from: { asked: 6, agreement: { both: 6, onlyModel: 6 } },
      to: { asked: 6, agreement: { both: 6, onlyModel: 0 } }
    })
    expect(readFileSync(cache, "utf8").trim().split("\n").length).toBe(12)
    expect(existsSync(`${to}.reader-cache.jsonl`)).toBe(false)
    const text = (await run(...args)).stdout.replace(/\s+/g, " ")
    expect(text).toContain(`${to}: Candidates were listed by small (6 responses, 0 asked about now, 6 known from before)`)
  })

  it.each<readonly [args: ReadonlyArray<string>, message: string]>([
    [["--reader", "http://localhost:1"], "--reader-model"],
    [["--reader-model", "small"], "--reader"],
    [["--reader", "nowhere", "--reader-model", "small"], "--reader"],
    [["--reader", "http://localhost:1", "--reader-model", "small", "--reader-concurrency", "0"], "--reader-concurrency"],
    [["--reader", "http://localhost:1", "--reader-model", "small", "--reader-retries", "0"], "the connection failed"]
  ])("says what is wrong with %j", async (args, message) => {
    const file = write("wrong.jsonl", (n) => `The answer is ${n}.`)
    const { status, stderr, stdout } = await run("calibrate", file, ...args)
    expect(status).toBe(1)
    expect(stderr).toContain(message)
    expect(stdout + stderr).not.toMatch(/\n\s+at /)
  })
})
