/**
 * From a transcript to a row that calibration reads.
 *
 * @module
 */
import type { Decision } from "../../domain/Decision.ts"
import type { Gold } from "../../domain/Grader.ts"
import { outcomeOf } from "../../domain/Grading.ts"
import type { Outcome } from "../../domain/Query.ts"
import type { Verdict } from "../../domain/Task.ts"
import type { Transcript } from "../../domain/Transcript.ts"
import type { Graded } from "../../tasks/grading/Graders.ts"
import type { Answers } from "../../tasks/grading/Answers.ts"
import { goldFrom } from "../../tasks/grading/GoldFrom.ts"
import { lacksEngine } from "../../tasks/grading/mathematics/Decide.ts"
import { takeApart, type TakenApart } from "../../tasks/reading/TakeApart.ts"
import { type AskedExpression, askedExpression, productOf, type StatedProduct } from "../../tasks/StatedProduct.ts"
import type { EvaluatedAttempt, EvaluatedRollout } from "../calibration/EvaluatedRollout.ts"
import { defaultReader, type Reader } from "./Reader.ts"

/** An attempt that a row brings ready made. */
export interface GivenAttempt {
  readonly answer?: string
  readonly correct: boolean
  readonly decision: Decision
}

/** A transcript as a reader gives it: always with an id. */
export interface TranscriptRow extends Transcript {
  readonly id: string
  /** Its last RESAMPLE was in the last allowed attempt. */
  readonly hitCap?: boolean
  /** Which problem it is of, where the prompt does not say or says it in several ways; rollouts of one problem are resampled together. */
  readonly query?: string
  /** Offsets in the response at which another turn of the model begins (a user spoke before it). */
  readonly turns?: ReadonlyArray<number>
  /** Other texts that are as right as `answer`. */
  readonly aliases?: ReadonlyArray<string>
  /** The options of a multiple-choice problem, in the order of their letters. */
  readonly choices?: ReadonlyArray<string>
  /** The numbers of a countdown problem, whose target is `answer`. */
  readonly numbers?: ReadonlyArray<number>
  /** The row's own verdict on the final answer: 1 right, 0 wrong. */
  readonly score?: number
  /** Attempts ready made: nothing of the response is read. */
  readonly attempts?: ReadonlyArray<GivenAttempt>
}

/** The level of transcripts that neither give one nor ask for a product. */
export const NO_LEVEL = "all"

/** What was counted of a rollout beside its attempts. */
export interface ReadingCounts {
  /** The kind of answers that it was graded by; "none" where no reference was of use. */
  readonly kind: string
  /** Markers that no other candidate followed: the answer stood. */
  readonly checks: number
  /** Announced answers that changed without a marker. */
  readonly unmarked: number
  /** Earlier answers that are taken for wrong because only the last one's verdict is known, and that is wrong. */
  readonly assumed: number
  /** 1 if its reference needs the compute engine, and that is not installed. */
  readonly engineless: number
}

/** A graded transcript: what calibration reads, and how it was read. */
export interface GradedTranscript {
  readonly rollout: EvaluatedRollout
  readonly counts: ReadingCounts
  /** The attempts in the text; none where the row brought them ready made. */
  readonly taken: TakenApart | undefined
  /** The reference in normal form, and where it is from. */
  readonly reference: string | undefined
  /** Says why the outcome is what it is. */
  readonly reason: () => string
  /** Whether the row's own verdict is not ours; undefined where one of the two says neither right nor wrong. */
  readonly isContradicted: boolean | undefined
}

/** What a row says of its problem, looked up. */
interface Problem {
  readonly asked: AskedExpression | undefined
  readonly stated: StatedProduct | undefined
  readonly graded: Graded | undefined
}

// The form of TinyZero (Pan et al., 2025) and of the recipes after it: the gold is the target alone, and the numbers are in the prompt.
const COUNTDOWN =
  /\b(?:using|use)\s+(?:only\s+)?(?:each\s+of\s+)?(?:the\s+|these\s+)?numbers?:?\s*(?:\[\s*)?(\d+(?:\s*,\s*(?:and\s+)?\d+)+)\s*\]?[^\n]{0,80}\b(?:equation|expression|equals?|target|reach)\b/iu

const numbersOf = ({ numbers, prompt }: TranscriptRow): ReadonlyArray<number> | undefined =>
  numbers ?? (prompt.includes("number") ? COUNTDOWN.exec(prompt)?.[1]?.match(/\d+/g)?.map(Number) : undefined)

