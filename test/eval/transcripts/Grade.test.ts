import { describe, expect, it } from "vitest"
import { gradeTranscript, NO_LEVEL, readTranscript, type TranscriptRow } from "../../../src/eval/transcripts/Grade.ts"
import { defaultReader } from "../../../src/eval/transcripts/Reader.ts"
import { addReadings, makeReadingTally, NO_READING } from "../../../src/eval/transcripts/ReadingTally.ts"

const base: TranscriptRow = { id: "1", prompt: "How many?", response: "The answer is 54. Wait, no. The answer is 56.", answer: "56" }
const scored = { ...defaultReader, isScored: true }

describe("rollouts of transcripts", () => {
  it("have the level and the query of their row, else of their prompt", () => {
    expect(gradeTranscript(base)).toMatchObject({ id: "1", level: NO_LEVEL, query: "How many?" })
    expect(gradeTranscript({ ...base, level: "hard", query: "doc 7" })).toMatchObject({ level: "hard", query: "doc 7" })
    expect(gradeTranscript({ ...base, prompt: "Calculate 7 * 8." })).toMatchObject({ level: "1x1", query: "Calculate 7 * 8." })
  })

  it("in the last allowed attempt a RESAMPLE is a failure, where it is one", () => {
    const capped = { ...base, response: "The answer is 56. Let me recompute.", hitCap: true }
    expect(gradeTranscript(capped)).toMatchObject({ outcome: "Wrong", hitCap: true, attempts: [{ correct: true, decision: "RESAMPLE" }] })
    // The row says so, but the last answer stands.
    expect(gradeTranscript({ ...base, hitCap: true })).toMatchObject({ outcome: "Correct" })
    expect(gradeTranscript({ ...base, hitCap: true })).not.toHaveProperty("hitCap")
  })

  it("a cut-off response keeps what was seen of it: decisions, but none after its last candidate", () => {
    const { attempts, outcome } = gradeTranscript({ ...base, truncated: true })
    expect(outcome).toBe("Truncated")
    expect(attempts).toEqual([{ answer: "54", correct: false, decision: "RESAMPLE" }, { answer: "56", correct: true }])
  })

  it("say by which kind they were graded, and against which reference", () => {
    expect(readTranscript(base)).toMatchObject({ counts: { kind: "integer" }, reference: "56" })
    expect(readTranscript({ ...base, answer: "\\sqrt{2}" })).toMatchObject({ counts: { kind: "mathematics" } })
    expect(readTranscript({ ...base, answer: "B", choices: ["red", "blue"] }).counts.kind).toBe("choice")
    const { answer: _, ...without } = base
    expect(readTranscript(without)).toMatchObject({ counts: { kind: "none" }, reference: undefined, rollout: { outcome: "GoldInvalid" } })
  })

  it("numbers in the prompt make a countdown problem of a target", () => {
    const row = {
      id: "1",
      prompt: "Using the numbers [19, 36, 55], create an equation that equals 72.",
      response: "<answer>55 + 36 - 19</answer>",
      answer: "72"
    }
    expect(readTranscript(row)).toMatchObject({ counts: { kind: "countdown" }, rollout: { outcome: "Correct" } })
    expect(gradeTranscript({ ...row, response: "<answer>72</answer>" }).outcome).not.toBe("Correct")
  })
})

