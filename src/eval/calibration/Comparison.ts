/**
 * What a comparison of two models reports: the shape of its JSON. `compare` (Compare.ts) fills it.
 *
 * @module
 */
import { Schema } from "effect"
import { Estimate } from "./Estimate.ts"
import { ComparisonFindings } from "./Findings.ts"
import { ReaderReport } from "./ReaderReport.ts"
import { TranscriptInput, TRANSCRIPTS_VERSION } from "./TranscriptInput.ts"

export { Estimate } from "./Estimate.ts"

/** The difference between two models (to − from) on one level, or on several pooled. */
export const LevelComparison = Schema.Struct({
  level: Schema.String,
  /** Queries that both models answered; these are resampled as pairs. */
  paired: Schema.Int,
  /** Difference in observed accuracy, and in the accuracy that the capped two-stage model predicts. */
  observed: Estimate,
  predicted: Estimate,
  /**
   * The predicted difference split by Shapley's value: sampling {p_S} + decision {p_D|C, p_D|W} = predicted. A decision rate
   * that one model gave no occasion to see (it made no wrong answer, say) counts as unchanged.
   */
  sampling: Estimate,
  decision: Estimate,
  /** decision − sampling: above 0 if deciding made the larger part of the difference. */
  decisionLead: Estimate,
  /** The same over three players, which also sums to the predicted difference. */
  byRate: Schema.Struct({ pSample: Estimate, pStopGivenCorrect: Estimate, pResampleGivenWrong: Estimate }),
  /** observed − predicted: what the two-stage model does not account for. */
  unexplained: Estimate,
  /** Differences in the rates themselves. */
  change: Schema.Struct({ pSample: Estimate, pStopGivenCorrect: Estimate, pResampleGivenWrong: Estimate }),
  /** Queries that each model answered; absent in the paper's way. */
  fromQueries: Schema.optionalKey(Schema.Int),
  toQueries: Schema.optionalKey(Schema.Int)
})

/** The difference between two models (to − from) on one level, or on all levels pooled. */
export type LevelComparison = typeof LevelComparison.Type

/** The difference between two models, level by level and pooled. */
export const Comparison = Schema.Struct({
  from: Schema.String,
  to: Schema.String,
  cap: Schema.Int,
  /** All levels that either model was evaluated on; those of one alone have no differences (null). */
  levels: Schema.Array(LevelComparison),
  /** The levels that both models were evaluated on, pooled. */
  overall: LevelComparison,
  /** The levels that were trained on pooled, and the others, if it is known which are which. */
  trained: Schema.optionalKey(LevelComparison),
  unseen: Schema.optionalKey(LevelComparison),
  /** As in a calibration. */
  method: Schema.optionalKey(Schema.Struct({
    truncated: Schema.Literals(["counted", "left-out"]),
    intervals: Schema.Literals(["clustered", "percentile"]),
    echoes: Schema.optionalKey(Schema.Literals(["resample", "confirm"])),
    fewestQueries: Schema.Int
  })),
  /** The version of this shape, what was read, and the answer in words: where transcripts were compared. */
  version: Schema.optionalKey(Schema.Literal(TRANSCRIPTS_VERSION)),
  inputs: Schema.optionalKey(Schema.Struct({ from: Schema.Array(TranscriptInput), to: Schema.Array(TranscriptInput) })),
  /** The model that listed the candidates, where it was not the rules. */
  reader: Schema.optionalKey(Schema.Struct({ from: ReaderReport, to: ReaderReport })),
  findings: Schema.optionalKey(ComparisonFindings)
})

/** The difference between two models, level by level and pooled. */
export type Comparison = typeof Comparison.Type
