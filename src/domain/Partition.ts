/**
 * Partitions: which sub-policy owns each token. Plain data, so that the theory can share it.
 *
 * @module
 */
import type { Trajectory } from "./Trajectory.ts"

/**
 * The names of K ≥ 1 sub-policies; a token's owner is an index into them. The remark of section 3.3 (this paper, 2026)
 * allows any partition; sampling against decision is the default.
 */
export interface Partition {
  readonly names: ReadonlyArray<string>
}

/** The paper's partition: π_S owns the answer's tokens, π_D the decision's. */
export const TWO_STAGE: Partition = { names: ["sampling", "decision"] }

/** Owner index of the sampling policy in {@link TWO_STAGE}. */
export const SAMPLING = 0

/** Owner index of the decision policy in {@link TWO_STAGE}. */
export const DECISION = 1

/** Owner index of tokens that nobody trains: prompt and forced tokens, and sequences masked out. */
export const NOT_OWNED = 255

/** Marks each token of a trajectory with the sub-policy that wrote it. Shape [tokens]; values SAMPLING, DECISION, NOT_OWNED. */
export const owners = (trajectory: Pick<Trajectory, "tokens" | "spans">): Uint8Array => {
  const owner = new Uint8Array(trajectory.tokens.length).fill(NOT_OWNED)
  for (const span of trajectory.spans) owner.fill(span.kind === "sample" ? SAMPLING : DECISION, span.start, span.end)
  return owner
}
