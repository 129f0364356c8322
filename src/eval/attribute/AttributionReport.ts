/**
 * What attribution of a rollouts file reports: the shape of its JSON. Numbers that overflow or are not defined are null.
 *
 * @module
 */
import { Schema } from "effect"

const Real = Schema.NullOr(Schema.Finite)

/** A sub-policy's numbers: `total` = Σ, `absolute` = Σ|·| over tokens; means of |·| over tokens and of |Σ·| over actions. */
export const PartTotals = Schema.Struct({
  tokens: Schema.Int,
  actions: Schema.Int,
  total: Real,
  absolute: Real,
  perToken: Real,
  perAction: Real
})
export type PartTotals = typeof PartTotals.Type

/** Both sub-policies, and π_D's share of their summed absolute numbers. */
export const Parts = Schema.Struct({ sampling: PartTotals, decision: PartTotals, decisionShare: Real })
export type Parts = typeof Parts.Type

/** Σ w|weight| of both sub-policies, w an aggregation's weight of the token, the whole file being one batch. */
export const AggregatedShare = Schema.Struct({ mode: Schema.String, sampling: Real, decision: Real, decisionShare: Real })
export type AggregatedShare = typeof AggregatedShare.Type

/**
 * The verdict of `attribution` on the first `rows` rows: Σ of answers' mean |weight| over decisions' (`weightRatio`; null for ∞ and without any
 * weight) with two standard errors, the cosine of the two (`alignment`); beside it the ratios and growth of the immediate terms, which do not
 * decide. `evidence` says it in sentences, without their full stops.
 */
export const VerdictReport = Schema.Struct({
  verdict: Schema.Literals(["none", "balanced", "unbalanced"]),
  towards: Schema.NullOr(Schema.Literals(["sampling", "decision"])),
  rows: Schema.Int,
  weightRatio: Real,
  interval: Schema.NullOr(Schema.Tuple([Schema.Finite, Schema.Finite])),
  isSettled: Schema.Boolean,
  alignment: Real,
  hasStatistic: Schema.Boolean,
  ratioPerAction: Real,
  ratioPerToken: Real,
  growthExponent: Real,
  evidence: Schema.Array(Schema.String)
})
export type VerdictReport = typeof VerdictReport.Type

/**
 * One sub-policy of a partition that is finer than the two stages: its terms and weights, its share of all, the growth of |r_k| in its
 * length, and the verdict between it and the decisions (null for one that writes decisions).
 */
export const PartReport = Schema.Struct({
  immediate: PartTotals,
  immediateShare: Real,
  scoreWeights: PartTotals,
  scoreWeightShare: Real,
  verdict: Schema.NullOr(VerdictReport)
})
export type PartReport = typeof PartReport.Type

/** One objective over all rows that have its inputs. `growthExponent`: of the mean |r_S| of an answer in its length, tokens. */
export const ObjectiveReport = Schema.Struct({
  name: Schema.String,
  meaning: Schema.String,
  source: Schema.String,
  placement: Schema.Literals(["reward", "loss"]),
  rows: Schema.Int,
  /** How many rows lack what, for rows that were left out. */
  lacking: Schema.Record(Schema.String, Schema.Int),
  immediate: Schema.NullOr(Parts),
  scoreWeights: Schema.NullOr(Parts),
  aggregation: Schema.Array(AggregatedShare),
  growthExponent: Real,
  verdict: Schema.NullOr(VerdictReport),
  /** Why there is no verdict on rows that are there. */
  undefinedBecause: Schema.optionalKey(Schema.String),
  /** By sub-policy; absent for the two stages, which the fields above are about: of a finer partition they merge its parts by stage. */
  parts: Schema.optionalKey(Schema.Record(Schema.String, PartReport))
})
export type ObjectiveReport = typeof ObjectiveReport.Type

/** Attribution of a file. */
export const AttributionReport = Schema.Struct({
  attribution: Schema.Literal("2"),
  rows: Schema.Int,
  settings: Schema.Struct({ gamma: Schema.Finite, beta: Schema.Finite, constant: Schema.Finite }),
  /** How many rows had an advantage, how many only a score that stands for it, how many neither. */
  advantages: Schema.Struct({ advantage: Schema.Int, score: Schema.Int, neither: Schema.Int }),
  longestRow: Schema.Int,
  /** Rows that end without STOP (cut off, or its token was not kept): what has no decision is in the sums and in no verdict. */
  unfinished: Schema.optionalKey(Schema.Int),
  objectives: Schema.Array(ObjectiveReport),
  badRows: Schema.Array(Schema.Struct({ line: Schema.Int, reason: Schema.String }))
})
export type AttributionReport = typeof AttributionReport.Type
