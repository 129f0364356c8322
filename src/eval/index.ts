/**
 * What measures: rollouts in, calibration, comparison, findings, figures and report out. Nothing here trains.
 *
 * @module
 */
export { AcrossSeeds, acrossSeeds, SeedsModel, Spread, spread, VerifierPoint } from "./AcrossSeeds.ts"
export { startAttribution } from "./attribute/Accumulate.ts"
export type { AttributionAccumulator } from "./attribute/Accumulate.ts"
export { AttributionInput, readAttributionRow } from "./attribute/AttributionInput.ts"
export type { AttributionRow as AttributionInputRow } from "./attribute/AttributionInput.ts"
export { AttributionReport } from "./attribute/AttributionReport.ts"
export type { AttributionSettings } from "./attribute/Objectives.ts"
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
} from "./Bootstrap.ts"
export type { BootstrapOptions, Counts, Rounds, Statistics } from "./Bootstrap.ts"
export { calibrate, OVERALL, TRAINED, UNSEEN } from "./Calibrate.ts"
export type { CalibrateOptions } from "./Calibrate.ts"
export { Calibration, Contribution, DistributionShift, LevelCalibration, OutcomeCounts, Prediction, Rate } from "./Calibration.ts"
export { compare } from "./Compare.ts"
export type { ModelRollouts } from "./Compare.ts"
export { Comparison, Estimate, LevelComparison } from "./Comparison.ts"
export { evaluate, toEvaluated } from "./Evaluate.ts"
export { EvaluatedAttempt, EvaluatedRollout } from "./EvaluatedRollout.ts"
export { isScored } from "./Outcomes.ts"
export { accuracyFigure } from "./figures/AccuracyFigure.ts"
export type { AccuracyLine } from "./figures/AccuracyFigure.ts"
export { attributionFigure } from "./figures/AttributionFigure.ts"
export type { AttributionRow } from "./figures/AttributionFigure.ts"
export { calibrationFigure } from "./figures/CalibrationFigure.ts"
export { dynamicsFigure } from "./figures/DynamicsFigure.ts"
export { FigureError, renderFigure } from "./figures/Figure.ts"
export type { Figure } from "./figures/Figure.ts"
export { trainingFigure } from "./figures/TrainingFigure.ts"
export type { TrainingRun } from "./figures/TrainingFigure.ts"
export { escapeHtml } from "./Html.ts"
export { contains, normalInterval, wilsonInterval, Z_95 } from "./Interval.ts"
export type { Interval } from "./Interval.ts"
export { paperFigures, paperTable1, paperTable2 } from "./PaperNumbers.ts"
export type { PaperTable1Row } from "./PaperNumbers.ts"
export { predictFromCounts } from "./Prediction.ts"
export type { Predictions } from "./Prediction.ts"
export * as OpenAiPolicy from "./remote/OpenAiPolicy.ts"
export { TextRollout } from "./remote/RolloutFile.ts"
export { sampleTexts } from "./remote/SampleTexts.ts"
export type { SampleTextsOptions } from "./remote/SampleTexts.ts"
export * as SimulatedTextPolicy from "./remote/SimulatedTextPolicy.ts"
export { TextPolicy, TextPolicyError } from "./remote/TextPolicy.ts"
export type { TextCompletion, TextPolicyService, TextRequest } from "./remote/TextPolicy.ts"
export { renderReport } from "./Report.ts"
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
} from "./Results.ts"
export { countRollout, readCounts } from "./RolloutCounts.ts"
export type { RolloutCounts } from "./RolloutCounts.ts"
export { conditionalRates } from "./SelfCorrection.ts"
export type { ConditionalRates, JointRates } from "./SelfCorrection.ts"
export { renderSeedsReport, seedsFigures } from "./SeedsReport.ts"
export { simulate } from "./Simulate.ts"
export type { SimulatedPolicy } from "./Simulate.ts"
export { centralProbability, centralQuantile, meanInterval } from "./StudentT.ts"
export type { MeanWithInterval } from "./StudentT.ts"
export { summarize } from "./Summary.ts"
export type { Evidence } from "./Summary.ts"
