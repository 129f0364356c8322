/**
 * Partitions: which sub-policy owns each token.
 *
 * @module
 */
import { Schema } from "effect"
import type { Trajectory } from "./Trajectory.ts"

/**
 * The names of K sub-policies; a token's owner is an index into them. The remark of section 3.3 (this paper, 2026)
 * allows any partition; sampling against decision is the default.
 */
export const Partition = Schema.Struct({ names: Schema.Array(Schema.NonEmptyString) })
export type Partition = typeof Partition.Type

/** Sampling tokens against decision tokens. */
export const samplingDecision: Partition = { names: ["sampling", "decision"] }

/** The owner of a token of the sampling policy in {@link samplingDecision}. */
export const SAMPLING = 0
/** The owner of a token of the decision policy in {@link samplingDecision}. */
export const DECISION = 1
/** The owner of a token that no sub-policy wrote: prompt and forced tokens. */
export const NOT_OWNED = 255

/** Marks each token of a trajectory with the sub-policy that wrote it. Shape [tokens]; values SAMPLING, DECISION, NOT_OWNED. */
export const owners = (trajectory: Pick<Trajectory, "tokens" | "spans">): Uint8Array => {
  const owner = new Uint8Array(trajectory.tokens.length).fill(NOT_OWNED)
  for (const span of trajectory.spans) owner.fill(span.kind === "sample" ? SAMPLING : DECISION, span.start, span.end)
  return owner
}
