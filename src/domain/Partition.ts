/**
 * Partitions: which sub-policy owns each token. Plain data, so that the theory can share it.
 *
 * @module
 */
import type { Span, Trajectory } from "./Trajectory.ts"

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

/** What a labelling reads of a trajectory. */
export type Labelled = Pick<Trajectory, "tokens" | "spans">

/**
 * A partition with its own labelling: the owner index of every token, NOT_OWNED for one that nobody trains, shape [tokens]. Without one,
 * spans say it: see {@link owners}.
 */
export interface TokenPartition extends Partition {
  readonly owners?: (trajectory: Labelled) => Uint8Array
}

/** The names of a partition without its labelling: plain data, fit for another thread. */
export const namesOf = ({ names }: Partition): Partition => ({ names })

/** A trajectory that a partition cannot label: the place, what is there, and what is allowed. A plain class, so that the theory runs without Effect. */
export class PartitionError extends Error {
  readonly _tag = "PartitionError"
  readonly field: string
  readonly value: string
  readonly expected: string

  constructor({ expected, field, value }: { readonly field: string; readonly value: string; readonly expected: string }) {
    super(`${field} is ${value}; expected ${expected}`)
    this.name = "PartitionError"
    this.field = field
    this.value = value
    this.expected = expected
  }
}

const ownerOfSpan = (span: Span, index: number, { names }: Partition): number => {
  const stage = span.kind === "sample" ? "sampling" : "decision"
  const owner = span.part !== undefined && names.includes(span.part) ? names.indexOf(span.part) : names.indexOf(stage)
  if (owner >= 0) return owner
  throw new PartitionError({
    field: `spans[${index}].part`,
    value: span.part === undefined ? `missing (a span of "${stage}")` : `"${span.part}"`,
    expected: `one of ${names.map((name) => `"${name}"`).join(", ")}, the partition's sub-policies`
  })
}

const checked = (owner: Uint8Array, { tokens }: Labelled, { names }: Partition): Uint8Array => {
  const wrong = owner.findIndex((value) => value !== NOT_OWNED && value >= names.length)
  if (owner.length === tokens.length && wrong < 0) return owner
  throw new PartitionError({
    field: "partition.owners",
    value: wrong < 0 ? `${owner.length} owners for ${tokens.length} tokens` : `${owner[wrong]} for token ${wrong}`,
    expected: `for every token an index below ${names.length} or ${NOT_OWNED} (NOT_OWNED)`
  })
}

/**
 * Marks each token of a trajectory with the sub-policy that wrote it. Shape [tokens]; indices into the partition's names, or NOT_OWNED
 * outside all spans.
 *
 * A partition's own `owners` decides where it has one. Else a span belongs to its `part`, if the partition has that name, else to
 * "sampling" or "decision" by its kind; so the two-stage partition reads every trajectory. Throws PartitionError for a span of no sub-policy.
 */
export const owners = (trajectory: Labelled, partition: TokenPartition = TWO_STAGE): Uint8Array => {
  if (partition.owners !== undefined) return checked(partition.owners(trajectory), trajectory, partition)
  const owner = new Uint8Array(trajectory.tokens.length).fill(NOT_OWNED)
  trajectory.spans.forEach((span, index) => owner.fill(ownerOfSpan(span, index, partition), span.start, span.end))
  return owner
}
