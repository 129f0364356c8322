import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { LabelledRow } from "../../../scripts/ReadingSet.ts"
import { autoAnswers } from "../../../src/tasks/grading/Answers.ts"
import { number } from "../../../src/tasks/grading/Numbers.ts"
import { fromCandidates, isOfUse, listOf } from "../../../src/tasks/reading/FromCandidates.ts"
import { defaultMarkers } from "../../../src/tasks/reading/Markers.ts"
import { PIECE_LENGTH, PIECE_OVERLAP, piecesOf } from "../../../src/tasks/reading/Pieces.ts"
import { type CandidateQuote, placeQuotes } from "../../../src/tasks/reading/PlaceQuotes.ts"
import { formatResponse } from "../../../src/tasks/reading/RevisionMarkers.ts"
import { type ReadingOptions, takeApart, type TakenApart } from "../../../src/tasks/reading/TakeApart.ts"
import { processorMs } from "../../support/ProcessorTime.ts"

const read = (text: string, candidates: ReadonlyArray<CandidateQuote>, options: ReadingOptions = {}) =>
  fromCandidates(text, [listOf(text, candidates)], defaultMarkers, options)

const said = ({ attempts }: TakenApart) => attempts.map(({ candidate, decision }) => [candidate.answer, decision])

const places = (text: string, ...quotes: ReadonlyArray<readonly [quote: string, answer: string]>) => {
  const { invented, placed } = placeQuotes(text, quotes.map(([quote, answer]) => ({ quote, answer })))
  return { invented, answers: placed.map(({ end, start }) => text.slice(start, end)), starts: placed.map(({ start }) => start) }
}

// What a reading says, without how its candidates were found.
const plain = ({ attempts, checks, end, isThinking, isUnfinished, unmarked }: TakenApart) => ({
  attempts: attempts.map(({ candidate, decision, end: to, marker, start }) => ({
    start,
    end: to,
    decision,
    marker,
    answer: candidate.answer,
    place: [candidate.start, candidate.end]
  })),
  checks,
  end,
  isThinking,
  isUnfinished,
  unmarked
})

describe("placing quotes", () => {
  it("finds each quote after the answer before it, and counts what does not stand there", () => {
    const text = "So 12. Wait, so 12. Then the answer is 15."
    expect(places(text, ["so 12", "12"], ["answer is 15", "15"])).toEqual({ invented: 0, answers: ["12", "15"], starts: [16, 39] })
    expect(places(text, ["So 12", "12"], ["so 12", "12"]).starts).toEqual([3, 16])
    expect(places(text, ["answer is 15", "15"], ["So 12", "12"])).toEqual({ invented: 1, answers: ["15"], starts: [39] })
    expect(places(text, ["the answer is 16", "16"], ["So 12", "15"], ["", ""], ["So 12", ""]).invented).toBe(4)
    expect(places("It is 5. It is 5.", ["It is 5", "5"], ["It is 5", "5"], ["It is 5", "5"])).toMatchObject({
      invented: 1,
      starts: [6, 15]
    })
  })

  it("folds white space, markup and typography", () => {
    const text = "So the **answer**\n  is “$\\frac{1}{2}$” – done."
    expect(places(text, ["the answer is \"\\frac{1}{2}\" - done", "\\frac{1}{2}"]).answers).toEqual(["\\frac{1}{2}"])
    expect(places("x = −$3$", ["x = -3", "-3"]).answers).toEqual(["−$3"])
  })

  it("never takes a part of a longer value, and keeps a sign", () => {
    for (
      const text of ["It is 1/2.", "It is 12.", "It is 2^5.", "It is \\sqrt{2}.", "It is 3\\sqrt{5}.", "It is \\frac{1}{2}.", "It is 2.5."]
    ) {
      expect(places(text, [text.slice(0, -1), "2"], [text.slice(0, -1), "1"], [text.slice(0, -1), "3"])).toMatchObject({ answers: [] })
    }
    expect(places("The answer is -3.", ["The answer is -3", "3"]).answers).toEqual(["-3"])
    expect(places("5-3 = 2", ["5-3", "3"]).answers).toEqual(["3"])
    expect(places("34 * 12 = 34, no: 3", ["no: 3", "3"], ["Bob", "B"])).toMatchObject({ answers: ["3"], invented: 1 })
  })

  it("looks for the surroundings of an answer in a quote that is too long", () => {
    const long = "word ".repeat(200)
    const text = `${long}the answer is 17 and ${long}`
    expect(places(text, [text, "17"]).answers).toEqual(["17"])
  })
})

