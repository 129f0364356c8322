/**
 * The answer in words: the shape of `findings` in the JSON of `calibrate` and `compare`. Keys and verdicts are stable; `text` is for reading.
 *
 * @module
 */
import { Schema } from "effect"
import { Estimate } from "./Estimate.ts"

const Share = Schema.NullOr(Schema.Finite)

/** The three rates of the two-stage model. */
export const RateName = Schema.Literals(["pSample", "pStopGivenCorrect", "pResampleGivenWrong"])

/** One of the three rates. */
export type RateName = typeof RateName.Type

/** What reading says of how answers and revisions were found; whoever reads the texts fills it. */
export const ReadingSummary = Schema.Struct({
  /** Responses by kind of answer, e.g. `{ integer: 120, mathematics: 30 }`. */
  kinds: Schema.Record(Schema.String, Schema.Int),
  /** Checks and doubts after which the answer stood without being given again: no RESAMPLE. */
  confirmed: Schema.Int,
  /** Revisions that no known phrase announced. */
  unmarked: Schema.Int,
  /** Anything else worth a sentence. */
  notes: Schema.Array(Schema.String)
})

/** What reading says of how answers and revisions were found. */
export type ReadingSummary = typeof ReadingSummary.Type

/** The findings of a calibration. */
export const CalibrationFindings = Schema.Struct({
  /** Rows without a usable response or reference answer: `few` up to 5 %, `many` above, `all` where nothing is left. */
  usable: Schema.Struct({
    verdict: Schema.Literals(["few", "many", "all"]),
    rows: Schema.Int,
    unreadable: Schema.Int,
    withoutReference: Schema.Int,
    text: Schema.String
  }),
  /** The rate that gains most accuracy if it is raised, whose policy it is, and the share of bootstrap rounds that say so. */
  weakest: Schema.Struct({
    verdict: Schema.Literals(["sampling", "decision", "undecided"]),
    rate: Schema.NullOr(RateName),
    share: Share,
    text: Schema.String
  }),
  /** What reflection adds to the accuracy of first answers. `none`: no answer was revised. */
  reflection: Schema.Struct({
    verdict: Schema.Literals(["helps", "harms", "undecided", "none"]),
    points: Estimate,
    text: Schema.String
  }),
  /** Whether the decision tells right from wrong: P(RESAMPLE | wrong) against P(RESAMPLE | right); and revisions that gave the same value again. */
  decision: Schema.Struct({
    verdict: Schema.Literals(["tells", "inverted", "undecided", "none"]),
    discrimination: Estimate,
    echo: Share,
    text: Schema.String
  }),
  /** Whether the three rates account for the observed accuracy, the last form with p_S by attempt. */
  fit: Schema.Struct({
    verdict: Schema.Literals(["agrees", "agrees-by-attempt", "disagrees", "undecided"]),
    text: Schema.String
  }),
  /** On how much it all rests. */
  certainty: Schema.Struct({
    verdict: Schema.Literals(["intervals", "too-few-prompts"]),
    prompts: Schema.Int,
    responses: Schema.Int,
    text: Schema.String
  }),
  /** Responses that were cut off, if any, and the accuracy with them counted as not solved. */
  truncated: Schema.optionalKey(Schema.Struct({
    responses: Schema.Int,
    share: Schema.Finite,
    accuracyOfFinished: Share,
    accuracyOfAll: Share,
    text: Schema.String
  })),
  /** Up to which k pass@k is known, and what to mind. */
  passAtK: Schema.optionalKey(Schema.Struct({ largest: Schema.Int, duplicates: Schema.Int, text: Schema.String })),
  /** What was counted how. */
  reading: Schema.Struct({ text: Schema.String })
})

/** The findings of a calibration. */
export type CalibrationFindings = typeof CalibrationFindings.Type

/** The findings of a comparison. */
export const ComparisonFindings = Schema.Struct({
  /** Whether the accuracy differs. */
  difference: Schema.Struct({
    verdict: Schema.Literals(["better", "worse", "undecided"]),
    points: Estimate,
    text: Schema.String
  }),
  /** Which sub-policy made the larger part of the predicted difference, and whether that is sure. */
  cause: Schema.Struct({
    verdict: Schema.Literals(["sampling", "decision", "undecided"]),
    text: Schema.String
  }),
  /** Prompts that both answered, of how many. */
  pairs: Schema.Struct({
    verdict: Schema.Literals(["all", "some", "none"]),
    paired: Schema.Int,
    from: Schema.Int,
    to: Schema.Int,
    text: Schema.String
  }),
  /** Whether the three rates account for the difference. */
  fit: Schema.Struct({ verdict: Schema.Literals(["agrees", "disagrees", "undecided"]), text: Schema.String }),
  /** On how much it all rests. */
  certainty: Schema.Struct({ verdict: Schema.Literals(["intervals", "too-few-prompts"]), text: Schema.String })
})

/** The findings of a comparison. */
export type ComparisonFindings = typeof ComparisonFindings.Type
