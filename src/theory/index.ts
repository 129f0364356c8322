/**
 * The theory of decision sampling: pure float64 functions on plain data.
 *
 * Vocabulary is exported by name; modules whose functions share names (`advantages`, `qValues`, …) as namespaces.
 * Anything not listed here is private.
 *
 * @module
 */

export { assertFinite, assertLength, assertLogProbs, assertRange, TheoryError } from "./TheoryError.ts"
export type { Reason } from "./TheoryError.ts"

export { DECISION, makePartition, NOT_OWNED, ownerOf, SAMPLING, TWO_STAGE } from "./Partition.ts"
export type { Partition } from "./Partition.ts"

export { assertOffsets, makeTokenBatch, maskSequences, repeatOnTokens, sequenceCount, tokensBySequence } from "./TokenBatch.ts"
export type { TokenBatch } from "./TokenBatch.ts"

export * as Objective from "./Objective.ts"

export { clampedRatio, clippedTerm, logRatioDerivative } from "./ClippedRatio.ts"
export type { ClampedRatio, ClipBounds, RatioTerm } from "./ClippedRatio.ts"

export * as Aggregate from "./Aggregate.ts"

export * as Advantage from "./Advantage.ts"

export { groupObjective, groupPush } from "./GroupPush.ts"
export type { GroupEstimator } from "./GroupPush.ts"

export { naturalDecisionWeights } from "./DecisionWeights.ts"
export type { DecisionWeights, Mobility } from "./DecisionWeights.ts"

export * as TokenAdvantage from "./TokenAdvantage.ts"

export * as NegativeReinforcement from "./NegativeReinforcement.ts"

export * as Covariance from "./Covariance.ts"

export * as Kl from "./Kl.ts"

export * as RolloutCorrection from "./RolloutCorrection.ts"

export * as Overlong from "./Overlong.ts"

export * as DynamicSampling from "./DynamicSampling.ts"

export * as Controllers from "./Controllers.ts"

export { entropy, entropyGradient } from "./Entropy.ts"

export { klDivergence, log1mExp, logAddExp, logSigmoid, logSoftmax, logSumExp, sigmoid, softmax } from "./LogSpace.ts"

export { makeScoredTrajectory, referencedAttempts, toTokenBatch } from "./ScoredTrajectory.ts"
export type { ReferencedAttempt, ScoredAttempt, ScoredTrajectory } from "./ScoredTrajectory.ts"

export { logProb, logProbParts, partOf, sumByOwner } from "./Factorization.ts"
export type { TwoStageLogProb } from "./Factorization.ts"

export { backward, discountedScoreWeights, forward, immediateTerms, inTokenOrder } from "./QTable.ts"
export type { QTable } from "./QTable.ts"

export * as BatchedRecursion from "./BatchedRecursion.ts"

export * as Surrogate from "./Surrogate.ts"

export * as KlPenalty from "./KlPenalty.ts"

export * as OnPolicyDrift from "./OnPolicyDrift.ts"

export * as Sft from "./Sft.ts"

export * as Dft from "./Dft.ts"

export { attribution, growthExponent, magnitudeRatio, sufficientStatistic, termGrowth, weighedCycles } from "./Attribution.ts"
export type {
  LengthPoint,
  MagnitudeRatio,
  StatisticResult,
  SubPolicyValues,
  Verdict,
  WeighedCycle,
  Witness
} from "./Attribution.ts"

export { mergeOwners, mergeParts, partSizes, weightShares } from "./NamedParts.ts"
export type { Merged, PartSize } from "./NamedParts.ts"

export { digitLayout, digitPartition, layOut, PLAN_EXECUTE_VERIFY, planExecuteVerify } from "./WorkedPartitions.ts"
export type { Run, Steps } from "./WorkedPartitions.ts"

export * as PropertyTable from "./PropertyTable.ts"

export {
  accuracyByAttempt,
  accuracyGradient,
  assertRates,
  cappedAccuracyGradient,
  expectedCycles,
  falseToTrue,
  predictAccuracy,
  reflectionGain,
  reflectionHelps,
  stopProbability,
  twoStageAccuracy
} from "./Accuracy.ts"
export type { AccuracyPrediction, RateGradient, TwoStageRates } from "./Accuracy.ts"

