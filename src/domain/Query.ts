/**
 * Queries and answers.
 *
 * @module
 */
import { Schema } from "effect"
import { OUTCOMES } from "./Outcomes.ts"

/**
 * A problem q: what the policy reads (`prompt`), and its true answer a* (`answer`) where there is one. Some tasks have many right
 * answers (Countdown); what counts as correct is the {@link Task}'s `check`.
 */
export const Query = Schema.Struct({
  /** Names the problem; rollouts of one problem share it (statistics cluster by it). */
  id: Schema.NonEmptyString,
  /** The difficulty level, e.g. "3x4". */
  level: Schema.NonEmptyString,
  prompt: Schema.NonEmptyString,
  answer: Schema.optionalKey(Schema.NonEmptyString)
})
export type Query = typeof Query.Type

/**
 * What a checker says of a final answer. An unparsable answer and an unparsable gold answer are outcomes of their own:
 * mapping them to a number is a separate, visible step.
 */
export const Outcome = Schema.Literals(OUTCOMES)
export type Outcome = typeof Outcome.Type
