/**
 * The rollouts behind a number of a calibration: the filter that finds them.
 *
 * A rate counts answers or decisions, a filter finds rollouts: those with at least one that counts. Where a rollout has several the list is shorter than the count.
 *
 * @module
 */
import { OUTCOMES } from "../../domain/Outcomes.ts"
import type { Outcome } from "../../domain/Query.ts"
import { isCountedOutcome, isScoredOutcome, type TruncatedMode } from "../../eval/calibration/Outcomes.ts"
import type { RowEvent } from "../../eval/transcripts/rows/RowFilter.ts"
import type { Filter, SetInfo } from "../Api.ts"
import { tidy } from "../parts/FilterParts.ts"

/** What is asked for besides the filter in force. */
export interface Narrowing {
  readonly levels?: ReadonlyArray<string> | undefined
  readonly outcomes?: ReadonlyArray<Outcome>
  readonly events?: ReadonlyArray<RowEvent>
  readonly attempts?: readonly [least: number, most: number]
}

const both = <A>(some: ReadonlyArray<A> | undefined, others: ReadonlyArray<A> | undefined): ReadonlyArray<A> | undefined =>
  some === undefined || others === undefined ? some ?? others : some.filter((item) => others.includes(item))

const MOST_ATTEMPTS = 999_999

/** The filter that asks for both; undefined where nothing can be of both. */
export const narrowed = (filter: Filter, { attempts, events = [], levels, outcomes }: Narrowing): Filter | undefined => {
  const next = {
    levels: both(filter.levels, levels),
    outcomes: both(filter.outcomes, outcomes),
    attempts: attempts === undefined || filter.attempts === undefined
      ? attempts ?? filter.attempts
      : [Math.max(attempts[0], filter.attempts[0]), Math.min(attempts[1], filter.attempts[1])] as const
  }
  if (next.levels?.length === 0 || next.outcomes?.length === 0) return undefined
  if (next.attempts !== undefined && next.attempts[0] > next.attempts[1]) return undefined
  // What every outcome has asks for nothing.
  const outcomesAsked = next.outcomes?.length === OUTCOMES.length ? undefined : next.outcomes
  return tidy({ ...filter, ...next, outcomes: outcomesAsked, events: [...new Set([...(filter.events ?? []), ...events])] } as Filter)
}

/** The same of a set, in fewer words: outcomes that all of its rollouts have ask for nothing, and none has more attempts than the longest. */
export const plainly = (
  { mostAttempts, outcomes: counts }: Pick<SetInfo, "mostAttempts" | "outcomes">,
  { attempts, outcomes, ...others }: Narrowing
): Narrowing => {
  const isAll = outcomes !== undefined && OUTCOMES.every((outcome) => counts[outcome] === 0 || outcomes.includes(outcome))
  return {
    ...others,
    ...(outcomes === undefined || isAll ? {} : { outcomes }),
    ...(attempts === undefined ? {} : { attempts: [attempts[0], Math.min(attempts[1], mostAttempts)] })
  }
}

/** What each number of a level counts. Rates are over the outcomes that count, accuracies over those that finished with a sound reference. */
export const countedBy = (truncated: TruncatedMode) => {
  const counted = OUTCOMES.filter((outcome) => isCountedOutcome(outcome, truncated))
  const scored = OUTCOMES.filter(isScoredOutcome)
  const inRates = (...events: ReadonlyArray<RowEvent>): Narrowing => ({ outcomes: counted, events })
  const inAccuracy = (...events: ReadonlyArray<RowEvent>): Narrowing => ({ outcomes: scored, events })
  const atLeast = (least: number): Narrowing => ({ outcomes: counted, attempts: [least, MOST_ATTEMPTS] })
  return {
    all: inRates(),
    scored: inAccuracy(),
    correct: { outcomes: ["Correct"] },
    truncated: { outcomes: ["Truncated"] },
    pSample: { of: inRates("first-right"), all: atLeast(1) },
    pStopGivenCorrect: { of: inRates("stop-right"), all: inRates("right-attempt") },
    pResampleGivenWrong: { of: inRates("resample-wrong"), all: inRates("wrong-attempt") },
    pFalseToTrue: { of: inRates("wrong-to-right"), all: { ...atLeast(2), events: ["wrong-attempt"] } },
    pTrueToFalse: { of: inRates("right-to-wrong"), all: { ...atLeast(2), events: ["right-attempt"] } },
    echo: { of: inRates("echo"), all: atLeast(2) },
    firstAnswer: inAccuracy("first-right"),
    revised: { outcomes: scored, attempts: [2, MOST_ATTEMPTS] },
    decided: atLeast(1),
    fixed: inAccuracy("first-wrong", "wrong-to-right"),
    spoiled: inAccuracy("first-right", "right-to-wrong"),
    correctStop: inRates("stop-right"),
    correctResample: inRates("resample-right"),
    wrongStop: inRates("stop-wrong"),
    wrongResample: inRates("resample-wrong"),
    hitCap: inAccuracy("capped")
  } as const satisfies Readonly<Record<string, Narrowing | { readonly of: Narrowing; readonly all: Narrowing }>>
}

/** Which parts of a filter choose rollouts by what happened in them, so that rates of what is left are no longer those of the policy. */
export const choosesByResult = ({ attempts, events = [], outcomes = [], text = "" }: Filter): ReadonlyArray<string> => [
  ...(outcomes.length > 0 ? ["outcome"] : []),
  ...(events.length > 0 ? ["what happens"] : []),
  ...(attempts === undefined ? [] : ["the number of attempts"]),
  ...(text === "" ? [] : ["text"])
]
