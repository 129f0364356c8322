import { describe, expect, it } from "vitest"
import { calibrateTallies, compareTallies } from "../../../src/eval/transcripts/CalibrateTallies.ts"
import { readLine } from "../../../src/eval/transcripts/Formats.ts"
import { gradeTranscript, readTranscript, type TranscriptRow } from "../../../src/eval/transcripts/Grade.ts"
import { readBlock } from "../../../src/eval/transcripts/ReadBlock.ts"
import { defaultReader } from "../../../src/eval/transcripts/Reader.ts"
import { makeTallies } from "../../../src/eval/transcripts/Tallies.ts"
import { read, written } from "./Read.ts"

const rowsOf = (row: object): ReadonlyArray<TranscriptRow> => {
  const reading = readLine(JSON.stringify(row), {}, "1", "file:")
  if ("problem" in reading) throw new Error(reading.problem)
  return reading.rows
}
const readRow = (row: object): string => rowsOf(row).map((each) => written(readTranscript(each))).join(" / ")

const prompt = [{ role: "user", content: "A hall has 15 rows of 16 seats. How many seats?" }]
const thought = "15 times 16: the answer is 230. Wait, 10 times 16 is 160 and 5 times 16 is 80. The answer is 240."
const said = { role: "assistant", content: "The answer is 240." }
const trl = (...completion: ReadonlyArray<object>) => ({ prompt, completion, answer: "240" })
const revised = "230-R 240+S Correct"

describe("K2: reasoning in its own field is read", () => {
  it.each<readonly [what: string, message: object, expected: string]>([
    ["reasoning_content", { ...said, reasoning_content: thought }, revised],
    ["reasoning", { ...said, reasoning: thought }, revised],
    ["thinking", { ...said, thinking: thought }, revised],
    // Nothing was said in the end: it was cut off in thought.
    ["content null", { ...said, content: null, reasoning_content: "15 * 16 is 240, so the answer is 240." }, "240+? Truncated"],
    ["parts", { ...said, content: [{ type: "thinking", thinking: thought }, { type: "text", text: "The answer is 240." }] }, revised],
    ["reasoning parts", { ...said, content: [{ type: "reasoning", reasoning: thought }, { type: "text", text: "240" }] }, revised],
    ["a number alone after it", { ...said, content: "240", reasoning_content: thought }, revised],
    ["none", said, "240+S Correct"]
  ])("%s", (_, message, expected) => {
    expect(readRow(trl(message))).toBe(expected)
  })

  it("in a line of chat completions too", () => {
    const choice = { index: 0, finish_reason: "stop", message: { ...said, reasoning_content: thought } }
    expect(readRow({ messages: [...prompt, { ...said, reasoning_content: thought }], answer: "240" })).toBe(revised)
    expect(readRow({ request: { messages: prompt }, response: { choices: [choice] }, answer: "240" })).toBe(revised)
  })

  it("cut off in thought it says nothing in the end", () => {
    const row = { ...trl({ ...said, content: "", reasoning_content: "The answer is 230. Wait, 10 times" }), finish_reason: "length" }
    expect(readRow(row)).toBe("230-? Truncated")
  })
})

describe("K4: whose words, and which rows share a problem", () => {
  const user = (content: string) => ({ role: "user", content })
  const wrong = { role: "assistant", content: "The answer is 230." }
  it.each<readonly [what: string, turns: ReadonlyArray<object>, expected: string]>([
    ["two turns, better", [wrong, user("Is that so? Look again."), said], revised],
    ["two turns, worse", [said, user("Is that so? Look again."), wrong], "240+R 230-S Wrong"],
    ["two turns, the same", [said, user("Is that so? The answer is 500."), said], "240+R 240+S Correct"],
    ["three turns", [wrong, user("No."), { ...wrong, content: "The answer is 235." }, user("No."), said], "230-R 235-R 240+S Correct"],
    ["a user has the last word", [said, user("The answer is 999.")], "240+S Correct"]
  ])("%s", (_, turns, expected) => {
    expect(readRow(trl(...turns))).toBe(expected)
  })

  it("problems whose last user message is the same are told apart by what was said before", () => {
    const asked = (first: string) => ({
      ...trl(said),
      prompt: [user(first), { role: "assistant", content: "Fine." }, user("Give the number alone.")]
    })
    const queries = ["What is 8 plus 9?", "What is 8 plus 8?", "What is 8 plus 9?"].map((first) =>
      gradeTranscript(rowsOf(asked(first))[0]!).query
    )
    expect(queries[0]).toBe(queries[2])
    expect(queries[0]).not.toBe(queries[1])
  })
})

