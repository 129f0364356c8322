/**
 * Queries and answers.
 *
 * @module
 */
import { Schema } from "effect"

/** A problem q with its true answer a*: what the policy reads (`prompt`), and what counts as correct (`answer`). */
export const Query = Schema.Struct({
  /** Names the problem; rollouts of one problem share it (statistics cluster by it). */
  id: Schema.NonEmptyString,
  /** The difficulty level, e.g. "3x4". */
  level: Schema.NonEmptyString,
  prompt: Schema.NonEmptyString,
  answer: Schema.NonEmptyString
})
export type Query = typeof Query.Type

/** A candidate answer in the task's normal form: digits without separators or leading zeros. */
export const Answer = Schema.NonEmptyString.pipe(Schema.brand("Answer"))
export type Answer = typeof Answer.Type

/**
 * What a checker says of a final answer. An unparsable answer and an unparsable gold answer are outcomes of their own:
 * mapping them to a number is a separate, visible step.
 */
export const Outcome = Schema.Literals(["Correct", "Wrong", "Unparsable", "GoldInvalid", "Truncated"])
export type Outcome = typeof Outcome.Type
