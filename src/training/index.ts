/**
 * What learns: trainers, optimizer, schedule, checkpoints, runs.
 *
 * @module
 */
export * as AdvantageRule from "./AdvantageRule.ts"
export * as Checkpoint from "./Checkpoint.ts"
export * as Correction from "./Correction.ts"
export type { DynamicSampling } from "./DynamicBatch.ts"
export * as Demonstrations from "./Demonstrations.ts"
export * as Doctor from "./Doctor.ts"
export * as GradientAttribution from "./GradientAttribution.ts"
export * as GroupRelativeTrainer from "./GroupRelativeTrainer.ts"
export * as Optimizer from "./Optimizer.ts"
export { drawOwnAnswers } from "./OwnAnswers.ts"
export type { PoolSize } from "./OwnAnswers.ts"
export * as Presets from "./Presets.ts"
export * as RolloutMetrics from "./RolloutMetrics.ts"
export * as Run from "./Run.ts"
export { RunError } from "./RunError.ts"
export * as RunFolder from "./RunFolder.ts"
export * as Schedule from "./Schedule.ts"
export * as SupervisedTrainer from "./SupervisedTrainer.ts"
export * as TrainConfig from "./TrainConfig.ts"
export * as TrainerSettings from "./TrainerSettings.ts"
export { fromParameters, initialize } from "./TrainState.ts"
export type { Metrics, TrainState } from "./TrainState.ts"
export * as Update from "./Update.ts"
