/**
 * The pattern of a rollout: all that calibration counts about it, as a short string. A million rollouts have some hundred patterns.
 *
 * @module
 */
import type { Outcome } from "../../domain/Query.ts"
import type { EvaluatedAttempt, EvaluatedRollout } from "../calibration/EvaluatedRollout.ts"
import { OUTCOMES } from "../../domain/Outcomes.ts"

// One digit for the outcome, "+" at the cap, and one letter an attempt: bits correct, STOP, and same answer as before.
const LETTERS = "abcdefgh"

/** Writes the pattern of a rollout. */
export const patternOf = ({ attempts, hitCap, outcome }: EvaluatedRollout): string => {
  let pattern = String(OUTCOMES.indexOf(outcome)) + (hitCap === true ? "+" : "")
  for (let k = 0; k < attempts.length; k++) {
    const { answer, correct, decision } = attempts[k]!
    const isEcho = k > 0 && attempts[k - 1]!.answer === answer
    pattern += LETTERS[(correct ? 1 : 0) + (decision === "STOP" ? 2 : 0) + (isEcho ? 4 : 0)]
  }
  return pattern
}

/** The outcome that a pattern begins with. */
export const outcomeOfPattern = (pattern: string): Outcome => OUTCOMES[Number(pattern[0])]!

/** A rollout of a pattern: the same correctness, decisions and repetitions, with other answers. */
export const rolloutOfPattern = (pattern: string): EvaluatedRollout => {
  const hitCap = pattern[1] === "+"
  const attempts: Array<EvaluatedAttempt> = []
  let answer = ""
  for (const letter of pattern.slice(hitCap ? 2 : 1)) {
    const bits = LETTERS.indexOf(letter)
    if ((bits & 4) === 0) answer = `answer ${attempts.length + 1}`
    attempts.push({
      answer,
      correct: (bits & 1) !== 0,
      decision: (bits & 2) === 0 ? "RESAMPLE" : "STOP"
    })
  }
  return { id: pattern, level: "", query: "", attempts, outcome: outcomeOfPattern(pattern), ...(hitCap ? { hitCap } : {}) }
}
