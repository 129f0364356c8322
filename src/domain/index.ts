/**
 * The words of decision-sampling: tasks, queries, trajectories, partitions, transcripts, the service tags and the errors.
 *
 * @module
 */
export { Decision } from "./Decision.ts"
export { ConfigError, EntryError, FileError, PolicyError, PolicyErrorReason, RowError, TokenizerError } from "./Errors.ts"
export { Group, RolloutRow } from "./Group.ts"
export * as Jsonl from "./Jsonl.ts"
export { DECISION, NOT_OWNED, owners, SAMPLING, TWO_STAGE } from "./Partition.ts"
export type { Partition } from "./Partition.ts"
export { onPolicy, Policy } from "./Policy.ts"
export type { Parameters, PolicyService, SampleRequest, SamplingParameters } from "./Policy.ts"
export { Answer, Outcome, Query } from "./Query.ts"
export { sampleGroups } from "./Rollouts.ts"
export type { GradedGroup } from "./Rollouts.ts"
export { gradeExactly, normalizeAnswer, Reward, RewardError } from "./Reward.ts"
export type { Graded, RewardService } from "./Reward.ts"
export { draws, fold, shuffle } from "./Seed.ts"
export type { Draws, Seed } from "./Seed.ts"
export { caught, failing, failingAsync, failingStream } from "./Throws.ts"
export type { ErrorClass, Foreseen } from "./Throws.ts"
export { Tokenizer } from "./Tokenizer.ts"
export type { Cursor, Layout, LayoutRequest, Slot, TokenizerService } from "./Tokenizer.ts"
export { attempts, DecisionSpan, Ending, Rollout, SampleSpan, Span, Trajectory } from "./Trajectory.ts"
export type { Attempt } from "./Trajectory.ts"
export { Transcript } from "./Transcript.ts"
