/**
 * What measures: rollouts in, calibration, comparison, findings, figures and report out. Nothing here trains.
 *
 * @module
 */
export { AcrossSeeds, acrossSeeds, SeedsModel, Spread, spread, VerifierPoint } from "./results/AcrossSeeds.ts"
export { Machine } from "./results/Machine.ts"
export { startAttribution } from "./attribute/Accumulate.ts"
export type { AttributionAccumulator, AttributionChoice } from "./attribute/Accumulate.ts"
export { AttributionInput, attributionRowsOf, readAttributionRow, readAttributionRows } from "./attribute/AttributionInput.ts"
export type { AttributionRow as AttributionInputRow } from "./attribute/AttributionInput.ts"
export { readAttributionFile } from "./attribute/ReadAttributionFile.ts"
export type { AttributionLine } from "./attribute/ReadAttributionFile.ts"
export { AttributionReport } from "./attribute/AttributionReport.ts"
export type { GradientSizes, ModelAttribution, ObjectiveGradient, Resampling } from "./attribute/ModelAttribution.ts"
export { resampledGradient } from "./attribute/GradientIntervals.ts"
export type { Contributions, GradientIntervals, ResampledGradient } from "./attribute/GradientIntervals.ts"
export { kindOfWeight, layerOfWeight, WEIGHT_KINDS, weightShares } from "./attribute/WeightShares.ts"
export type { GradientPair, NamedRange, WeightShare } from "./attribute/WeightShares.ts"
export { OBJECTIVES, ofLoss } from "./attribute/Objectives.ts"
export type { AttributedObjective, AttributionSettings } from "./attribute/Objectives.ts"
export {
  DEFAULT_ROUNDS,
  PAPER_ROUNDS,
  percentile,
  percentileInterval,
  percentileIntervals,
  poolRounds,
  pValueOfZero,
  resample,
  resampledValues,
  sumCounts
} from "./statistics/Bootstrap.ts"
export type { BootstrapOptions, Counts, Rounds, Statistics } from "./statistics/Bootstrap.ts"
export { calibrate, OVERALL, TRAINED, UNSEEN } from "./calibration/Calibrate.ts"
export type { CalibrateOptions } from "./calibration/Calibrate.ts"
export { PAPER_METHOD } from "./calibration/Method.ts"
export type { IntervalMode, Method } from "./calibration/Method.ts"
export type { TruncatedMode } from "./calibration/Outcomes.ts"
export { headlineOf } from "./calibration/Headline.ts"
export { sentencesOf, verdictOf } from "./calibration/Verdict.ts"
export type { Calibrated } from "./calibration/Verdict.ts"
export { comparisonSentencesOf, comparisonVerdictOf } from "./calibration/ComparisonVerdict.ts"
export { CalibrationFindings, ComparisonFindings, ReadingSummary } from "./calibration/Findings.ts"
export { ReaderAgreement, ReaderReport } from "./calibration/ReaderReport.ts"
export { TranscriptInput, TRANSCRIPTS_VERSION } from "./calibration/TranscriptInput.ts"
export { clusteredInterval, effectiveTrials, FEWEST_CLUSTERS, spreadsOf } from "./statistics/ClusteredInterval.ts"
export type { ClusterSpread } from "./statistics/ClusteredInterval.ts"
export { countSketch } from "./statistics/CountSketch.ts"
export type { CountSketch } from "./statistics/CountSketch.ts"
export { expandedInterval, expandedPValue } from "./statistics/ExpandedPercentile.ts"
export type { Design } from "./statistics/ExpandedPercentile.ts"
export {
  Calibration,
  Contribution,
  DistributionShift,
  LevelCalibration,
  Lever,
  OutcomeCounts,
  Prediction,
  Rate
} from "./calibration/Calibration.ts"
export { compare } from "./calibration/Compare.ts"
export type { ModelRollouts } from "./calibration/Compare.ts"
export { Comparison, Estimate, LevelComparison } from "./calibration/Comparison.ts"
export { evaluate, toEvaluated } from "./calibration/Evaluate.ts"
export { EvaluatedAttempt, EvaluatedRollout } from "./calibration/EvaluatedRollout.ts"
export { isScored } from "./calibration/Outcomes.ts"
export { modelAttributionFigure } from "./figures/ModelAttributionFigure.ts"
export { accuracyFigure } from "./figures/AccuracyFigure.ts"
export type { AccuracyLine } from "./figures/AccuracyFigure.ts"
export { attributionFigure } from "./figures/AttributionFigure.ts"
export type { AttributionRow } from "./figures/AttributionFigure.ts"
export { calibrationFigure } from "./figures/CalibrationFigure.ts"
export { dynamicsFigure } from "./figures/DynamicsFigure.ts"
export { FigureError, renderFigure } from "./figures/Figure.ts"
export type { Figure } from "./figures/Figure.ts"
export { stepsFigure } from "./figures/StepsFigure.ts"
export { trainingFigure } from "./figures/TrainingFigure.ts"
export type { TrainingRun } from "./figures/TrainingFigure.ts"
export { escapeHtml } from "./report/Html.ts"
export { contains, normalInterval, wilsonInterval, Z_95 } from "./statistics/Interval.ts"
export type { Interval } from "./statistics/Interval.ts"
export { paperFigures, paperTable1, paperTable2 } from "./results/PaperNumbers.ts"
export type { PaperTable1Row } from "./results/PaperNumbers.ts"
export { predictFromCounts } from "./calibration/Prediction.ts"
export type { Predictions } from "./calibration/Prediction.ts"
export { renderReport } from "./report/Report.ts"
export {
  AppendixCResult,
  AttributionMeasurement,
  Example,
  Figure1,
  Figure1Row,
  Finding,
  ModelResult,
  Results,
  RESULTS_VERSION,
  VerifierLevel,
  withoutTimings
} from "./results/Results.ts"
export { countRollout, readCounts } from "./calibration/RolloutCounts.ts"
export type { RolloutCounts } from "./calibration/RolloutCounts.ts"
export { conditionalRates } from "./calibration/SelfCorrection.ts"
export type { ConditionalRates, JointRates } from "./calibration/SelfCorrection.ts"
export { renderSeedsReport, seedsFigures } from "./report/SeedsReport.ts"
export { simulate } from "./calibration/Simulate.ts"
export type { SimulatedPolicy } from "./calibration/Simulate.ts"
export { centralProbability, centralQuantile, meanInterval } from "./statistics/StudentT.ts"
export type { MeanWithInterval } from "./statistics/StudentT.ts"
export * from "./transcripts/index.ts"
export { summarize } from "./results/Summary.ts"
export type { Evidence } from "./results/Summary.ts"
