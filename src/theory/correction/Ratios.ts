/**
 * Ratios of two policies' probabilities, by token and by sequence: π_trainer/π_sampler = exp(log π_trainer − log π_sampler).
 *
 * @module
 */
import { NOT_OWNED } from "../Partition.ts"
import { assertFinite, assertLength } from "../TheoryError.ts"
import { assertOffsets } from "../TokenBatch.ts"

/**
 * Tokens under two policies: `logProbs` [N] of the policy that is trained, as it was when the rollouts were drawn; `samplerLogProbs` [N] of the engine
 * that drew them, both in nats. They differ by rounding, by the engine's precision, or because the engine's weights are older.
 */
export interface TwoPolicies {
  readonly offsets: Int32Array
  readonly owner: Uint8Array
  readonly logProbs: Float64Array
  readonly samplerLogProbs: Float64Array
}

/** exp(±20): the ratio beyond which verl clamps. */
export const BOUND = 20

/** Clamps to [−20, 20]. */
export const bounded = (logRatio: number): number => Math.min(Math.max(logRatio, -BOUND), BOUND)

/** Computes log π_trainer − log π_sampler of owned tokens, 0 elsewhere. Errors: `ShapeMismatch`, `NonFinite`, `OutOfRange`, `EmptyGroup`. */
export const logRatios = (where: string, policies: TwoPolicies): Float64Array => {
  const { logProbs, offsets, owner, samplerLogProbs } = policies
  assertOffsets(where, offsets, owner.length)
  assertLength(where, "logProbs", owner.length, logProbs.length)
  assertLength(where, "samplerLogProbs", owner.length, samplerLogProbs.length)
  const ratios = logProbs.map((logProb, token) => (owner[token] === NOT_OWNED ? 0 : logProb - samplerLogProbs[token]!))
  assertFinite(where, "logProbs − samplerLogProbs", ratios)
  return ratios
}
