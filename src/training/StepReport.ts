/**
 * What a step of any trainer leaves behind.
 *
 * @module
 */
import type { GradedGroup } from "../domain/Rollouts.ts"
import type { AttributionRow } from "./GradientAttribution.ts"
import type { Metrics, TrainState } from "./TrainState.ts"

/**
 * The groups in a step's loss, and the advantage of each trajectory in their order: the mean over the tokens that are trained, `null` where
 * masks leave none.
 */
export interface SampledStep {
  readonly groups: ReadonlyArray<GradedGroup>
  readonly advantages: ReadonlyArray<number | null>
}

/** What one step leaves behind. */
export interface StepReport {
  readonly state: TrainState
  readonly metrics: Metrics
  /** Empty unless this step measured the gradient's parts. */
  readonly attribution: ReadonlyArray<AttributionRow>
  /** The rollouts that the step learnt from; a supervised step has none. */
  readonly sampled?: SampledStep
}
