/**
 * What learns: devices, policies, objectives as tensors, trainers, checkpoints.
 *
 * @module
 */
export * as AdvantageRule from "./AdvantageRule.ts"
export * as ArithmeticTokenizer from "./ArithmeticTokenizer.ts"
export { Backprop } from "./Backprop.ts"
export type { BackpropService, LossRequest, LossResult } from "./Backprop.ts"
export * as Batch from "./Batch.ts"
export * as Checkpoint from "./Checkpoint.ts"
export * as Demonstrations from "./Demonstrations.ts"
export { deviceAuto } from "./device/Auto.ts"
export { deviceCpu } from "./device/Cpu.ts"
export { deviceWasm } from "./device/Wasm.ts"
export * as GradientAttribution from "./GradientAttribution.ts"
export * as GroupRelativeTrainer from "./GroupRelativeTrainer.ts"
export * as Optimizer from "./Optimizer.ts"
export * as ParallelPolicy from "./policy/ParallelPolicy.ts"
export * as Presets from "./Presets.ts"
export * as RolloutMetrics from "./RolloutMetrics.ts"
export * as Schedule from "./Schedule.ts"
export * as SingleTurn from "./SingleTurn.ts"
export * as SupervisedTrainer from "./SupervisedTrainer.ts"
export * as TabularPolicy from "./policy/TabularPolicy.ts"
export { fromParameters, initialize } from "./TrainState.ts"
export type { Metrics, TrainState } from "./TrainState.ts"
export * as TransformerPolicy from "./policy/TransformerPolicy.ts"
export * as Update from "./Update.ts"
