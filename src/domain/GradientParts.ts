/**
 * Measurements of a gradient's parts: how long the share of each sub-policy is, and how they lie to each other.
 *
 * @module
 */
import { Schema } from "effect"

/** The cosine of the angle between two sub-policies' gradients; 0 where one of them is 0. */
export const PairCosine = Schema.Struct({ first: Schema.String, second: Schema.String, cosine: Schema.Finite })
export type PairCosine = typeof PairCosine.Type

/**
 * One part of an objective (`total`: all of it) at one step, split among the K sub-policies of a partition: ‖g_k‖ by name, in units of
 * loss per unit of parameter, the tokens behind each, and the cosine of every pair. The gradients behind it sum to the part's.
 */
export const GradientParts = Schema.Struct({
  step: Schema.Int,
  part: Schema.String,
  norms: Schema.Record(Schema.String, Schema.Finite),
  tokens: Schema.Record(Schema.String, Schema.Int),
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
  tokensDecision: Schema.Finite
})
export type TwoStageGradientParts = typeof TwoStageGradientParts.Type

/** A measurement of the two-stage partition in the form of results.json; of another partition, what it has of sampling and decision. */
export const toTwoStage = ({ cosines, norms, part, step, tokens }: GradientParts): TwoStageGradientParts => ({
  step,
  part,
  normSampling: norms.sampling ?? 0,
  normDecision: norms.decision ?? 0,
  // An angle has no order, a partition's names have one.
  cosine: cosines.find(({ first, second }) => [first, second].toSorted().join() === "decision,sampling")?.cosine ?? null,
  tokensSampling: tokens.sampling ?? 0,
  tokensDecision: tokens.decision ?? 0
})
