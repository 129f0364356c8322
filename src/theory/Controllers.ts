/**
 * Controllers of coefficients: steps of a fold, from a coefficient and what was measured to the next coefficient.
 *
 * KL: β ← β (1 + clip(KL/target − 1, ±0.2) · n/horizon). Entropy: c ← c ± δ within bounds, + where the entropy is at or below its target.
 * Sources: Ziegler et al., 2019, arXiv:1909.08593, section 2.2; He et al., 2025, Skywork-OR1, arXiv:2505.22312.
 *
 * @module
 */
import { assertRange } from "./TheoryError.ts"

/** A proportional controller of β. `target` in nats a token, `horizon` in rollouts (verl: 0.1 and 10,000). */
export interface AdaptiveKl {
  readonly target: number
  readonly horizon: number
}

/** Builds the controller; defaults are verl's. Errors: `OutOfRange`. */
export const adaptiveKl = (options: Partial<AdaptiveKl> = {}): AdaptiveKl => {
  const { horizon = 10_000, target = 0.1 } = options
  assertRange("Controllers.adaptiveKl", "target", target, Number.isFinite(target) && target > 0, "(0, ∞)")
  assertRange("Controllers.adaptiveKl", "horizon", horizon, Number.isFinite(horizon) && horizon > 0, "(0, ∞)")
  return { target, horizon }
}

/**
 * Computes the next β from the KL measured on `rollouts` rollouts: β (1 + clip(KL/target − 1, −0.2, 0.2) · rollouts/horizon).
 *
 * Fixed at KL = target; never more than a share 0.2·rollouts/horizon a step. Positive as long as rollouts < 5·horizon. Source: verl 0.9.1
 * `AdaptiveKLController`. Errors: `OutOfRange`.
 */
export const nextKlCoefficient = (
  { horizon, target }: AdaptiveKl,
  coefficient: number,
  measured: { readonly kl: number; readonly rollouts: number }
): number => {
  assertRange("Controllers.nextKlCoefficient", "kl", measured.kl, Number.isFinite(measured.kl), "the finite numbers")
  const error = Math.min(Math.max(measured.kl / target - 1, -0.2), 0.2)
  return coefficient * (1 + (error * measured.rollouts) / horizon)
}

/** A controller of the entropy bonus. `target` in nats a token; TRL's defaults: 0.2, δ 0.005, c within [0, 1]. */
export interface AdaptiveEntropy {
  readonly target: number
  readonly delta: number
  readonly min: number
  readonly max: number
}

/** What the entropy controller carries: the coefficient, and the entropy measured last (∞ before any). */
export interface EntropyState {
  readonly coefficient: number
  readonly entropy: number
}

/** Builds the controller; defaults are TRL's. Errors: `OutOfRange`. */
export const adaptiveEntropy = (options: Partial<AdaptiveEntropy> = {}): AdaptiveEntropy => {
  const where = "Controllers.adaptiveEntropy"
  const { delta = 0.005, max = 1, min = 0, target = 0.2 } = options
  assertRange(where, "target", target, Number.isFinite(target) && target >= 0, "[0, ∞)")
  assertRange(where, "delta", delta, Number.isFinite(delta) && delta >= 0, "[0, ∞)")
  assertRange(where, "max", max, Number.isFinite(max), "the finite numbers")
  assertRange(where, "min", min, Number.isFinite(min) && min <= max, `at most max (${max})`)
  return { target, delta, min, max }
}

/** The coefficient in force: c where the entropy measured last is at or below the target, else 0. */
export const entropyCoefficient = ({ target }: AdaptiveEntropy, state: EntropyState): number =>
  state.entropy <= target ? state.coefficient : 0

/**
 * Computes the next state from the mean entropy a trained token: c + δ (at most max) at or below the target, c − δ (at least min) above it.
 *
 * Source: TRL 1.16.0 `use_adaptive_entropy`; He et al., 2025, Skywork-OR1. Errors: `OutOfRange`.
 */
export const nextEntropyState = ({ delta, max, min, target }: AdaptiveEntropy, state: EntropyState, entropy: number): EntropyState => {
  assertRange("Controllers.nextEntropyState", "entropy", entropy, Number.isFinite(entropy) && entropy >= 0, "[0, ∞)")
  const coefficient = entropy <= target ? Math.min(state.coefficient + delta, max) : Math.max(state.coefficient - delta, min)
  return { coefficient, entropy }
}
