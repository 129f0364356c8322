/**
 * How well responses are read: our candidates, decisions and outcomes against those of the hand-labelled set.
 *
 * @module
 */
import { readFileSync } from "node:fs"
import { readTranscript } from "../src/eval/transcripts/Grade.ts"
import { graderFor } from "../src/tasks/grading/Graders.ts"
import { number } from "../src/tasks/grading/Numbers.ts"
import type { LabelledRow } from "./ReadingSet.ts"

/** An attempt in normal form, and where its value stands. */
export interface ReadAttempt {
  readonly answer: string
  readonly places: ReadonlyArray<readonly [start: number, end: number]>
  readonly decision: "STOP" | "RESAMPLE" | null
  readonly correct: boolean
}

/** A labelled response as labelled and as read. Runs of one value are one attempt: whether a check states it again is a matter of taste. */
export interface Compared {
  readonly row: LabelledRow
  readonly labelled: ReadonlyArray<ReadAttempt>
  readonly read: ReadonlyArray<ReadAttempt>
  readonly outcome: string
  /** Pairs of places in `labelled` and `read`. */
  readonly matches: ReadonlyArray<readonly [number, number]>
}

const merged = (attempts: ReadonlyArray<ReadAttempt>): ReadonlyArray<ReadAttempt> => {
  const kept: Array<ReadAttempt> = []
  for (const attempt of attempts) {
    const last = kept.at(-1)
    if (last !== undefined && last.answer === attempt.answer) {
      kept[kept.length - 1] = { ...attempt, places: [...last.places, ...attempt.places] }
    } else kept.push(attempt)
  }
  return kept
}

const overlaps = (a: ReadAttempt, b: ReadAttempt): boolean =>
  a.places.some(([start, end]) => b.places.some(([from, to]) => start < to && from < end))

// The longest common subsequence of attempts with the same value, or at the same place.
const match = (labelled: ReadonlyArray<ReadAttempt>, read: ReadonlyArray<ReadAttempt>): ReadonlyArray<readonly [number, number]> => {
  const isSame = (i: number, j: number) => labelled[i]!.answer === read[j]!.answer || overlaps(labelled[i]!, read[j]!)
  const best = Array.from({ length: labelled.length + 1 }, () => Array.from({ length: read.length + 1 }, () => 0))
  for (let i = labelled.length - 1; i >= 0; i--) {
    for (let j = read.length - 1; j >= 0; j--) {
      best[i]![j] = isSame(i, j) ? 1 + best[i + 1]![j + 1]! : Math.max(best[i + 1]![j]!, best[i]![j + 1]!)
    }
  }
  const pairs: Array<readonly [number, number]> = []
  for (let i = 0, j = 0; i < labelled.length && j < read.length;) {
    if (isSame(i, j)) pairs.push([i++, j++])
    else if (best[i + 1]![j]! >= best[i]![j + 1]!) i++
    else j++
  }
  return pairs
}

/** Reads a labelled response and compares. */
export const compareRow = (row: LabelledRow): Compared => {
  const { choices, gold, id, numbers, prompt, response, truncated, turns } = row
  const extras = { ...(choices === undefined ? {} : { choices }), ...(numbers === undefined ? {} : { numbers }) }
  const grader = graderFor({ text: gold, prompt, ...extras })?.grader ?? number
  const normal = (text: string): string => grader.value(text, 0, text.length, "wrapped")?.answer ?? text
  const { rollout, taken } = readTranscript({
    id,
    prompt,
    response,
    answer: gold,
    ...extras,
    ...(turns === undefined ? {} : { turns }),
    ...(truncated === undefined ? {} : { truncated })
  })
  const labelled = merged(
    row.attempts.map(({ answer, correct, decision, places }) => ({ answer: normal(answer), correct, decision, places }))
  )
  const read = merged(
    rollout.attempts.map(({ answer, correct, decision }, k) => {
      const { end, start } = taken!.attempts[k]!.candidate
      return { answer, correct, decision: decision ?? null, places: [[start, end] as const] }
    })
  )
  return { row, labelled, read, outcome: rollout.outcome, matches: match(labelled, read) }
}

/** How often reading and labels agree. */
export interface Quality {
  readonly responses: number
  /** Labelled candidates, read ones, and those that are both. */
  readonly labelled: number
  readonly read: number
  readonly both: number
  /** Of those that are both, the ones with the same decision, and RESAMPLEs labelled, read, and both. */
  readonly sameDecision: number
  readonly resampleLabelled: number
  readonly resampleRead: number
  readonly resampleBoth: number
  /** Responses whose outcome agrees; whose first answer has the same correctness; that agree in all. */
  readonly sameOutcome: number
  readonly sameFirst: number
  readonly exact: number
}

/** Whether a response is read as it was labelled, in all. */
export const isReadRight = ({ labelled, matches, outcome, read, row }: Compared): boolean =>
  outcome === row.outcome && labelled.length === read.length && matches.length === read.length &&
  matches.every(([i, j]) => labelled[i]!.decision === read[j]!.decision && labelled[i]!.correct === read[j]!.correct)

/** Counts over responses. */
export const qualityOf = (compared: ReadonlyArray<Compared>): Quality => {
  const sum = (value: (each: Compared) => number): number => compared.reduce((total, each) => total + value(each), 0)
  const resamples = (attempts: ReadonlyArray<ReadAttempt>): number => attempts.filter(({ decision }) => decision === "RESAMPLE").length
  return {
    responses: compared.length,
    labelled: sum(({ labelled }) => labelled.length),
    read: sum(({ read }) => read.length),
    both: sum(({ matches }) => matches.length),
    sameDecision: sum(({ labelled, matches, read }) => matches.filter(([i, j]) => labelled[i]!.decision === read[j]!.decision).length),
    resampleLabelled: sum(({ labelled }) => resamples(labelled)),
    resampleRead: sum(({ read }) => resamples(read)),
    resampleBoth: sum(({ labelled, matches, read }) =>
      matches.filter(([i, j]) => labelled[i]!.decision === "RESAMPLE" && read[j]!.decision === "RESAMPLE").length
    ),
    sameOutcome: sum(({ outcome, row }) => (outcome === row.outcome ? 1 : 0)),
    sameFirst: sum(({ labelled, read }) => (labelled[0]?.correct === read[0]?.correct ? 1 : 0)),
    exact: sum((each) => (isReadRight(each) ? 1 : 0))
  }
}

/** The labelled set. */
export const labelledRows = (): ReadonlyArray<LabelledRow> =>
  readFileSync(new URL("../bench/data/reading/labelled.jsonl", import.meta.url), "utf8").trim().split("\n").map((line) =>
    JSON.parse(line) as LabelledRow
  )

/** The qualities of both halves. */
export const qualityByHalf = (compared: ReadonlyArray<Compared>): Readonly<Record<"tune" | "held", Quality>> => ({
  tune: qualityOf(compared.filter(({ row }) => row.half === "tune")),
  held: qualityOf(compared.filter(({ row }) => row.half === "held"))
})