describe("a response by listed candidates", () => {
  it("makes attempts of values, and decisions of what is between", () => {
    const text = "So 12 apples. Again: 12 apples. Wait, that is wrong. It is 15. Let me check: 15 / 3 = 5. Yes."
    const taken = read(text, [
      { quote: "So 12 apples", answer: "12" },
      { quote: "Again: 12 apples", answer: "12" },
      { quote: "It is 15", answer: "15" }
    ])
    expect(said(taken)).toEqual([["12", "RESAMPLE"], ["15", "STOP"]])
    expect(taken).toMatchObject({ checks: 1, unmarked: 0, invented: 0, listed: 3 })
    expect(taken.attempts[0]!.start).toBe(0)
    expect(text.slice(taken.attempts[0]!.start, taken.attempts[0]!.end)).toBe("So 12 apples. Again: 12")
  })

  it("counts a change without a marker, and takes a return to the same value after one for an attempt", () => {
    const unmarked = read("It is 3. It is 4.", [{ quote: "It is 3", answer: "3" }, { quote: "It is 4", answer: "4" }])
    expect(said(unmarked)).toEqual([["3", "RESAMPLE"], ["4", "STOP"]])
    expect(unmarked.unmarked).toBe(1)
    const echo = read("It is 3. Wait, I made a mistake. It is 3.", [{ quote: "It is 3", answer: "3" }, { quote: "It is 3", answer: "3" }])
    expect(said(echo)).toEqual([["3", "RESAMPLE"], ["3", "STOP"]])
  })

  it("does not see a decision after a cut, unless the answer was taken back", () => {
    expect(said(read("It is 3. And", [{ quote: "It is 3", answer: "3" }], { isTruncated: true }))).toEqual([["3", undefined]])
    expect(said(read("<think>It is 3. And", [{ quote: "It is 3", answer: "3" }]))).toEqual([["3", undefined]])
    const back = read("It is 3. No, that is wrong. So", [{ quote: "It is 3", answer: "3" }], { isTruncated: true })
    expect(said(back)).toEqual([["3", "RESAMPLE"]])
  })

  it("drops values of another kind, what stands after the end, and says when nothing is left", () => {
    const words = read("It is blue.", [{ quote: "It is blue", answer: "blue" }], {
      grader: {
        ...number,
        value: (text, from, to) => (/^\d/.test(text.slice(from, to)) ? { start: from, end: to, answer: "n" } : undefined)
      }
    })
    expect(words).toMatchObject({ attempts: [], unread: 1, invented: 0 })
    expect(isOfUse(words)).toBe(false)
    expect(isOfUse(read("It is blue.", []))).toBe(true)
    const next = "The answer is 3.\n\nQuestion: What is 4 + 4?\nThe answer is 8."
    expect(said(read(next, [{ quote: "The answer is 3", answer: "3" }, { quote: "The answer is 8", answer: "8" }]))).toEqual([[
      "3",
      "STOP"
    ]])
  })

  it("reads what another grader calls equal as one answer", () => {
    const graded = autoAnswers.gradedBy({ text: "\\frac{1}{2}", prompt: "" })
    const text = "x = \\frac{1}{2}, and so x = \\frac{1}{2}."
    const taken = read(text, [{ quote: "x = \\frac{1}{2}, and", answer: "\\frac{1}{2}" }, {
      quote: "so x = \\frac{1}{2}",
      answer: "\\frac{1}{2}"
    }], {
      grader: graded!.grader
    })
    expect(taken.attempts.length).toBe(1)
    expect(graded!.reference.check(taken.attempts[0]!.candidate.answer)).toBe("Correct")
  })

  it("leaves out the unit of a number, and nothing of a value", () => {
    const { grader } = autoAnswers.gradedBy({ text: "12", prompt: "" })!
    const values = ["65 км/ч", "1220円", "12 apples", "3x", "\\frac{1}{2}"].map((answer) => {
      const text = `So it is ${answer}.`
      return read(text, [{ quote: text, answer }], { grader }).attempts.map(({ candidate }) => text.slice(candidate.start, candidate.end))
    })
    expect(values).toEqual([["65"], ["1220"], ["12"], ["3x"], ["\\frac{1}{2}"]])
  })

  it("comes to the decisions of the hand-labelled responses, if their candidates are listed", () => {
    const file = fileURLToPath(new URL("../../../bench/data/reading/labelled.jsonl", import.meta.url))
    const rows = readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line) as LabelledRow)
    const inRuns = (attempts: ReadonlyArray<{ readonly answer: string; readonly decision: string | null }>) =>
      attempts.filter(({ answer }, k) => attempts[k + 1]?.answer !== answer)
    const right = rows.filter(({ attempts, choices, gold, numbers, prompt, response, truncated, turns }) => {
      const places = attempts.flatMap(({ answer, places }) => places.map(([start, end]) => ({ answer, start, end }))).toSorted((a, b) =>
        a.start - b.start
      )
      const quotes = places.map(({ end, start }) => ({
        quote: response.slice(Math.max(0, start - 40), end + 2),
        answer: response.slice(start, end)
      }))
      const extras = { ...(choices === undefined ? {} : { choices }), ...(numbers === undefined ? {} : { numbers }) }
      const grader = autoAnswers.gradedBy({ text: gold, prompt, ...extras })?.grader ?? number
      const taken = read(response, quotes, { grader, turns, isTruncated: truncated === true })
      const found = taken.attempts.map(({ candidate, decision }) => ({
        answer: places.find(({ end, start }) => start < candidate.end && candidate.start < end)?.answer ?? candidate.answer,
        decision: decision ?? null
      }))
      expect(taken.invented).toBe(0)
      return JSON.stringify(inRuns(found)) === JSON.stringify(inRuns(attempts.map(({ answer, decision }) => ({ answer, decision }))))
    })
    expect(right.length / rows.length).toBeGreaterThan(0.975)
  })

  it("reads what formatResponse writes as the rules do, if the true candidates are listed", () => {
    const attempts = fc.array(fc.record({ answer: fc.nat(99).map(String), isLast: fc.boolean() }), { minLength: 1, maxLength: 12 })
    fc.assert(fc.property(attempts, fc.boolean(), (list, isTruncated) => {
      const rows = list.map(({ answer }, k) => ({ answer, decision: k + 1 < list.length ? "RESAMPLE" as const : "STOP" as const }))
      const text = formatResponse(rows)
      const byModel = read(text, rows.map(({ answer }) => ({ quote: `The answer is ${answer}.`, answer })), { isTruncated })
      expect(byModel.invented).toBe(0)
      expect(plain(byModel)).toEqual(plain(takeApart(text, defaultMarkers, { isTruncated })))
    }))
  })
})

