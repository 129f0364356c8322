/**
 * Simulated rollouts as text: a policy of known rates that writes transcripts like a reasoning model's, with work, markers and all.
 *
 * @module
 */
import { REVISION_MARKERS } from "../../tasks/reading/RevisionMarkers.ts"
import { draws, fold } from "../../domain/Seed.ts"
import { simulate, type SimulatedPolicy } from "../calibration/Simulate.ts"
import type { EvaluatedRollout } from "../calibration/EvaluatedRollout.ts"
import type { TranscriptRow } from "./Grade.ts"

const forms: ReadonlyArray<(answer: string, left: number, right: number) => string> = [
  (answer) => `The answer is ${answer}.`,
  (answer) => `So the final result is \\boxed{${answer}}`,
  (answer, left, right) => `Final answer: $${left} \\times ${right} = ${answer}$`,
  (answer) => `**Final answer:** ${answer.replace(/\B(?=(?:\d{3})+$)/g, ",")}`,
  (answer, left, right) => `${left} × ${right} = ${answer}.`
]

// Long multiplication, digit by digit, with numbers that are not the answer.
const work = (left: number, right: number): string =>
  [...String(right)].toReversed().map((digit, place) =>
    `Multiply ${left} by ${digit} and append ${place} zeros, then add the carry to the running total.`
  ).join("\n")

/** The operands of a query: fixed by its number, so that its rollouts and both models of a comparison share them. */
const operands = (seed: number, query: string): readonly [number, number] => {
  const stream = draws(fold(seed, "operands", query))
  return [stream.integer(100, 999), stream.integer(1000, 9999)]
}

/** Writes one simulated rollout as a transcript. The prompt names the query, so that no two queries are one by chance. */
export const writeTranscript = (rollout: EvaluatedRollout, seed: number): TranscriptRow => {
  const [left, right] = operands(seed, rollout.query)
  const stream = draws(fold(seed, "write", rollout.id))
  const product = left * right
  const number = (answer: string): string => String(answer === "right" ? product : product + 10 * Number(answer.replace("wrong-", "")))
  const texts = rollout.attempts.map(({ answer, decision }) => {
    const marker = decision === "RESAMPLE" ? `\n${stream.pick(REVISION_MARKERS)}` : ""
    return `${work(left, right)}\n${stream.pick(forms)(number(answer), left, right)}${marker}`
  })
  return {
    id: rollout.id,
    level: rollout.level,
    prompt: `Problem ${rollout.query}. Calculate ${left} * ${right}. Think step by step.`,
    response: texts.join("\n"),
    answer: String(product),
    ...(rollout.outcome === "Truncated" ? { truncated: true } : {}),
    ...(rollout.hitCap === true ? { hitCap: true } : {})
  }
}

/** Draws transcripts of a policy with known rates. Same seed, same texts. */
export const simulateTranscripts = (policy: SimulatedPolicy): ReadonlyArray<TranscriptRow> =>
  simulate(policy).map((rollout) => writeTranscript(rollout, policy.seed))
