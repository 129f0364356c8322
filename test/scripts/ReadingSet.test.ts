import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { type LabelledRow, readingSet, rowsOfSource } from "../../scripts/ReadingSet.ts"

const folder = new URL("../../bench/data/reading/", import.meta.url)
const sources = new Map(
  readdirSync(new URL("source", folder)).map((name) => [name.slice(0, -4), readFileSync(new URL(`source/${name}`, folder), "utf8")])
)
const labelled = readFileSync(new URL("labelled.jsonl", folder), "utf8")
const rows: ReadonlyArray<LabelledRow> = labelled.trimEnd().split("\n").map((line) => JSON.parse(line))

const idsWhere = (isBad: (row: LabelledRow) => boolean): ReadonlyArray<string> => rows.filter(isBad).map(({ id }) => id)
const shareOf = (part: ReadonlyArray<unknown>, whole: ReadonlyArray<unknown>): number => part.length / whole.length

describe("labelled responses", () => {
  it("labelled.jsonl is what the sources say: run `node scripts/build-reading-set.ts` when it is not", () => {
    expect(labelled).toBe(readingSet(sources))
  })

  it("are at least 330, no two alike", () => {
    expect(rows.length).toBeGreaterThanOrEqual(330)
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
    expect(new Set(rows.map(({ response }) => response)).size).toBe(rows.length)
  })

  it("every answer equals its text, and the places of attempts follow one another", () => {
    const isBad = ({ attempts, response }: LabelledRow): boolean => {
      const places = attempts.flatMap(({ places }) => places)
      return attempts.some(({ answer, end, places, start }) =>
        answer === "" || response.slice(start, end) !== answer || places.at(-1)![0] !== start || places.at(-1)![1] !== end
      ) || places.some(([start, end], i) => start >= end || start < (places[i - 1]?.[1] ?? 0) || end > response.length)
    }
    expect(idsWhere(isBad)).toEqual([])
  })

  it("decisions fit what follows: RESAMPLE before another attempt, STOP at the end, null only where the text is cut off", () => {
    const isBad = ({ attempts, truncated }: LabelledRow): boolean =>
      attempts.some(({ decision, marked }, i) => {
        const isLast = i === attempts.length - 1
        if (marked && decision !== "RESAMPLE") return true
        return isLast ? (truncated === true ? decision === "STOP" : decision !== "STOP") : decision !== "RESAMPLE"
      })
    expect(idsWhere(isBad)).toEqual([])
  })

  it("an attempt with the text of the one before it is an echo, and an echo is as right as what it echoes", () => {
    const isBad = ({ attempts }: LabelledRow): boolean =>
      attempts.some(({ answer, correct, echo }, i) => {
        const before = attempts[i - 1]
        return before === undefined ? echo === true : echo === true ? correct !== before.correct : answer === before.answer
      })
    expect(idsWhere(isBad)).toEqual([])
  })

  it("an answer in plain digits is labelled right exactly if it equals a gold in plain digits", () => {
    const plain = /^-?\d+$/
    const compared = rows.filter(({ gold, kind }) => kind === "integer" && plain.test(gold))
    const isBad = ({ attempts, gold }: LabelledRow): boolean =>
      attempts.some(({ answer, correct }) => plain.test(answer) && correct !== (BigInt(answer) === BigInt(gold)))
    expect(compared.length).toBeGreaterThan(250)
    expect(compared.filter(isBad).map(({ id }) => id)).toEqual([])
  })

  it("the last attempt says how a response ended", () => {
    const outcomeOf = ({ attempts, truncated }: LabelledRow): string =>
      truncated === true ? "Truncated" : attempts.length === 0 ? "Unparsable" : attempts.at(-1)!.correct ? "Correct" : "Wrong"
    expect(idsWhere((row) => row.outcome !== outcomeOf(row))).toEqual([])
    expect(idsWhere(({ checks }) => !Number.isInteger(checks) || checks < 0)).toEqual([])
    expect(new Set(rows.map(({ outcome }) => outcome)).size).toBe(4)
  })

  it("every style has 12 responses (a language of its own 6) and some of them in each half", () => {
    const styles = [...Map.groupBy(rows, ({ style }) => style)]
    const least = (ofStyle: ReadonlyArray<LabelledRow>): number => (ofStyle.every(({ language }) => language !== undefined) ? 6 : 12)
    const held = (ofStyle: ReadonlyArray<LabelledRow>): number => shareOf(ofStyle.filter(({ half }) => half === "held"), ofStyle)
    expect(styles.filter(([, ofStyle]) => ofStyle.length < least(ofStyle)).map(([style]) => style)).toEqual([])
    expect(styles.filter(([, ofStyle]) => Math.abs(held(ofStyle) - 0.5) > 0.25).map(([style]) => style)).toEqual([])
    expect(new Set(rows.map(({ language }) => language)).size).toBeGreaterThanOrEqual(7)
  })

  it("has what rates need: wrong first answers, corrected and not, right ones that are spoiled, long traces", () => {
    const answered = rows.filter(({ attempts }) => attempts.length > 0)
    const wrong = answered.filter(({ attempts }) => !attempts[0]!.correct)
    expect(shareOf(wrong, answered)).toBeGreaterThan(0.35)
    expect(shareOf(wrong.filter(({ attempts }) => attempts.at(-1)!.correct), wrong)).toBeGreaterThan(0.5)
    expect(answered.filter(({ attempts }) => attempts[0]!.correct && !attempts.at(-1)!.correct).length).toBeGreaterThanOrEqual(12)
    expect(rows.filter(({ response }) => response.split(/\s+/).length >= 300).length).toBeGreaterThanOrEqual(40)
  })
})