const goldOf = (row: TranscriptRow, stated: string | undefined): Gold | undefined => {
  const text = row.answer === undefined ? stated : goldFrom(row.answer)
  if (text === undefined) return undefined
  const { aliases, choices, prompt } = row
  const numbers = numbersOf(row)
  return {
    text,
    prompt,
    ...(aliases === undefined ? {} : { aliases }),
    ...(choices === undefined ? {} : { choices }),
    ...(numbers === undefined ? {} : { numbers })
  }
}

const lookUp = (row: TranscriptRow, answers: Answers): Problem => {
  const asked = askedExpression(row.prompt)
  const stated = asked === undefined ? undefined : productOf(asked)
  const gold = goldOf(row, stated?.value)
  return { asked, stated, graded: gold === undefined ? undefined : answers.gradedBy(gold) }
}

// Samples of one problem mostly follow each other: what its prompt asks for and its reference are looked up once.
const makeProblems = () => {
  let last: { readonly row: TranscriptRow; readonly answers: Answers; readonly problem: Problem } | undefined
  return (row: TranscriptRow, answers: Answers): Problem => {
    const isSame = last !== undefined && last.answers === answers && last.row.prompt === row.prompt && last.row.answer === row.answer &&
      row.aliases === undefined && row.choices === undefined && row.numbers === undefined && last.row.numbers === undefined &&
      last.row.choices === undefined && last.row.aliases === undefined
    if (!isSame) last = { row, answers, problem: lookUp(row, answers) }
    return last!.problem
  }
}

const problemOf = makeProblems()

const queryOf = ({ prompt, query }: TranscriptRow): string => query ?? prompt

const reasonOf = (
  outcome: Outcome,
  row: TranscriptRow,
  taken: TakenApart | undefined,
  reference: string | undefined,
  answers: string
): string => {
  const last = taken?.attempts.at(-1)?.candidate.answer
  switch (outcome) {
    case "Correct":
      return reference === undefined ? "the row's own verdict" : `the last answer ${last ?? ""} agrees with the reference ${reference}`
    case "Wrong":
      return taken?.isUnfinished === true || row.hitCap === true
        ? "it took its last answer back in the last allowed attempt"
        : reference === undefined
        ? "the row's own verdict"
        : `the last answer ${last ?? ""} does not agree with the reference ${reference}`
    case "Unparsable":
      return last === undefined
        ? "no answer was found in the response"
        : `the last answer ${last} could not be read as an answer of this kind`
    case "GoldInvalid":
      return row.answer === undefined
        ? "the row has no reference answer, and the prompt asks for no product"
        : lacksEngine(row.answer)
        ? `the reference ${JSON.stringify(row.answer)} needs the package @cortex-js/compute-engine, which is not installed`
        : `the reference ${JSON.stringify(row.answer)} is none${answers === "auto" ? "" : ` of the kind "${answers}" (--answers)`}`
    case "Truncated":
      return row.truncated === true
        ? "the row says that it was cut off"
        : taken?.isThinking === true
        ? "a thought was opened and never closed"
        : "it breaks off after a marker, before another answer"
  }
}

const NO_KIND = "none"

const givenRollout = (row: TranscriptRow, level: string, given: ReadonlyArray<GivenAttempt>): GradedTranscript => {
  const attempts = given.map(({ answer, correct, decision }, k): EvaluatedAttempt => ({
    answer: answer ?? `attempt ${k + 1}`,
    correct,
    decision
  }))
  const last = attempts.at(-1)
  const isUnfinished = last?.decision === "RESAMPLE"
  const outcome = outcomeOf({
    isGoldValid: true,
    isTruncated: row.truncated === true,
    isUnfinished,
    hitCap: row.hitCap === true,
    last: last === undefined ? undefined : last.correct ? "Correct" : "Wrong"
  })
  const rollout: EvaluatedRollout = { id: row.id, level, query: queryOf(row), attempts, outcome }
  return {
    rollout: outcome === "Wrong" && isUnfinished ? { ...rollout, hitCap: true } : rollout,
    counts: { kind: "given", checks: 0, unmarked: 0, assumed: 0, engineless: 0 },
    taken: undefined,
    reference: undefined,
    reason: () => "the row brings its attempts",
    isContradicted: undefined
  }
}

