/**
 * Learning-rate schedules.
 *
 * @module
 */
import { Schema } from "effect"
import { Probability, Size, StepsFromZero } from "./Bounds.ts"

/** A learning-rate schedule: warm-up, then constant or cosine. */
export const Schedule = Schema.Struct({
  /** The peak learning rate η; 0 measures and changes nothing. */
  peak: Size,
  /** Steps over which the rate rises linearly from η / warmup to η; 0 starts at the peak. */
  warmup: StepsFromZero,
  /** After the warm-up: constant, or a half cosine down to `floor` · η at `total` steps (Loshchilov and Hutter, 2017). */
  decay: Schema.Literals(["constant", "cosine"]),
  floor: Probability,
  total: StepsFromZero
})
export type Schedule = typeof Schedule.Type

/** A constant rate after `warmup` steps. */
export const constant = (peak: number, warmup = 0): Schedule => ({ peak, warmup, decay: "constant", floor: 1, total: 0 })

/** Warm-up, then a half cosine from `peak` to `floor` · `peak` at step `total`. */
export const cosine = (peak: number, total: number, warmup: number, floor = 0.1): Schedule => ({
  peak,
  warmup,
  decay: "cosine",
  floor,
  total
})

/** The learning rate at a step, counted from 0. */
export const rateAt = (schedule: Schedule, step: number): number => {
  const { decay, floor, peak, total, warmup } = schedule
  if (step < warmup) return (peak * (step + 1)) / warmup
  if (decay === "constant") return peak
  const progress = Math.min(1, (step - warmup) / Math.max(1, total - warmup))
  return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)))
}
