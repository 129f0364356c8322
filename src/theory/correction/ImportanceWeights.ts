/**
 * Truncated and masked importance sampling between the engine that sampled and the policy that is trained.
 *
 * w = min(π_trainer/π_sampler, C) (truncated, TIS), or w = ratio where it lies in [c, C] and 0 elsewhere (masked, MIS; IcePop), by token or for a
 * whole sequence (the product of its tokens' ratios). Sources: Yao et al., 2025 (TIS, fengyao.notion.site/off-policy-rl); Liu et al., 2025
 * (richardli.xyz/rl-collapse); verl 0.9.1 `rollout_is`; TRL 1.16.0 `vllm_importance_sampling_mode`.
 *
 * @module
 */
import { NOT_OWNED } from "../Partition.ts"
import { TheoryError } from "../TheoryError.ts"
import { tokensBySequence } from "../TokenBatch.ts"
import { bounded, logRatios, type TwoPolicies } from "./Ratios.ts"

/**
 * How ratios become weights. `level`: a ratio a token, or one a sequence, their product, on each of its tokens. `mode: "truncate"` clamps to
 * [low, high], `"mask"` gives 0 outside; null: no bound on that side. `normalize` divides by the mean weight, over tokens or over sequences.
 *
 * verl: `rollout_is_threshold: 2.0` is truncate with high 2, `"0.5_5.0"` is mask with low 0.5 and high 5, `rollout_is_batch_normalize`. TRL:
 * `token_truncate`, `token_mask`, `sequence_truncate`, `sequence_mask` (its default) with `clip_max` 3 and no `clip_min`.
 */
export interface ImportanceWeights {
  readonly level: "token" | "sequence"
  readonly mode: "truncate" | "mask"
  readonly low: number | null
  readonly high: number | null
  readonly normalize: boolean
}

const refuse = (what: string, value: number, range: string): never => {
  throw new TheoryError("RolloutCorrection.importanceWeights", { _tag: "OutOfRange", what, index: 0, value, range })
}

/** Builds the settings; defaults are verl's: the sequence's ratio, truncated at 2, not normalised. Errors: `OutOfRange`. */
export const importanceWeights = (options: Partial<ImportanceWeights> = {}): ImportanceWeights => {
  const settings: ImportanceWeights = { level: "sequence", mode: "truncate", low: null, high: 2, normalize: false, ...options }
  const { high, low } = settings
  if (high !== null && !(high > 0)) refuse("high", high, "(0, ∞)")
  if (low !== null && !(low >= 0 && low < (high ?? Infinity))) refuse("low", low, high === null ? "[0, ∞)" : `[0, ${high})`)
  return settings
}

/**
 * Computes the weight of every token, to be multiplied onto its advantage; 0 on tokens that nobody owns. Shapes: [N] → [N].
 *
 * Without bounds the token weights have E_sampler[w f] = E_trainer[f] of one token, the sequence weights that of whole trajectories; truncation
 * and masking trade that for variance. Log-ratios are clamped to ±20 first. All weights are 1 where the two policies agree.
 * Errors: `ShapeMismatch`, `NonFinite`, `OutOfRange`, `EmptyGroup`.
 */
export const weightsOf = (settings: ImportanceWeights, policies: TwoPolicies): Float64Array => {
  const { level, mode, normalize } = settings
  const ratios = logRatios("RolloutCorrection.weightsOf", policies)
  const [low, high] = [settings.low ?? -Infinity, settings.high ?? Infinity]
  const bound = (ratio: number): number => {
    if (mode === "truncate") return Math.min(Math.max(ratio, low), high)
    return ratio < low || ratio > high ? 0 : ratio
  }
  const weights = new Float64Array(ratios.length)
  let [sum, count] = [0, 0]
  tokensBySequence(policies).forEach((tokens) => {
    if (tokens.length === 0) return
    const whole = level === "sequence" ? bound(Math.exp(bounded(tokens.reduce((total, token) => total + ratios[token]!, 0)))) : 0
    for (const token of tokens) {
      weights[token] = level === "sequence" ? whole : bound(Math.exp(bounded(ratios[token]!)))
      if (level === "token") sum += weights[token]!
    }
    sum += whole
    count += level === "sequence" ? 1 : tokens.length
  })
  const mean = sum / Math.max(count, 1)
  // As verl: a batch whose weights all but vanish is left as it is.
  return normalize && mean > 1e-8 ? weights.map((weight) => weight / mean) : weights
}

/** Computes the effective share of the sample, (Σ w)² / (n Σ w²) over owned tokens, in (0, 1]: 1 for equal weights; 0 without any weight. */
export const effectiveShare = (weights: Float64Array, owner: Uint8Array): number => {
  let [sum, squares, count] = [0, 0, 0]
  weights.forEach((weight, token) => {
    if (owner[token] === NOT_OWNED) return
    sum += weight
    squares += weight * weight
    count++
  })
  return squares === 0 ? 0 : (sum * sum) / (count * squares)
}
