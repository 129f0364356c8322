/**
 * The reward part of a loss as a configuration writes it: a leaf of the theory by its tag, with the settings that differ from the leaf's defaults.
 *
 * @module
 */
import { Schema } from "effect"
import * as Objective from "../theory/Objective.ts"
import { DualClip, Positive, Size } from "./Bounds.ts"

const Bound = Schema.optionalKey(Schema.NullOr(Size))
const Clamp = Schema.optionalKey(Schema.NullOr(Positive))
const Setting = Schema.optionalKey(Size)
const Fraction = Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(1)))

/** A loss of the library by its tag; what is left out is the leaf's default. */
export const LossChoice = Schema.Union([
  Schema.Struct({
    _tag: Schema.Literal("Surrogate"),
    ratio: Schema.optionalKey(Schema.Literals(Objective.RATIOS)),
    clipLow: Bound,
    clipHigh: Bound,
    dualClip: Schema.optionalKey(DualClip),
    logRatioClamp: Clamp
  }),
  Schema.Struct({ _tag: Schema.Literal("Cispo"), clipLow: Bound, clipHigh: Bound, logRatioClamp: Clamp }),
  Schema.Struct({ _tag: Schema.Literal("GeometricMean"), clipLow: Bound, clipHigh: Bound }),
  Schema.Struct({
    _tag: Schema.Literal("Sapo"),
    temperaturePositive: Schema.optionalKey(Positive),
    temperatureNegative: Schema.optionalKey(Positive),
    logRatioClamp: Clamp
  }),
  Schema.Struct({
    _tag: Schema.Literal("Vespo"),
    kPositive: Setting,
    lambdaPositive: Setting,
    kNegative: Setting,
    lambdaNegative: Setting
  }),
  Schema.Struct({
    _tag: Schema.Literal("Dppo"),
    divergence: Schema.optionalKey(Schema.Literals(["tv", "kl"])),
    clipLow: Bound,
    clipHigh: Bound,
    truncation: Bound
  }),
  Schema.Struct({ _tag: Schema.Literal("Dro"), beta: Positive }),
  Schema.Struct({
    _tag: Schema.Literal("ClipCov"),
    fraction: Fraction,
    lower: Schema.optionalKey(Schema.Finite),
    upper: Schema.optionalKey(Schema.Finite),
    clipLow: Bound,
    clipHigh: Bound
  }),
  Schema.Struct({ _tag: Schema.Literal("KlCov"), fraction: Fraction, coefficient: Setting })
])
export type LossChoice = typeof LossChoice.Type

/** Builds the leaf that a choice names. */
export const fromChoice = (choice: LossChoice): Objective.Leaf => {
  switch (choice._tag) {
    case "Surrogate":
      return Objective.surrogate(choice)
    case "Cispo":
      return Objective.cispo(choice)
    case "GeometricMean":
      return Objective.geometricMean(choice)
    case "Sapo":
      return Objective.sapo(choice)
    case "Vespo":
      return Objective.vespo(choice)
    case "Dppo":
      return Objective.dppo(choice)
    case "Dro":
      return Objective.dro(choice)
    case "ClipCov":
      return Objective.clipCov(choice)
    case "KlCov":
      return Objective.klCov(choice)
  }
}
