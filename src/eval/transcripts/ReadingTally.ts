/**
 * What was counted while reading, beside rollouts: kinds of answers, checks, changes without a marker, contradictions with the rows' own verdicts.
 *
 * @module
 */
import { Schema } from "effect"
import { addCounts } from "./Counts.ts"
import type { GradedTranscript } from "./Grade.ts"

/** Counts of responses and of what was read in them. */
export const ReadingTally = Schema.Struct({
  /** Responses by the kind of answer that they were graded by; "none" without a usable reference. */
  kinds: Schema.Record(Schema.String, Schema.Int),
  /** Markers after which the same answer stood: checks, not decisions to RESAMPLE. */
  confirmed: Schema.Int,
  /** Announced answers that changed without a marker. */
  unmarked: Schema.Int,
  /** Earlier answers that are taken for wrong because only a verdict on the last one is known. */
  assumed: Schema.Int,
  /** Responses whose reference needs the compute engine, which is not installed. */
  engineless: Schema.Int,
  /** Responses that bring a verdict of their own, and those among them whose verdict is not ours. */
  judged: Schema.Int,
  contradicted: Schema.Int,
  /** Ids of the first of those. */
  contradictions: Schema.Array(Schema.String),
  /** Responses that are word for word another one to the same problem, of neighbours in the file. */
  duplicates: Schema.Int
})

/** Counts of responses and of what was read in them. */
export type ReadingTally = typeof ReadingTally.Type

/** Nothing counted. */
export const NO_READING: ReadingTally = {
  kinds: {},
  confirmed: 0,
  unmarked: 0,
  assumed: 0,
  engineless: 0,
  judged: 0,
  contradicted: 0,
  contradictions: [],
  duplicates: 0
}

const LISTED = 10
// Responses of one problem that are held against each other.
const MOST_COMPARED = 256

/** Counts while a block is read. */
export const makeReadingTally = () => {
  const kinds = new Map<string, number>()
  let [confirmed, unmarked, assumed, engineless, judged, contradicted, duplicates] = [0, 0, 0, 0, 0, 0, 0]
  const contradictions: Array<string> = []
  let query = ""
  let texts: Array<string> = []
  return {
    add: ({ counts, isContradicted, rollout }: GradedTranscript, response: string): void => {
      kinds.set(counts.kind, (kinds.get(counts.kind) ?? 0) + 1)
      confirmed += counts.checks
      unmarked += counts.unmarked
      assumed += counts.assumed
      engineless += counts.engineless
      if (isContradicted !== undefined) judged++
      if (isContradicted === true) {
        contradicted++
        if (contradictions.length < LISTED) contradictions.push(rollout.id)
      }
      if (rollout.query !== query) {
        query = rollout.query
        texts = []
      }
      // Rows that bring their attempts ready made have no text to be repeated.
      if (response === "") return
      // Most texts differ in length, so that comparing costs less than a set would.
      if (texts.includes(response)) duplicates++
      else if (texts.length < MOST_COMPARED) texts.push(response)
    },
    tally: (): ReadingTally => ({
      kinds: Object.fromEntries(kinds),
      confirmed,
      unmarked,
      assumed,
      engineless,
      judged,
      contradicted,
      contradictions,
      duplicates
    })
  }
}

/** The counts of two readings as one. */
export const addReadings = (a: ReadingTally, b: ReadingTally): ReadingTally => {
  return {
    kinds: addCounts(a.kinds, b.kinds),
    confirmed: a.confirmed + b.confirmed,
    unmarked: a.unmarked + b.unmarked,
    assumed: a.assumed + b.assumed,
    engineless: a.engineless + b.engineless,
    judged: a.judged + b.judged,
    contradicted: a.contradicted + b.contradicted,
    contradictions: [...a.contradictions, ...b.contradictions].slice(0, LISTED),
    duplicates: a.duplicates + b.duplicates
  }
}
