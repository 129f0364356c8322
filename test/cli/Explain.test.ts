import { describe, expect, it } from "vitest"
import { bracketed, coloured, explain, type Explanation, explanationOf } from "../../src/cli/calibrate/Explain.ts"
import { styled } from "../../src/cli/Style.ts"
import { readLine } from "../../src/eval/transcripts/Formats.ts"
import type { TranscriptRow } from "../../src/eval/transcripts/Grade.ts"
import { defaultReader } from "../../src/eval/transcripts/Reader.ts"

const rowOf = (row: object): TranscriptRow => {
  const reading = readLine(JSON.stringify(row), {}, "1", "file:")
  if ("problem" in reading) throw new Error(reading.problem)
  return reading.rows[0]!
}
const explained = (row: object): Explanation => explanationOf(rowOf(row), defaultReader)

const digits = (text: string): string => text.replace(/\D/g, "")

const prompt = "A rope of 9 pieces, 12 m each: how long?"
const user = { role: "user", content: prompt }

describe("explanations as data", () => {
  it("have these keys and values, and nothing else", () => {
    const response = "The answer is 98. Wait, 9 times 2 is 18. The answer is 107. Let me recompute. \\boxed{108}"
    const { attempts, ...rest } = explained({ id: "rope", prompt, response, answer: "108" })
    expect(rest).toEqual({
      id: "rope",
      outcome: "Correct",
      reason: "the last answer 108 agrees with the reference 108",
      kind: "integer",
      level: "all",
      checks: 0
    })
    expect(attempts.map(({ announced, answer, correct, decision }) => [answer, correct, decision, announced])).toEqual([
      ["98", false, "RESAMPLE", "words"],
      ["107", false, "RESAMPLE", "words"],
      ["108", true, "STOP", "boxed"]
    ])
    for (const attempt of attempts) {
      expect(Object.keys(attempt)).toEqual(["answer", "correct", "decision", "start", "end", "announced"])
    }
  })

  it.each<readonly [what: string, row: object]>([
    ["words", { prompt, response: "The answer is 98. Wait, no. The answer is 108.", answer: "108" }],
    ["boxes", { prompt, response: "\\boxed{98}\nLet me recheck: \\boxed{108}", answer: "108" }],
    ["groups", { prompt, response: "The answer is 1,098. Hmm. The answer is $1{,}108$ m.", answer: "1108" }],
    ["tags", {
      prompt,
      response: "<think>The answer is 98.</think><answer>98</answer>\n<think>No, 18.</think>\n<answer>108</answer>",
      answer: "108"
    }],
    ["thoughts", {
      messages: [user, { role: "assistant", reasoning_content: "The answer is 98. Wait, 18. The answer is 108.", content: "It is 108 m." }],
      answer: "108"
    }],
    ["turns", {
      prompt: [user],
      completion: [
        { role: "assistant", content: "The answer is 98." },
        { role: "user", content: "Is it? I say the answer is 500." },
        { role: "assistant", content: "The answer is 108." }
      ],
      answer: "108"
    }],
    ["other scripts", { prompt, response: "答案是98。等等，答案是108。", answer: "108" }],
    ["equations", { prompt: "Calculate 9 * 12.", response: "9 * 12 = 98. Let me recompute.\n9 * 12 = 108", answer: "108" }]
  ])("place every answer where it stands in the response: %s", (_, row) => {
    const read = rowOf(row)
    const { attempts } = explanationOf(read, defaultReader)
    expect(attempts.map(({ decision }) => decision)).toEqual(["RESAMPLE", "STOP"])
    for (const { answer, end, start } of attempts) {
      expect(digits(read.response.slice(start!, end!))).toBe(digits(answer))
      expect(end! - start!).toBeLessThan(30)
    }
    const starts = attempts.map(({ start }) => start!)
    expect(starts).toEqual(starts.toSorted((a, b) => a - b))
  })

  it("say null for a decision that was not seen", () => {
    const { attempts, outcome, reason } = explained({ prompt, response: "The answer is 98.", answer: "108", finish_reason: "length" })
    expect(outcome).toBe("Truncated")
    expect(reason).toBe("the row says that it was cut off")
    expect(attempts).toMatchObject([{ answer: "98", decision: null }])
  })

  it.each<readonly [row: object, outcome: string, reason: RegExp]>([
    [{ prompt, response: "The answer is 98.", answer: "108" }, "Wrong", /98 does not agree with the reference 108/],
    [{ prompt, response: "I cannot tell.", answer: "108" }, "Unparsable", /no answer was found/],
    [{ prompt, response: "The answer is 98." }, "GoldInvalid", /no reference answer/],
    [{ prompt, response: "<think>The answer is 98.", answer: "108" }, "Truncated", /thought was opened and never closed/],
    [{ prompt, response: "The answer is 98. Let me recompute.", answer: "108" }, "Truncated", /breaks off after a marker/]
  ])("say why: %j", (row, outcome, reason) => {
    expect(explained(row)).toMatchObject({ outcome, reason: expect.stringMatching(reason) })
  })

  it("of attempts ready made have no places", () => {
    const attempts = [{ answer: "98", correct: false, decision: "RESAMPLE" }, { correct: true, decision: "STOP" }]
    expect(explained({ id: "given", prompt, attempts })).toEqual({
      id: "given",
      outcome: "Correct",
      reason: "the row brings its attempts",
      kind: "given",
      level: "all",
      checks: 0,
      attempts: [
        { answer: "98", correct: false, decision: "RESAMPLE", start: null, end: null, announced: null },
        { answer: "attempt 2", correct: true, decision: "STOP", start: null, end: null, announced: null }
      ]
    })
  })
})

describe("explanations in words", () => {
  const row = rowOf({ prompt, response: "The answer is 98. Wait, 18. The answer is 108. Let me verify: 100 + 8.", answer: "108" })

  it("paint candidates and markers in place", () => {
    const text = explain(row, defaultReader, bracketed)
    expect(text).toContain("The answer is [wrong: 98]. [marker: Wait,] 18. The answer is [right: 108]. Let me verify: 100 + 8.")
    expect(text).toContain(
      "attempt 1: 98 wrong (words), RESAMPLE\nattempt 2: 108 right (words), STOP\nchecks after which the answer stood: 1\n"
    )
    expect(explain(row, defaultReader, coloured)).toContain(`${styled(31, "98")}. ${styled(33, "Wait,")}`)
  })

  it("of attempts ready made name them as given", () => {
    const given = rowOf({ prompt, attempts: [{ answer: "98", correct: false, decision: "STOP" }] })
    expect(explain(given, defaultReader, bracketed)).toContain("attempt 1: 98 wrong (given), STOP\noutcome: Wrong")
  })
})