describe("pieces", () => {
  it("cover the text, keep every place once, and are cut at line ends", () => {
    const line = fc.string({ maxLength: 90 })
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (lines, times) => {
        const text = `${lines.join("\n")}\n`.repeat(times)
        const pieces = piecesOf(text)
        expect(pieces[0]).toMatchObject({ from: 0, keptFrom: 0 })
        expect(pieces.at(-1)).toMatchObject({ to: text.length, keptTo: text.length })
        for (const [k, { from, keptFrom, keptTo, to }] of pieces.entries()) {
          expect(to - from).toBeLessThanOrEqual(PIECE_LENGTH)
          expect(from <= keptFrom && keptTo <= to).toBe(true)
          if (k > 0) {
            expect(keptFrom).toBe(pieces[k - 1]!.keptTo)
            expect(pieces[k - 1]!.to - from).toBeLessThanOrEqual(PIECE_OVERLAP + 1)
            expect(text[pieces[k - 1]!.to - 1]).toBe("\n")
          }
        }
      }),
      { numRuns: 50 }
    )
  })

  it("do not cut characters in two where there is no line and no word", () => {
    const text = "𝟛".repeat(20_000)
    for (const { from, to } of piecesOf(text)) expect(/^[\udc00-\udfff]|[\ud800-\udbff]$/.test(text.slice(from, to))).toBe(false)
  })

  it("of a megabyte are read in time that is linear, whatever is listed", () => {
    for (const text of ["=1".repeat(500_000), "It is 3. Wait, ".repeat(66_000), " ".repeat(1_000_000), "\\".repeat(1_000_000)]) {
      const lists = piecesOf(text).map((piece) => ({
        ...piece,
        candidates: Array.from(
          { length: 40 },
          (_, k) => ({ quote: k % 2 === 0 ? "It is 3" : `${"=1".repeat(80)}2`, answer: k % 2 === 0 ? "3" : "2" })
        )
      }))
      const began = processorMs()
      fromCandidates(text, lists, defaultMarkers)
      expect(processorMs() - began).toBeLessThan(3000)
    }
  })
})
