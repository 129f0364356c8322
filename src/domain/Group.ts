/**
 * Groups: the trajectories of one query, whose rewards are compared with each other.
 *
 * @module
 */
import { Schema } from "effect"
import { Query } from "./Query.ts"
import { Rollout } from "./Trajectory.ts"

/** G rollouts of one query with their rewards, in the same order (Shao et al., 2024, section 4.1; eq. 7 of this paper). */
export const Group = Schema.Struct({
  query: Query,
  rollouts: Schema.Array(Rollout),
  rewards: Schema.Array(Schema.Finite)
})
export type Group = typeof Group.Type

/**
 * A rollout as a row of a JSON Lines file: joinable by `uid`, readable without the tokenizer, and complete enough to be
 * scored again. Field names follow verl's dumps where they exist.
 */
export const RolloutRow = Schema.Struct({
  uid: Schema.NonEmptyString,
  step: Schema.Int,
  level: Schema.String,
  prompt: Schema.String,
  completion: Schema.String,
  /** The reference answer, where the task has one. */
  gts: Schema.optionalKey(Schema.String),
  score: Schema.Finite,
  advantage: Schema.NullOr(Schema.Finite),
  truncated: Schema.Boolean,
  tokens: Rollout.fields.tokens,
  /** The texts of the tokens after the prompt; joined they are the completion. Left out where no tokens' texts are it. */
  pieces: Schema.optionalKey(Schema.Array(Schema.String)),
  promptLength: Rollout.fields.promptLength,
  offset: Rollout.fields.offset,
  logprobs: Rollout.fields.logProbs,
  spans: Rollout.fields.spans,
  ending: Rollout.fields.ending
})
export type RolloutRow = typeof RolloutRow.Type
