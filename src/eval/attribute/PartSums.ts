/**
 * Running sums by sub-policy, from which every share and mean of the report follows. Sums of rows add up to those of their file.
 *
 * @module
 */
import { type Partition, TWO_STAGE } from "../../domain/Partition.ts"
import { partSizes } from "../../theory/NamedParts.ts"
import type { AttributionRow } from "./AttributionInput.ts"
import type { Parts, PartTotals } from "./AttributionReport.ts"

/** Sums over tokens and actions of one sub-policy; `overLength` adds each row's Σ|·| divided by its trained tokens. */
export interface PartSums {
  tokens: number
  actions: number
  total: number
  absolute: number
  actionAbsolute: number
  overLength: number
}

/** The sums of π_S and of π_D, in this order. */
export type PairOfSums = readonly [sampling: PartSums, decision: PartSums]

/** A partition's owner of every token. */
export interface Owners {
  readonly partition: Partition
  readonly owner: Uint8Array
}

const noSums = (): PartSums => ({ tokens: 0, actions: 0, total: 0, absolute: 0, actionAbsolute: 0, overLength: 0 })

/** Starts a pair of sums. */
export const emptySums = (): PairOfSums => [noSums(), noSums()]

/** Starts the sums of every sub-policy of a partition. */
export const emptyPartSums = ({ names }: Partition): ReadonlyArray<PartSums> => names.map(noSums)

/** Adds one row's numbers [N] in place, by stage or by the owners given. */
export const addRow = (
  sums: ReadonlyArray<PartSums>,
  { batch }: AttributionRow,
  values: Float64Array,
  { owner, partition }: Owners = { owner: batch.owner, partition: TWO_STAGE }
): void => {
  const sizes = partSizes(values, { offsets: batch.offsets, owner }, partition)
  const length = sizes.reduce((tokens, size) => tokens + size.tokens, 0)
  sums.forEach((sum, part) => {
    const size = sizes[part]!
    const absolute = size.perToken * size.tokens
    sum.tokens += size.tokens
    sum.actions += size.actions
    sum.total += size.total
    sum.absolute += absolute
    sum.actionAbsolute += size.perAction * size.actions
    sum.overLength += absolute / length
  })
}

/** A number as the report holds it: null where it overflowed or is not defined. */
export const real = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** Reads the report's numbers of one sub-policy off its sums. */
export const totalsOf = (sum: PartSums): PartTotals => ({
  tokens: sum.tokens,
  actions: sum.actions,
  total: real(sum.total),
  absolute: real(sum.absolute),
  perToken: real(sum.absolute / sum.tokens),
  perAction: real(sum.actionAbsolute / sum.actions)
})

/** Reads the report's numbers off the sums. */
export const partsOf = ([sampling, decision]: PairOfSums): Parts => ({
  sampling: totalsOf(sampling),
  decision: totalsOf(decision),
  decisionShare: real(decision.absolute / (sampling.absolute + decision.absolute))
})