describe("K5: the row's own reference answer counts", () => {
  const tile = "A plate of 5 * 8 cm covers what part of a table of 160 square cm?"
  it.each<readonly [row: object, outcome: string]>([
    [{ prompt: tile, response: "The answer is 0.25.", answer: 0.25 }, "Correct"],
    [{ prompt: tile, response: "The answer is 40.", answer: 0.25 }, "Wrong"],
    [{ prompt: "What is half of 7?", response: "The answer is 3.5.", answer: 3.5 }, "Correct"],
    [{ prompt: "What is half of 7?", response: "The answer is 3.5.", answer: "3.50" }, "Correct"],
    [{ prompt: "What is half of 8?", response: "The answer is 4.", answer: 4 }, "Correct"],
    [{ prompt: "What is half of 8?", response: "The answer is 4.", answer: -4 }, "Wrong"],
    [{ prompt: "Calculate 15 * 16.", response: "The answer is 240.", answer: null }, "Correct"],
    [{ prompt: "Calculate 15 * 16.", response: "The answer is 240." }, "Correct"],
    [{ prompt: "Calculate 15 * 16.", response: "The answer is 240.", answer: "241" }, "Wrong"],
    [{ prompt: "What is 8 plus 9?", response: "The answer is 17.", answer: { value: "17" } }, "GoldInvalid"],
    [{ prompt: "A 4x6 board of squares: how many corners?", completion: "The answer is 24.", reward: 1 }, "GoldInvalid"],
    [{ prompt: "Screens of 2560x1440 cost 4 euros each. What do 6 cost?", completion: "The answer is 24.", reward: 1 }, "GoldInvalid"],
    [{ prompt: "Cups come in 3 * 4 boxes. How many boxes are 60 cups?", completion: "The answer is 12.", reward: 0 }, "GoldInvalid"]
  ])("%j: %s", (row, outcome) => {
    expect(gradeTranscript(rowsOf(row)[0]!).outcome).toBe(outcome)
  })
})

describe("K7: responses that were cut off", () => {
  const base = { prompt: "How many seats?", response: "The answer is 230.", answer: "240" }
  it.each<readonly [what: string, flag: object]>([
    ["is_truncated", { is_truncated: true }],
    ["truncated", { truncated: true }],
    ["status", { status: "truncated" }],
    ["finish_reason", { finish_reason: "length" }],
    ["finish_reason, an object", { finish_reason: { type: "length", length: 64 } }],
    ["stop_reason", { stop_reason: "max_tokens" }],
    ["meta_info", { meta_info: { finish_reason: { type: "length", length: 9 } } }]
  ])("%s", (_, flag) => {
    expect(readRow({ ...base, ...flag })).toBe("230-? Truncated")
  })

  it.each<readonly [what: string, flag: object]>([
    ["is_truncated", { is_truncated: false }],
    ["finish_reason", { finish_reason: "stop" }],
    ["finish_reason, an object", { finish_reason: { type: "stop", matched: 3 } }],
    ["stop_reason", { stop_reason: "end_turn" }]
  ])("%s that says otherwise", (_, flag) => {
    expect(readRow({ ...base, ...flag })).toBe("230-S Wrong")
  })

  it.each<readonly [response: string, expected: string]>([
    ["<think>\n15*10 is 150. The answer is 240. Wait, let me double", "240+? Truncated"],
    ["<think>\n15*10 = 150 and 15*6 = 90, so the answer should be 240. To be safe I could also add 100*2, 20*", "240+? Truncated"],
    ["<think>\nThe answer is 230", "230-? Truncated"],
    ["[THINK]The answer is 230. I made a mistake. Then 15 *", "230-R Truncated"],
    ["The answer is 230. Wait,", "230-? Truncated"],
    ["The answer is 230. I made a mistake. Let me recompute.", "230-R Truncated"],
    ["Die Antwort ist 230. Moment,", "230-? Truncated"],
    ["答案是230。等等，", "230-? Truncated"],
    ["La respuesta es 230. Espera,", "230-? Truncated"]
  ])("%j", (response, expected) => {
    expect(read(response, "240")).toBe(expected)
  })
})

