/**
 * Batches: trajectories laid out flat, one entry a token, as objectives and aggregations read them.
 *
 * @module
 */
import { owners, type TokenPartition, TWO_STAGE } from "../../domain/Partition.ts"
import type { Trajectory } from "../../domain/Trajectory.ts"

/** What of a trajectory is laid out: its tokens, and who wrote them. */
type Labelled = Pick<Trajectory, "tokens" | "spans">

/** Trajectories with their flat columns: trajectory i owns the tokens offsets[i] … offsets[i+1] − 1. */
export interface Batch<T extends Labelled = Trajectory> {
  readonly trajectories: ReadonlyArray<T>
  readonly offsets: Int32Array
  /** Owner of each token, an index into the partition's names or NOT_OWNED, shape [tokens]. */
  readonly owner: Uint8Array
}

const offsetsOf = (trajectories: ReadonlyArray<Labelled>): Int32Array => {
  const offsets = new Int32Array(trajectories.length + 1)
  trajectories.forEach((trajectory, i) => {
    offsets[i + 1] = offsets[i]! + trajectory.tokens.length
  })
  return offsets
}

/** Lays trajectories out flat. Tokens that nobody wrote are NOT_OWNED. Throws PartitionError where the partition cannot label a trajectory. */
export const make = <T extends Labelled>(trajectories: ReadonlyArray<T>, partition: TokenPartition = TWO_STAGE): Batch<T> => {
  const offsets = offsetsOf(trajectories)
  const owner = new Uint8Array(offsets[trajectories.length]!)
  trajectories.forEach((trajectory, i) => owner.set(owners(trajectory, partition), offsets[i]))
  return { trajectories, offsets, owner }
}

/** Puts per-trajectory columns one after the other. */
export const concatenate = (columns: ReadonlyArray<ArrayLike<number>>): Float64Array => {
  const flat = new Float64Array(columns.reduce((sum, column) => sum + column.length, 0))
  let at = 0
  for (const column of columns) {
    flat.set(column, at)
    at += column.length
  }
  return flat
}

/** Picks some trajectories and their stretch of every flat column. */
export const select = <T extends Labelled>(batch: Batch<T>, rows: ReadonlyArray<number>): Batch<T> & {
  readonly column: (values: Float64Array) => Float64Array
} => {
  const trajectories = rows.map((row) => batch.trajectories[row]!)
  const column = (values: Float64Array | Uint8Array) =>
    concatenate(rows.map((row) => values.subarray(batch.offsets[row], batch.offsets[row + 1])))
  return { trajectories, offsets: offsetsOf(trajectories), owner: Uint8Array.from(column(batch.owner)), column }
}