describe("rowsOfSource", () => {
  const source = (headers: string, response: string): string => `@@ x-1\nprompt: p⏎q\ngold: 408\n${headers}@@@\n${response}\n\n`
  const row = (headers: string, response: string): LabelledRow => rowsOfSource("made", source(headers, response))[0]!

  it("takes the marks out and keeps where they were", () => {
    const { attempts, prompt, response, turns } = row("", "is ⟦1w:418⟧.\n⟦|⟧No, ⟦2u:408⟧, yes \\boxed{⟦2:408⟧}.")
    expect(prompt).toBe("p\nq")
    expect(response).toBe("is 418.\nNo, 408, yes \\boxed{408}.")
    expect(turns).toEqual([8])
    expect(attempts).toEqual([
      { answer: "418", start: 3, end: 6, places: [[3, 6]], decision: "RESAMPLE", marked: false, correct: false },
      { answer: "408", start: 28, end: 31, places: [[12, 15], [28, 31]], decision: "STOP", marked: false, correct: true }
    ])
  })

  it("does not see the decision where the text is cut off, unless the label says so", () => {
    expect(row("truncated: yes\n", "⟦1:408⟧. Wait,").attempts[0]!.decision).toBe(null)
    expect(row("truncated: yes\nlast: RESAMPLE\n", "⟦1:408⟧ is wrong, so").attempts[0]).toMatchObject({
      decision: "RESAMPLE",
      marked: true
    })
  })

  it.each([
    ["a mark out of order", "", "⟦2:408⟧"],
    ["a malformed mark", "", "⟦1x:408⟧"],
    ["an unknown header", "golden: 4\n", "⟦1:408⟧"],
    ["an unknown kind", "kind: colour\n", "⟦1:408⟧"],
    ["an unknown last decision", "last: GO\n", "⟦1:408⟧"]
  ])("refuses %s, and says where", (_, headers, response) => {
    expect(() => row(headers, response)).toThrow(/^made\.txt:1: /)
  })

  it("refuses a response without its headers", () => {
    expect(() => rowsOfSource("made", "@@ x-1\ngold: 4\n@@@\n4\n")).toThrow("made.txt:1: no prompt")
    expect(() => rowsOfSource("made", "@@ x-1\ngold: 4\n")).toThrow("made.txt:1: no line @@@ before the response")
  })
})
