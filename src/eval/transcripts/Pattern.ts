/**
 * The pattern of a rollout: all that calibration counts about it, as a short string. A million rollouts have some hundred patterns.
 *
 * @module
 */
import type { Outcome } from "../../domain/Query.ts"
import { isEcho } from "../calibration/Echoes.ts"
import type { EvaluatedAttempt, EvaluatedRollout } from "../calibration/EvaluatedRollout.ts"
import { seenDecision } from "../calibration/Outcomes.ts"
import { OUTCOMES } from "../../domain/Outcomes.ts"

// One digit for the outcome, "+" at the cap, and one letter an attempt: bits correct, STOP, and same answer as before; the last four letters
// are those without a decision, with bits correct and same answer as before.
const LETTERS = "abcdefghijkl"
const UNSEEN = 8

/** What a pattern looks like. */
export const PATTERN = /^[0-4]\+?[a-l]*$/

/** Writes the pattern of a rollout. */
export const patternOf = ({ attempts, hitCap, outcome }: EvaluatedRollout): string => {
  let pattern = String(OUTCOMES.indexOf(outcome)) + (hitCap === true ? "+" : "")
  for (let k = 0; k < attempts.length; k++) {
    const { correct } = attempts[k]!
    const decision = seenDecision(outcome, attempts[k]!)
    const isAgain = isEcho(attempts, k)
    pattern += decision === undefined
      ? LETTERS[UNSEEN + (correct ? 1 : 0) + (isAgain ? 2 : 0)]
      : LETTERS[(correct ? 1 : 0) + (decision === "STOP" ? 2 : 0) + (isAgain ? 4 : 0)]
  }
  return pattern
}

/** The outcome that a pattern begins with. */
export const outcomeOfPattern = (pattern: string): Outcome => OUTCOMES[Number(pattern[0])]!

/** The number of attempts of a pattern. */
export const attemptsOfPattern = (pattern: string): number => pattern.length - (pattern[1] === "+" ? 2 : 1)

/** A rollout of a pattern: the same correctness, decisions and repetitions, with other answers. */
export const rolloutOfPattern = (pattern: string): EvaluatedRollout => {
  const hitCap = pattern[1] === "+"
  const attempts: Array<EvaluatedAttempt> = []
  let answer = ""
  for (const letter of pattern.slice(hitCap ? 2 : 1)) {
    const index = LETTERS.indexOf(letter)
    const isSeen = index < UNSEEN
    const isEcho = (index & (isSeen ? 4 : 2)) !== 0
    if (!isEcho) answer = `answer ${attempts.length + 1}`
    const correct = (index & 1) !== 0
    attempts.push(isSeen ? { answer, correct, decision: (index & 2) === 0 ? "RESAMPLE" : "STOP" } : { answer, correct })
  }
  return { id: pattern, level: "", query: "", attempts, outcome: outcomeOfPattern(pattern), ...(hitCap ? { hitCap } : {}) }
}