describe("the row's own verdict", () => {
  it("decides about the last answer only where it is asked for", () => {
    expect(readTranscript({ ...base, score: 0 })).toMatchObject({ rollout: { outcome: "Correct" }, isContradicted: true })
    expect(readTranscript({ ...base, score: 0 }, scored)).toMatchObject({
      rollout: { outcome: "Wrong", attempts: [{ correct: false }, { correct: false }] },
      counts: { kind: "verdict" },
      isContradicted: true
    })
    expect(readTranscript({ ...base, score: 1 }, scored).isContradicted).toBe(false)
    expect(readTranscript(base, scored)).toMatchObject({ counts: { kind: "integer" }, isContradicted: undefined })
  })

  it("is enough without a reference", () => {
    const { answer: _, ...row } = base
    expect(gradeTranscript({ ...row, score: 1 }, scored)).toMatchObject({
      outcome: "Correct",
      attempts: [{ answer: "54", correct: false, decision: "RESAMPLE" }, { answer: "56", correct: true, decision: "STOP" }]
    })
    expect(gradeTranscript({ ...row, response: "The answer is 54.", score: 0 }, scored).outcome).toBe("Wrong")
    expect(gradeTranscript({ ...row, score: 1 }).outcome).toBe("GoldInvalid")
  })

  it("contradicts nothing where one of the two says neither right nor wrong", () => {
    expect(readTranscript({ ...base, score: 0, truncated: true }).isContradicted).toBeUndefined()
    expect(readTranscript({ ...base, score: 0, response: "I do not know." }).isContradicted).toBeUndefined()
    expect(readTranscript({ ...base, score: 0.5 }).isContradicted).toBeUndefined()
  })
})

describe("attempts ready made", () => {
  const wrong = { correct: false, decision: "RESAMPLE" } as const
  const right = { answer: "x", correct: true, decision: "STOP" } as const
  it("are the rollout; nothing of the response is read", () => {
    expect(readTranscript({ ...base, attempts: [wrong, right] })).toMatchObject({
      rollout: { outcome: "Correct", attempts: [{ ...wrong, answer: "attempt 1" }, right] },
      counts: { kind: "given", checks: 0, unmarked: 0 },
      taken: undefined
    })
  })

  it("that end with RESAMPLE were cut off, or met the cap", () => {
    expect(gradeTranscript({ ...base, attempts: [wrong], truncated: true }).outcome).toBe("Truncated")
    expect(gradeTranscript({ ...base, attempts: [wrong], hitCap: true })).toMatchObject({ outcome: "Wrong", hitCap: true })
  })
})

describe("what is counted while reading", () => {
  const tallied = (rows: ReadonlyArray<TranscriptRow>) => {
    const { add, tally } = makeReadingTally()
    for (const row of rows) add(readTranscript(row), row.response)
    return tally()
  }
  const checked = { ...base, id: "2", response: "The answer is 56. Let me verify: 56 / 7 = 8." }
  const rows: ReadonlyArray<TranscriptRow> = [
    { ...base, score: 0 },
    { ...base, id: "again" },
    { ...checked, score: 1 },
    { ...base, id: "3", prompt: "Another?", response: "The answer is 54. The answer is 56." },
    { ...base, id: "4", prompt: "Another?", answer: "\\sqrt{2}" }
  ]

  it("kinds, checks, changes without a word, contradictions and repetitions", () => {
    expect(tallied(rows)).toEqual({
      kinds: { integer: 4, mathematics: 1 },
      confirmed: 1,
      assumed: 0,
      engineless: 0,
      unmarked: 1,
      judged: 2,
      contradicted: 1,
      contradictions: ["1"],
      duplicates: 1
    })
  })

  it("no text is repeated where rows bring their attempts ready made", () => {
    const given = { ...base, response: "", attempts: [{ correct: true, decision: "STOP" as const }] }
    expect(tallied([given, { ...given, id: "again" }]).duplicates).toBe(0)
  })

  it("adds up over blocks; ids of contradictions are the first ten", () => {
    const [a, b] = [tallied(rows.slice(0, 3)), tallied(rows.slice(3))]
    expect(addReadings(a, b)).toEqual(tallied(rows))
    expect(addReadings(NO_READING, a)).toEqual(a)
    const many = tallied(Array.from({ length: 12 }, (_, k) => ({ ...base, id: String(k), response: `The answer is 56. (${k})`, score: 0 })))
    expect(many.contradicted).toBe(12)
    expect(many.contradictions).toHaveLength(10)
    expect(addReadings(many, many).contradictions).toHaveLength(10)
  })
})
