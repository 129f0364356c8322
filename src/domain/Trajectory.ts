/**
 * Trajectories: token ids and the spans that say which sub-policy wrote them. Ids go in and ids come out; nothing is
 * decoded and tokenised again, so masks and lengths cannot drift.
 *
 * @module
 */
import { Schema } from "effect"
import { Decision } from "./Decision.ts"

/** A run of tokens written by the sampling policy: one candidate answer, tokens `start` (included) to `end` (excluded). */
export const SampleSpan = Schema.Struct({
  kind: Schema.Literal("sample"),
  start: Schema.Int,
  end: Schema.Int,
  /** The sub-policy that wrote it, where a partition has more than the two stages: "plan", "execute". */
  part: Schema.optionalKey(Schema.NonEmptyString),
  answer: Schema.optionalKey(Schema.String),
  correct: Schema.optionalKey(Schema.Boolean)
})
export type SampleSpan = typeof SampleSpan.Type

/** A run of tokens written by the decision policy, usually one token, and the action that it stands for. */
export const DecisionSpan = Schema.Struct({
  kind: Schema.Literal("decision"),
  start: Schema.Int,
  end: Schema.Int,
  /** The sub-policy that wrote it, where a partition has more than the two stages: "verify". */
  part: Schema.optionalKey(Schema.NonEmptyString),
  action: Decision
})
export type DecisionSpan = typeof DecisionSpan.Type

/** A run of tokens of one trajectory and the sub-policy that wrote it. */
export const Span = Schema.Union([SampleSpan, DecisionSpan])
export type Span = typeof Span.Type

/**
 * How a trajectory ended: `stop`: the decision policy said STOP; `cap`: it said RESAMPLE in the last allowed cycle;
 * `unfinished`: it said RESAMPLE and ended by itself without a further answer, as a text may; `truncated`: the token limit cut it off.
 */
export const Ending = Schema.Literals(["stop", "cap", "unfinished", "truncated"])
export type Ending = typeof Ending.Type

/**
 * A trajectory τ = (a_1, d_1, …, a_T, d_T) of a query as tokens and spans. Tokens outside all spans (the prompt, and
 * tokens that the grammar forces) belong to nobody and are never trained.
 */
export const Trajectory = Schema.Struct({
  tokens: Schema.Array(Schema.Int),
  promptLength: Schema.Int,
  spans: Schema.Array(Span),
  ending: Ending,
  /** The shift of all position ids; a sampling parameter, kept so that scoring sees what sampling saw. */
  offset: Schema.Int
})
export type Trajectory = typeof Trajectory.Type

/**
 * A sampled trajectory with the sampler's own log-probability of every token, in nats; 0 where nothing was chosen. `version` names the
 * weights that an engine sampled it with.
 */
export const Rollout = Schema.Struct({
  ...Trajectory.fields,
  logProbs: Schema.Array(Schema.Finite),
  version: Schema.optionalKey(Schema.String)
})
export type Rollout = typeof Rollout.Type

/** An attempt: one candidate answer and the decision that followed it, if the trajectory got that far. */
export interface Attempt {
  readonly sample: SampleSpan
  readonly decision: DecisionSpan | undefined
}

/**
 * Pairs every sample span with the decision span after it: the cycles t = 1 … T of the trajectory. An answer written in named parts is
 * one attempt, and its last part stands for it.
 */
export const attempts = (trajectory: Pick<Trajectory, "spans">): ReadonlyArray<Attempt> => {
  const pairs: Array<Attempt> = []
  trajectory.spans.forEach((span, i) => {
    if (span.kind !== "sample") return
    const next = trajectory.spans[i + 1]
    if (span.part !== undefined && next?.kind === "sample" && next.part !== undefined && next.part !== span.part) return
    pairs.push({ sample: span, decision: next?.kind === "decision" ? next : undefined })
  })
  return pairs
}