// Correctness of candidates where only the row's verdict on the last one is known: the same answer has the same verdict. Another answer is wrong
// beside a right one; beside a wrong one it is taken for wrong too, because most are, and the reading says of how many that is a guess.
const verdictOfScore = (score: number, last: string | undefined) => (answer: string): Verdict =>
  score >= 1 && answer === last ? "Correct" : "Wrong"

const isVerdict = (score: number | undefined): score is 0 | 1 => score === 0 || score === 1

interface Grading {
  readonly kind: string
  readonly reference: string | undefined
  readonly verdictOf: (answer: string) => Verdict
}

// Our grading, or that of the row where it is to decide; undefined where neither can tell.
const gradingOf = (row: TranscriptRow, graded: Graded | undefined, taken: TakenApart, isScored: boolean): Grading | undefined => {
  const { score } = row
  if (!isScored || !isVerdict(score)) {
    return graded === undefined
      ? undefined
      : { kind: graded.grader.kind, reference: graded.reference.answer, verdictOf: graded.reference.check }
  }
  const last = taken.attempts.at(-1)?.candidate.answer
  if (graded === undefined) return { kind: "verdict", reference: undefined, verdictOf: verdictOfScore(score, last) }
  const { check } = graded.reference
  return {
    kind: "verdict",
    reference: graded.reference.answer,
    verdictOf: (answer) => (answer === last ? (score === 1 ? "Correct" : "Wrong") : check(answer))
  }
}

/**
 * Reads and grades a transcript: its attempts, their decisions, and how it ended.
 *
 * The reference answer is the row's, else the product that the prompt asks for (in base ten). Rollouts of one problem share a query.
 * `GoldInvalid`: no usable reference answer. `Truncated`: so flagged, or a thought that was never closed, or a text that breaks off after a marker.
 */
export const readTranscript = (
  row: TranscriptRow,
  { answers, isScored = false, markers, take }: Reader = defaultReader
): GradedTranscript => {
  const { asked, graded, stated } = problemOf(row, answers)
  const level = row.level ?? stated?.level ?? NO_LEVEL
  if (row.attempts !== undefined) return givenRollout(row, level, row.attempts)
  const isFlagged = row.truncated === true
  const options = { grader: graded?.grader ?? answers.fallback, asked, turns: row.turns, isTruncated: isFlagged }
  const taken = take?.(row, markers, options) ?? takeApart(row.response, markers, options)
  const grading = gradingOf(row, graded, taken, isScored)
  const verdictOf = (answer: string): Verdict => grading?.verdictOf(answer) ?? "GoldInvalid"
  const last = taken.attempts.at(-1)?.candidate.answer
  const hitCap = row.hitCap === true && taken.isUnfinished
  const outcome = outcomeOf({
    isGoldValid: grading !== undefined,
    isTruncated: isFlagged || taken.isThinking,
    isUnfinished: taken.isUnfinished,
    hitCap,
    last: last === undefined ? undefined : verdictOf(last)
  })
  const isCapped = outcome === "Wrong" && hitCap
  const attempts = taken.attempts.map(({ candidate, decision }): EvaluatedAttempt => {
    const attempt = { answer: candidate.answer, correct: verdictOf(candidate.answer) === "Correct" }
    const seen = isCapped ? decision ?? "RESAMPLE" : decision
    return seen === undefined ? attempt : { ...attempt, decision: seen }
  })
  const rollout: EvaluatedRollout = { id: row.id, level, query: queryOf(row), attempts, outcome }
  const ours = last === undefined || graded === undefined ? undefined : graded.reference.check(last)
  const hasBoth = isVerdict(row.score) && (ours === "Correct" || ours === "Wrong") && (outcome === "Correct" || outcome === "Wrong")
  return {
    rollout: isCapped ? { ...rollout, hitCap: true } : rollout,
    counts: {
      kind: grading?.kind ?? NO_KIND,
      checks: taken.checks,
      unmarked: taken.unmarked,
      assumed: graded === undefined && isScored && row.score === 0
        ? taken.attempts.filter(({ candidate }) => candidate.answer !== last).length
        : 0,
      engineless: graded === undefined && row.answer !== undefined && lacksEngine(row.answer) ? 1 : 0
    },
    taken,
    reference: grading?.reference,
    reason: () => reasonOf(outcome, row, taken, grading?.reference, answers.name),
    isContradicted: hasBoth ? (ours === "Correct") !== (row.score === 1) : undefined
  }
}

/** The rollout of `readTranscript` alone. */
export const gradeTranscript = (row: TranscriptRow, reader: Reader = defaultReader): EvaluatedRollout => readTranscript(row, reader).rollout
