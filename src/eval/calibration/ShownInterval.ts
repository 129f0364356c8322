/**
 * Which interval of a rate tables and figures show.
 *
 * @module
 */
import type { Interval } from "../statistics/Interval.ts"
import type { LevelCalibration } from "./Calibration.ts"

/**
 * The clustered interval where it was computed, else Wilson's of independent trials: the paper's way, in which every problem is tried once or a few times. Null
 * where there is none, or too few prompts for one.
 */
export const shownInterval = (
  level: Pick<LevelCalibration, "solved">,
  rate: { readonly wilson: Interval | null; readonly interval: Interval | null }
): Interval | null => (level.solved === undefined ? rate.wilson : rate.interval)
