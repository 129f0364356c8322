/**
 * Learning from right answers only, from wrong answers only, or from a weighting of both.
 *
 * PSR raises the probability of right trajectories, NSR lowers that of wrong ones, W-REINFORCE does both and weighs the first
 * by λ. There is no baseline and no scale: these are advantages for `Objective.surrogate` with `ratio: "none"` (on-policy)
 * or clipped. Source: Zhu et al., 2025, "The Surprising Effectiveness of Negative Reinforcement", arXiv:2506.01347.
 *
 * @module
 */
import { assertRange, TheoryError } from "./TheoryError.ts"

/** Positive only, negative only, or `weighted`: λ·positive + negative. */
export type Kind = "psr" | "nsr" | "weighted"

/**
 * Configures the family. `lambda` weighs right trajectories (kind `weighted`; the paper's 0.1; 1 is REINFORCE with ±1).
 * `dropOtherClass` takes trajectories of advantage 0 out of the batch, so they leave the denominators too.
 */
export interface NegativeReinforcement {
  readonly kind: Kind
  readonly lambda: number
  readonly dropOtherClass: boolean
}

/** Builds the settings; defaults: λ = 0.1, zero-advantage trajectories stay in the denominators. Errors: `OutOfRange`. */
export const make = (
  kind: Kind,
  options: { readonly lambda?: number; readonly dropOtherClass?: boolean } = {}
): NegativeReinforcement => {
  const lambda = options.lambda ?? 0.1
  assertRange("NegativeReinforcement.make", "lambda", lambda, Number.isFinite(lambda) && lambda >= 0, "[0, ∞)")
  return { kind, lambda, dropOtherClass: options.dropOtherClass ?? false }
}

/**
 * Computes advantages from 0/1 rewards.
 *
 *   psr: A = r;  nsr: A = r − 1;  weighted: A = λ for r = 1, −1 for r = 0, so weighted = λ·psr + nsr.
 *
 * Shapes: [B] → [B], reward units. Errors: `OutOfRange` for a reward other than 0 and 1.
 */
export const advantages = (settings: NegativeReinforcement, rewards: ArrayLike<number>): Float64Array =>
  Float64Array.from(rewards, (value, index) => {
    if (value !== 0 && value !== 1) {
      const reason = { _tag: "OutOfRange", what: "rewards", index, value, range: "{0, 1}" } as const
      throw new TheoryError("NegativeReinforcement.advantages", reason)
    }
    const positive = settings.kind === "psr" ? 1 : settings.kind === "nsr" ? 0 : settings.lambda
    const negative = settings.kind === "psr" ? 0 : -1
    return value === 1 ? positive : negative
  })

/**
 * Marks which trajectories stay in the batch: all, or with `dropOtherClass` those of the trained class.
 *
 * psr keeps r = 1, nsr keeps r = 0, weighted keeps both. Shapes: [B] → [B] of 0 and 1.
 */
export const kept = (settings: NegativeReinforcement, rewards: ArrayLike<number>): Uint8Array =>
  Uint8Array.from({ length: rewards.length }, (_, index) => {
    if (!settings.dropOtherClass || settings.kind === "weighted") return 1
    return (settings.kind === "psr") === (rewards[index] === 1) ? 1 : 0
  })
