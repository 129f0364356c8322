/**
 * An attempt as signs and as words, and a response's pieces by attempt: what every page that shows a rollout needs.
 *
 * @module
 */
import type { Decision } from "../../../domain/Decision.ts"
import { isEcho } from "../../calibration/Echoes.ts"
import type { EvaluatedRollout } from "../../calibration/EvaluatedRollout.ts"

/** An attempt: whether its answer is right, what was decided on it (null: cut off before), and whether the answer is the one before. */
export interface AttemptShown {
  readonly correct: boolean
  readonly decision: Decision | null
  readonly isEcho: boolean
}

/** The attempts of a rollout as they are shown. */
export const attemptsShown = ({ attempts }: Pick<EvaluatedRollout, "attempts">): ReadonlyArray<AttemptShown> =>
  attempts.map(({ correct, decision }, k) => ({ correct, decision: decision ?? null, isEcho: isEcho(attempts, k) }))

/** A sign of what an attempt was: right or wrong. */
export const answerSign = ({ correct }: Pick<AttemptShown, "correct">): string => (correct ? "✓" : "✗")

/** A sign of what was decided on it: go on, stop, or cut off before. */
export const decisionSign = ({ decision }: Pick<AttemptShown, "decision">): string =>
  decision === "RESAMPLE" ? "→" : decision === "STOP" ? "■" : "…"

/** The words of an attempt, for who hears them. */
export const attemptWords = ({ correct, decision, isEcho }: AttemptShown): string =>
  `${correct ? "right" : "wrong"}${isEcho ? " again" : ""}, ${decision ?? "cut off before a decision"}`

/** The words of a decision below the attempt that it was taken on. */
export const decisionWords = ({ correct, decision, isEcho }: AttemptShown): string =>
  `${decision ?? "cut off"} on a ${correct ? "right" : "wrong"} answer${isEcho ? ", the same as before" : ""}`

/** What the signs mean. */
export const SIGNS = "✓ right, ✗ wrong; → RESAMPLE, ■ STOP, … cut off; = the same answer again"

/** A sign of a candidate's verdict, and its word. */
export const verdictOfCandidate = (correct: boolean | null | undefined): readonly [sign: string, word: "right" | "wrong" | "not graded"] =>
  correct === true ? ["✓", "right"] : correct === false ? ["✗", "wrong"] : ["?", "not graded"]

/** The class of a candidate, and what is said of it: which answer, its verdict, and how it was put forward. */
export const candidateMark = (
  attempt: number,
  { correct, how }: { readonly correct?: boolean | null | undefined; readonly how?: string | undefined }
): { readonly className: string; readonly said: string } => {
  const [, word] = verdictOfCandidate(correct)
  return { className: `candidate ${word.replace(" ", "-")}`, said: `answer ${attempt + 1}: ${word}${how === undefined ? "" : `, ${how}`}` }
}

/** The class of an attempt's ground: attempts take turns. */
export const attemptClass = (attempt: number): string => `attempt ${attempt < 0 ? "none" : attempt % 2 === 0 ? "even" : "odd"}`

/** The class of a decision's chip. */
export const decisionClass = ({ decision }: Pick<AttemptShown, "decision">): string =>
  `chip ${decision === "RESAMPLE" ? "resample" : "stop"}`

/** Pieces that belong to one attempt after each other, as groups. `isLast`: the attempt's decision is at the end of this group. */
export const byAttempt = <A extends { readonly attempt: number }>(
  pieces: ReadonlyArray<A>
): ReadonlyArray<{ readonly attempt: number; readonly isLast: boolean; readonly pieces: ReadonlyArray<A> }> => {
  const groups: Array<{ readonly attempt: number; readonly pieces: Array<A> }> = []
  for (const piece of pieces) {
    const last = groups.at(-1)
    if (last?.attempt === piece.attempt) last.pieces.push(piece)
    else groups.push({ attempt: piece.attempt, pieces: [piece] })
  }
  return groups.map((group, i) => ({ ...group, isLast: groups[i + 1]?.attempt !== group.attempt }))
}
