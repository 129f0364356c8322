/**
 * Measurements of a gradient's parts: how long the share of each sub-policy is, and how they lie to each other.
 *
 * @module
 */
import { Schema } from "effect"

/**
 * The cosine of the angle between two sub-policies' gradients; 0 where one of them is 0. Where blocks of the batch were compared:
 * `product`, the unbiased estimate of ⟨E g_k, E g_l⟩ (their interference), and `covariance`, of tr Cov(g_k, g_l).
 */
export const PairCosine = Schema.Struct({
  first: Schema.String,
  second: Schema.String,
  cosine: Schema.Finite,
  product: Schema.optionalKey(Schema.Finite),
  covariance: Schema.optionalKey(Schema.Finite)
})
export type PairCosine = typeof PairCosine.Type

/**
 * One part of an objective (`total`: all of it) at one step, split among the K sub-policies of a partition: ‖g_k‖ by name, in units of
 * loss per unit of parameter, the tokens behind each, and the cosine of every pair. The gradients behind it sum to the part's.
 *
 * `signals` are unbiased estimates of |E g_k|² (‖g_k‖² itself is too large by the noise, and a signal may come out negative), `variances`
 * of tr Cov(g_k), both of this batch's gradient; absent where the batch has fewer than two independent groups.
 */
export const GradientParts = Schema.Struct({
  step: Schema.Int,
  part: Schema.String,
  norms: Schema.Record(Schema.String, Schema.Finite),
  tokens: Schema.Record(Schema.String, Schema.Int),
  signals: Schema.optionalKey(Schema.Record(Schema.String, Schema.Finite)),
  variances: Schema.optionalKey(Schema.Record(Schema.String, Schema.Finite)),
  cosines: Schema.Array(PairCosine)
})
export type GradientParts = typeof GradientParts.Type

/** The same of sampling and decision, as results.json holds it. `cosine` may be null if one of the norms is zero. */
export const TwoStageGradientParts = Schema.Struct({
  step: Schema.Int,
  part: Schema.String,
  /** ‖g_S‖, the norm of the gradient that comes from sampling tokens. */
  normSampling: Schema.Finite,
  /** ‖g_D‖, the norm of the gradient that comes from decision tokens. */
  normDecision: Schema.Finite,
  cosine: Schema.NullOr(Schema.Finite),
  tokensSampling: Schema.Finite,
  tokensDecision: Schema.Finite,
  /** Unbiased estimates of |E g_S|², |E g_D|² and ⟨E g_S, E g_D⟩, and of the traces of their covariances; absent without two groups. */
  signalSampling: Schema.optionalKey(Schema.Finite),
  signalDecision: Schema.optionalKey(Schema.Finite),
  varianceSampling: Schema.optionalKey(Schema.Finite),
  varianceDecision: Schema.optionalKey(Schema.Finite),
  product: Schema.optionalKey(Schema.Finite),
  covariance: Schema.optionalKey(Schema.Finite)
})
export type TwoStageGradientParts = typeof TwoStageGradientParts.Type

/** A measurement of the two-stage partition in the form of results.json; of another partition, what it has of sampling and decision. */
export const toTwoStage = ({ cosines, norms, part, signals, step, tokens, variances }: GradientParts): TwoStageGradientParts => {
  // An angle has no order, a partition's names have one.
  const pair = cosines.find(({ first, second }) => [first, second].toSorted().join() === "decision,sampling")
  return {
    step,
    part,
    normSampling: norms.sampling ?? 0,
    normDecision: norms.decision ?? 0,
    cosine: pair?.cosine ?? null,
    tokensSampling: tokens.sampling ?? 0,
    tokensDecision: tokens.decision ?? 0,
    ...(signals === undefined ? {} : { signalSampling: signals.sampling ?? 0, signalDecision: signals.decision ?? 0 }),
    ...(variances === undefined ? {} : { varianceSampling: variances.sampling ?? 0, varianceDecision: variances.decision ?? 0 }),
    ...(pair?.product === undefined ? {} : { product: pair.product }),
    ...(pair?.covariance === undefined ? {} : { covariance: pair.covariance })
  }
}