export * as CensoredRates from "./CensoredRates.ts"

export { gainByRate, gainBySubPolicy, shapleyValues } from "./Shapley.ts"
export type { GainByRate, GainBySubPolicy } from "./Shapley.ts"

export { CLAIMS } from "./Claims.ts"
export { recomputeCounterexample } from "./claims/Counterexamples.ts"
export type { RecomputedNumber } from "./claims/Counterexamples.ts"
export type { Claim, ClaimChange, ClaimStatus, Counterexample, Evidence } from "./claims/Claim.ts"

export * as ThreeLogit from "./illustration/ThreeLogit.ts"

export * as ThreeLogitGradient from "./illustration/ThreeLogitGradient.ts"

export * as ThreeLogitChain from "./illustration/ThreeLogitChain.ts"

export * as ThreeLogitFeedback from "./illustration/ThreeLogitFeedback.ts"

export * as ScoredChain from "./estimator/ScoredChain.ts"

export { estimatorMoments, ESTIMATORS } from "./estimator/EstimatorMoments.ts"
export type { Estimator, EstimatorMoments, EstimatorOptions, PartMoments } from "./estimator/EstimatorMoments.ts"

export { blockNoise } from "./estimator/GradientNoise.ts"
export type { BlockProducts, NoiseEstimate } from "./estimator/GradientNoise.ts"

export { fisherMatrix, inFisherCoordinates, whitening } from "./estimator/FisherMetric.ts"

export { fisherDecisionShare, logitFisher, naturalAccuracyGradient, naturalLogitGradient } from "./estimator/ThreeLogitFisher.ts"

export * as KlChoice from "./KlChoice.ts"

export { expectedKlGradient, klTable } from "./KlTable.ts"
export type { KlCase, KlTableEntry, KlTableModel, KlTableRow } from "./KlTable.ts"

export { appendixC, RESTORED } from "./illustration/AppendixC.ts"
export type { AppendixC, AppendixCClaim, AppendixCInputs, Printed } from "./illustration/AppendixC.ts"

export { PRINTED } from "./illustration/AppendixCPrinted.ts"
export type { TableParameter, TableStep, TableUpdate } from "./illustration/AppendixCPrinted.ts"

export {
  decisionsAlong,
  follow,
  rejectionThreshold,
  restingPolicy,
  teach,
  teachingInvariants,
  teachingTime,
  teachingVelocity
} from "./illustration/TeachingDynamics.ts"
export type { TaughtState, Teaching, TeachingPenalty } from "./illustration/TeachingDynamics.ts"

export { integrate } from "./illustration/RungeKutta.ts"

export { FIGURE_1, simulateDynamics } from "./illustration/Dynamics.ts"
export type { DynamicsOptions, DynamicsRun, LogitSeries } from "./illustration/Dynamics.ts"

export { overlappingAnswers, prefixNodes } from "./process/Process.ts"
export type { PrefixLogits, PrefixNode, Process, ProcessAnswer, ProcessPolicy } from "./process/Process.ts"

export { parseProcess, ProcessError } from "./process/ProcessValidation.ts"

export { cycleTerms, klTerms, processTables, returnTerms } from "./process/ProcessTables.ts"
export type { ActionValues, ProcessTables } from "./process/ProcessTables.ts"

export { bellmanBackup } from "./process/ProcessBellman.ts"
export type { CycleValues } from "./process/ProcessBellman.ts"

export { qFormGradient } from "./process/ProcessGradient.ts"
export type { ProcessGradient, VisitedValues } from "./process/ProcessGradient.ts"

export { cappedValues, cappedVisitation, enumerateProcess } from "./process/ProcessEnumeration.ts"
export type { CappedResults } from "./process/ProcessEnumeration.ts"

export { reduceChain, solveAbsorbingChain } from "./process/ProcessLinearSolve.ts"
export type { ReducedChain } from "./process/ProcessLinearSolve.ts"

export { contextChain, contextValues, solveProcess, visitationFromQuery } from "./process/ProcessSolve.ts"
export type { StationaryResults } from "./process/ProcessSolve.ts"

export { evaluateProcess } from "./process/ProcessEvaluate.ts"
export type { ProcessEvaluation, ProcessSummary, StationarySummary } from "./process/ProcessEvaluate.ts"