it("a thought that breaks off in the middle of a sum is cut off", () => {
  expect(read("<think>\n15*10 = 150. Then 15*6 =", "240")).toMatch(/Truncated$/)
})

describe("K8: rows that are there twice", () => {
  it("lm-eval's row of each filter is one response", () => {
    const row = (doc: number, filter: string, response: string) => ({
      doc_id: doc,
      doc: { question: `How many, case ${doc}?` },
      target: `#### ${doc + 240}`,
      resps: [[response]],
      filtered_resps: ["0"],
      filter,
      doc_hash: `d${doc}`
    })
    const responses = ["#### 240", "#### 240", "15 * 16 = 242\n#### 242"]
    const lines = ["strict", "flexible"].flatMap((filter) => responses.map((response, doc) => row(doc, filter, response)))
    const text = lines.map((line) => JSON.stringify(line)).join("\n")
    const { marks, notes } = readBlock(Buffer.from(text), { format: "lm-eval", filter: "strict" }, defaultReader)
    expect(marks.kind.length).toBe(3)
    expect(notes.map(({ count, kind }) => [kind, count])).toEqual([["repeat", 3]])
  })
})

describe("K10 and K1: what calibration and comparison make of it", () => {
  const tallied = (rows: ReadonlyArray<TranscriptRow>) => {
    const tallies = makeTallies()
    for (const row of rows) tallies.add(gradeTranscript(row))
    return tallies.levels()
  }
  const rows = (count: number, samples: number, response: (k: number) => string): ReadonlyArray<TranscriptRow> =>
    Array.from({ length: count * samples }, (_, i) => {
      const k = i % count
      return { id: String(i), prompt: `Case ${k}: how many?`, answer: String(200 + k), response: response(k) }
    })

  it("samples of one problem are no independent ones: the interval is that of the problems", () => {
    // Half of the problems are always solved and half never.
    const clustered = tallied(rows(20, 16, (k) => `The answer is ${k % 2 === 0 ? 200 + k : 1}.`))
    const { pSample } = calibrateTallies(clustered, { rounds: 400, seed: 2 }).overall
    const [low, high] = pSample.interval!
    expect(pSample.value).toBe(0.5)
    // Of 20 independent problems ± 0.22, of 320 independent samples ± 0.055.
    expect(high - low).toBeGreaterThan(0.3)
  })

  it("one problem has no interval", () => {
    expect(calibrateTallies(tallied(rows(1, 2, () => "The answer is 200.")), { rounds: 100 }).overall.pSample.interval).toBeNull()
  })

  it("two models that are right alike differ in nothing, whether or not one of them checks", () => {
    const plain = rows(40, 1, (k) => `The answer is ${200 + k}.`)
    const checks = rows(40, 1, (k) => `The answer is ${200 + k}. Let me verify: ${3 * (200 + k)} / 3 = ${200 + k}. Right.`)
    const divides = rows(40, 1, (k) => `The answer is ${200 + k}. Let me verify: ${200 + k} / 4 = ${(200 + k) / 4}. Right.`)
    for (const other of [checks, divides]) {
      const { overall } = compareTallies({ id: "a", levels: tallied(plain) }, { id: "b", levels: tallied(other) }, { rounds: 50 })
      expect(overall.observed.value).toBe(0)
      expect(overall.decision.value).toBe(0)
    }
  })
})
