/**
 * The words of decision-sampling: tasks, queries, trajectories, partitions, transcripts, the service tags and the errors.
 *
 * @module
 */
export { Decision } from "./Decision.ts"
export { ConfigError, EntryError, FileError, PolicyError, RowError, TokenizerError } from "./Errors.ts"
export { Group, RolloutRow } from "./Group.ts"
export * as Jsonl from "./Jsonl.ts"
export { GradientParts, PairCosine, toTwoStage, TwoStageGradientParts } from "./GradientParts.ts"
export { DECISION, NOT_OWNED, owners, PartitionError, SAMPLING, TWO_STAGE } from "./Partition.ts"
export type { Labelled, Partition, TokenPartition } from "./Partition.ts"
export { onPolicy, Policy } from "./Policy.ts"
export type { Parameters, PolicyService, SampleRequest, SamplingParameters } from "./Policy.ts"
export { Answer, Outcome, Query } from "./Query.ts"
export { sampleGroups } from "./Rollouts.ts"
export type { GradedGroup } from "./Rollouts.ts"
export { gradeExactly, normalizeAnswer, Reward, RewardError } from "./Reward.ts"
export type { Graded, RewardService } from "./Reward.ts"
export { draws, fold, shuffle } from "./Seed.ts"
export type { Draws, Seed } from "./Seed.ts"
export { Tokenizer } from "./Tokenizer.ts"
export type { Cursor, Layout, LayoutRequest, Slot, TokenizerService } from "./Tokenizer.ts"
export { attempts, DecisionSpan, Ending, Rollout, SampleSpan, Span, Trajectory } from "./Trajectory.ts"
export type { Attempt } from "./Trajectory.ts"
export { Transcript } from "./Transcript.ts"
