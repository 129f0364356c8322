/**
 * What a trainer does about rollouts that another policy drew than the one it trains: weights on their advantages, and masks.
 *
 * A sampler of this library shares its parameters with the trained policy, and their log-probabilities differ by rounding alone; an engine of less
 * precision or with older weights brings its own in its rollouts, and these are what is corrected for.
 *
 * @module
 */
import { Schema } from "effect"
import { NOT_OWNED } from "../theory/Partition.ts"
import * as RolloutCorrection from "../theory/RolloutCorrection.ts"
import { repeatOnTokens } from "../theory/TokenBatch.ts"
import { Positive, Size } from "./Bounds.ts"
import type { Metrics } from "./TrainState.ts"

/** Weights, criteria of rejection (all must pass), and a veto on sequences with a token whose ratio is below it; what is left out is not done. */
export interface Correction {
  readonly weights?: RolloutCorrection.ImportanceWeights
  readonly rejections?: ReadonlyArray<RolloutCorrection.Rejection>
  readonly veto?: number
}

const Bound = Schema.optionalKey(Schema.NullOr(Size))

/** A correction as a configuration writes it; defaults are verl's (the sequence's ratio, truncated at 2). */
export const CorrectionChoice = Schema.Struct({
  weights: Schema.optionalKey(
    Schema.Struct({
      level: Schema.optionalKey(Schema.Literals(["token", "sequence"])),
      mode: Schema.optionalKey(Schema.Literals(["truncate", "mask"])),
      low: Bound,
      high: Bound,
      normalize: Schema.optionalKey(Schema.Boolean)
    })
  ),
  rejections: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        estimator: Schema.Literals(["k1", "k2", "k3"]),
        level: Schema.Literals(["token", "sum", "mean", "max"]),
        low: Schema.optionalKey(Positive),
        high: Positive
      })
    )
  ),
  veto: Schema.optionalKey(Positive)
})
export type CorrectionChoice = typeof CorrectionChoice.Type

/** Builds the correction that a configuration names. Throws `TheoryError` for bounds that are none. */
export const fromChoice = ({ rejections, veto, weights }: CorrectionChoice): Correction => ({
  ...(weights === undefined ? {} : { weights: RolloutCorrection.importanceWeights(weights) }),
  ...(rejections === undefined ? {} : { rejections: rejections.map(RolloutCorrection.rejection) }),
  ...(veto === undefined ? {} : { veto })
})

/** What a correction makes of a batch: a factor for every token's advantage, the owners that are left, and how far the two policies are apart. */
export interface Corrected {
  readonly factors: Float64Array
  readonly owner: Uint8Array
  readonly metrics: Metrics
}

const share = (owner: Uint8Array, isCounted: (token: number) => boolean): number => {
  let [count, all] = [0, 0]
  owner.forEach((value, token) => {
    if (value === NOT_OWNED) return
    all++
    if (isCounted(token)) count++
  })
  return all === 0 ? 0 : count / all
}

/** The share of owned tokens whose ratio, of the token or its sequence, exceeds the upper bound. */
const shareAbove = (weights: RolloutCorrection.ImportanceWeights, policies: RolloutCorrection.TwoPolicies): number => {
  const { high } = weights
  if (high === null) return 0
  const ratios = RolloutCorrection.weightsOf({ ...weights, low: null, high: null, normalize: false }, policies)
  return share(policies.owner, (token) => ratios[token]! > high)
}

/** Applies a correction to a batch under two policies; `owner` has what other masks left. Errors: those of `RolloutCorrection`. */
export const apply = (correction: Correction, policies: RolloutCorrection.TwoPolicies): Corrected => {
  const { rejections = [], veto, weights } = correction
  const factors = weights === undefined
    ? new Float64Array(policies.owner.length).fill(1)
    : RolloutCorrection.weightsOf(weights, policies)
  const passed = RolloutCorrection.kept(rejections, policies)
  const spared = veto === undefined ? undefined : repeatOnTokens(RolloutCorrection.vetoed(veto, policies), policies.offsets)
  const owner = policies.owner.map((value, token) => (passed[token] === 0 || spared?.[token] === 0 ? NOT_OWNED : value))
  let [drift, count] = [0, 0]
  policies.owner.forEach((value, token) => {
    if (value === NOT_OWNED) return
    drift += policies.samplerLogProbs[token]! - policies.logProbs[token]!
    count++
  })
  return {
    factors,
    owner,
    metrics: {
      "rollout_corr/kl": count === 0 ? 0 : drift / count,
      ...(weights === undefined
        ? {}
        : {
          "rollout_corr/rollout_is_eff_sample_size": RolloutCorrection.effectiveShare(factors, policies.owner),
          "rollout_corr/rollout_is_ratio_fraction_high": shareAbove(weights, policies)
        }),
      "rollout_corr/rollout_rs_masked_fraction": share(policies.owner, (token) => owner[token] === NOT_OWNED)
    }
  }
}
