/**
 * What a step of any trainer leaves behind.
 *
 * @module
 */
import type { AttributionRow } from "./GradientAttribution.ts"
import type { Metrics, TrainState } from "./TrainState.ts"

/** What one step leaves behind. */
export interface StepReport {
  readonly state: TrainState
  readonly metrics: Metrics
  /** Empty unless this step measured the gradient's parts. */
  readonly attribution: ReadonlyArray<AttributionRow>
}
