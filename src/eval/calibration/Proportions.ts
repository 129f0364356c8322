/**
 * The proportions of a calibration: each is a quotient of two sums of counts. As lists of places in a vector of counts they can be read off the counts of
 * one query as cheaply as off those of all.
 *
 * @module
 */
import type { Counts } from "../statistics/Bootstrap.ts"
import { placeOf, placeOfAttempt } from "./RolloutCounts.ts"

/** A proportion: the places of the counts whose sum is divided, and of those that it is divided by. */
export interface Proportion {
  readonly name: string
  readonly successes: ReadonlyArray<number>
  readonly trials: ReadonlyArray<number>
}

type CountName = Parameters<typeof placeOf>[0]

const ofCounts: ReadonlyArray<readonly [name: string, successes: ReadonlyArray<CountName>, trials: ReadonlyArray<CountName>]> = [
  ["observed", ["correct"], ["rollouts"]],
  ["solved", ["correct"], ["rollouts", "truncated"]],
  ["pStopGivenCorrect", ["correctStop"], ["correctStop", "correctResample"]],
  ["pResampleGivenWrong", ["wrongResample"], ["wrongStop", "wrongResample"]],
  ["pFalseToTrue", ["falseToTrue"], ["falseToTrue", "falseToFalse"]],
  ["pTrueToFalse", ["trueToFalse"], ["trueToFalse", "trueToTrue"]],
  ["pFalseToTruePerWrong", ["falseToTrue"], ["wrongStop", "wrongResample"]],
  ["echo", ["echoes"], ["falseToTrue", "falseToFalse", "trueToFalse", "trueToTrue"]]
]

/** All proportions of a calibration for at most `cap` attempts; those of the k-th attempt are called pSample1, pSample2, … */
export const proportionsOf = (cap: number): ReadonlyArray<Proportion> => {
  const [firsts, correctFirsts] = placeOfAttempt(0, cap)
  return [
    ...ofCounts.map(([name, successes, trials]) => ({ name, successes: successes.map(placeOf), trials: trials.map(placeOf) })),
    { name: "pSample", successes: [correctFirsts], trials: [firsts] },
    ...Array.from({ length: cap }, (_, k) => {
      const [all, correct] = placeOfAttempt(k, cap)
      return { name: `pSample${k + 1}`, successes: [correct], trials: [all] }
    })
  ]
}

const sumAt = (counts: Counts, places: ReadonlyArray<number>): number => {
  let sum = 0
  for (const place of places) sum += counts[place]!
  return sum
}

/** Reads a proportion off counts. */
export const proportionAt = (counts: Counts, { successes, trials }: Proportion): readonly [successes: number, trials: number] => [
  sumAt(counts, successes),
  sumAt(counts, trials)
]
