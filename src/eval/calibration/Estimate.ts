/**
 * A number with its interval: the shape that calibrations and comparisons share.
 *
 * @module
 */
import { Schema } from "effect"

/** A number with its bootstrap interval, clustered by query; null where the rollouts do not define it. */
export const Estimate = Schema.Struct({
  value: Schema.NullOr(Schema.Finite),
  interval: Schema.NullOr(Schema.Tuple([Schema.Finite, Schema.Finite]))
})

/** A number with its bootstrap interval. */
export type Estimate = typeof Estimate.Type
