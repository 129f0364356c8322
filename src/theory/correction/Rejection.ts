/**
 * Rejection of rollouts on which the sampling engine and the trained policy disagree too much: masks, not weights.
 *
 * With x = log π_trainer − log π_sampler of a token: k1 = −x, k2 = x²/2, k3 = eˣ − 1 − x; a token, or the sum, the mean or the largest of a sequence, must
 * stay within bounds. Sources: verl 0.9.1 `rollout_rs`; Liu et al., 2025 (richardli.xyz/rl-collapse); DeepSeek-AI, 2025, arXiv:2512.02556, eq. 9.
 *
 * @module
 */
import { assertFinite, assertLength, assertRange, TheoryError } from "../TheoryError.ts"
import { assertOffsets, tokensBySequence } from "../TokenBatch.ts"
import { bounded, logRatios, type TwoPolicies } from "./Ratios.ts"

/**
 * One criterion; its name is verl's option: `level` "token" gives `token_k1`, "sum" `seq_sum_k1`, "mean" `seq_mean_k1`, "max" `seq_max_k2`.
 *
 * k1 takes the bounds of a ratio, log low ≤ k1 ≤ log high; as k1 is −x, the ratio is π_sampler/π_trainer. k2 and k3 take `high` alone. A criterion on a
 * token rejects that token, on a sequence all of it.
 */
export interface Rejection {
  readonly estimator: "k1" | "k2" | "k3"
  readonly level: "token" | "sum" | "mean" | "max"
  readonly low: number | null
  readonly high: number
}

/** Builds a criterion; `low` of k1 is 1/high where left out. Errors: `OutOfRange`; `max` of k1 is none. */
export const rejection = (options: {
  readonly estimator: Rejection["estimator"]
  readonly level: Rejection["level"]
  readonly high: number
  readonly low?: number
}): Rejection => {
  const where = "RolloutCorrection.rejection"
  const { estimator, high, level } = options
  assertRange(where, "high", high, Number.isFinite(high) && high > 0, "(0, ∞)")
  if (estimator !== "k1") {
    if (options.low !== undefined) assertRange(where, "low", options.low, false, "nothing: k2 and k3 have no lower bound")
    return { estimator, level, low: null, high }
  }
  if (level === "max") {
    throw new TheoryError(where, {
      _tag: "OutOfRange",
      what: "level",
      index: 0,
      value: NaN,
      range: "token, sum, mean for k1; k2 or k3 for max"
    })
  }
  const low = options.low ?? 1 / high
  assertRange(where, "low", low, low > 0 && low <= high, `(0, ${high}]`)
  return { estimator, level, low, high }
}

const statistic = (estimator: Rejection["estimator"], logRatio: number): number => {
  const x = bounded(logRatio)
  return estimator === "k1" ? -x : estimator === "k2" ? (x * x) / 2 : Math.exp(x) - 1 - x
}

const combined = (values: ReadonlyArray<number>, level: Rejection["level"]): number => {
  if (level === "max") return Math.max(...values)
  const sum = values.reduce((total, value) => total + value, 0)
  return level === "mean" ? sum / values.length : sum
}

/**
 * Marks the tokens that pass every criterion: 1, and 0 for rejected ones and those nobody owns. Shapes: [N] → [N].
 *
 * Where the two policies agree everything passes. Rejected tokens leave the loss *and* its denominators (verl changes the response mask).
 * Errors: `ShapeMismatch`, `NonFinite`, `OutOfRange`, `EmptyGroup`.
 */
export const kept = (criteria: ReadonlyArray<Rejection>, policies: TwoPolicies): Uint8Array => {
  const ratios = logRatios("RolloutCorrection.kept", policies)
  const marks = new Uint8Array(ratios.length)
  tokensBySequence(policies).forEach((tokens) => {
    for (const token of tokens) marks[token] = 1
    for (const { estimator, high, level, low } of criteria) {
      const [least, most] = low === null ? [-Infinity, high] : [Math.log(low), Math.log(high)]
      const passes = (value: number): boolean => value >= least && value <= most
      const values = tokens.map((token) => statistic(estimator, ratios[token]!))
      const whole = level === "token" || tokens.length === 0 || passes(combined(values, level))
      tokens.forEach((token, index) => {
        if (!whole || (level === "token" && !passes(values[index]!))) marks[token] = 0
      })
    }
  })
  return marks
}

/**
 * Vetoes sequences with a token that the trained policy all but excludes: π_trainer/π_sampler < threshold. Shapes: → [B] of 0 (vetoed) and 1.
 *
 * Source: verl 0.6.1 `rollout_token_veto_threshold` (0.9.1 has seq_max_k2 and seq_max_k3 in its place). Errors: `OutOfRange` (threshold ≤ 0), as `kept`.
 */
export const vetoed = (threshold: number, policies: TwoPolicies): Uint8Array => {
  const where = "RolloutCorrection.vetoed"
  assertRange(where, "threshold", threshold, Number.isFinite(threshold) && threshold > 0, "(0, ∞)")
  const ratios = logRatios(where, policies)
  const marks = new Uint8Array(policies.offsets.length - 1)
  tokensBySequence(policies).forEach((tokens, sequence) => {
    marks[sequence] = tokens.every((token) => ratios[token]! >= Math.log(threshold)) ? 1 : 0
  })
  return marks
}

/**
 * Marks the sequences that stay under off-policy masking: those of advantage ≥ 0, and those whose mean log π_sampler − log π over owned tokens is
 * at most `threshold` nats. Shapes: `advantages` [B] → [B] of 0 and 1.
 *
 * `policies.logProbs` are here of the policy *being* trained, at the update. A bad answer that the policy has already moved away from is left alone.
 * Dropped sequences stay in the denominators. Source: DeepSeek-AI, 2025, DeepSeek-V3.2, arXiv:2512.02556, eq. 9; TRL 1.16.0
 * `off_policy_mask_threshold`. Errors: `ShapeMismatch`, `NonFinite`, `OutOfRange`, `EmptyGroup`.
 */
export const offPolicyKept = (threshold: number, advantages: ArrayLike<number>, policies: TwoPolicies): Uint8Array => {
  const where = "RolloutCorrection.offPolicyKept"
  assertRange(where, "threshold", threshold, !Number.isNaN(threshold), "the numbers")
  assertOffsets(where, policies.offsets, policies.owner.length)
  assertLength(where, "advantages", policies.offsets.length - 1, advantages.length)
  assertFinite(where, "advantages", advantages)
  const ratios = logRatios(where, policies)
  const marks = new Uint8Array(advantages.length)
  tokensBySequence(policies).forEach((tokens, sequence) => {
    const drift = -tokens.reduce((sum, token) => sum + ratios[token]!, 0) / Math.max(1, tokens.length)
    marks[sequence] = advantages[sequence]! >= 0 || drift <= threshold ? 1 : 0
  })
  return marks
}
