/**
 * Echoes: attempts that give the answer before them again.
 *
 * @module
 */
import type { EvaluatedRollout } from "./EvaluatedRollout.ts"

/**
 * What an answer that is given again after a doubt or a check is: `resample`, an attempt of its own after a RESAMPLE (this paper: whatever follows
 * a marker is drawn anew), or `confirm`, a confirmation, so that both are one attempt with the decision that follows the last of them.
 */
export type EchoMode = "resample" | "confirm"

/** Whether an attempt gives the answer of the one before it again. */
export const isEcho = (attempts: EvaluatedRollout["attempts"], k: number): boolean =>
  k > 0 && attempts[k - 1]!.answer === attempts[k]!.answer

/** Whether any attempt does. */
export const hasEcho = ({ attempts }: Pick<EvaluatedRollout, "attempts">): boolean => attempts.some((_, k) => isEcho(attempts, k))

/** A rollout whose echoes are confirmations: of a run of equal answers the last attempt stays. */
export const confirmEchoes = (rollout: EvaluatedRollout): EvaluatedRollout => ({
  ...rollout,
  attempts: rollout.attempts.filter(({ answer }, k) => rollout.attempts[k + 1]?.answer !== answer)
})
