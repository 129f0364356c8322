/**
 * Attribution by named part: the measurements of Definition 3.1 for any partition into K sub-policies (remark of section 3.3).
 *
 * An action of a sub-policy is a run of its tokens that no other sub-policy's token interrupts; of `TWO_STAGE` these are answers and
 * decisions, r_S = Σ_j r(t,j) and r_D. Everything here is a sum over a partition, so parts of parts add up: `mergeParts`.
 *
 * @module
 */
import { type Aggregation, weights } from "./Aggregate.ts"
import type { Layout } from "./BatchedRecursion.ts"
import { makePartition, NOT_OWNED, ownerOf, type Partition } from "./Partition.ts"
import { assertLength, TheoryError } from "./TheoryError.ts"

/**
 * Sizes of a sub-policy's terms over a batch.
 *
 * `total` = Σ r; `perToken` the mean |r| of its tokens, `perAction` the mean |Σ r| of its actions, both 0 where it owns nothing.
 */
export interface PartSize {
  readonly name: string
  readonly tokens: number
  readonly actions: number
  readonly total: number
  readonly perToken: number
  readonly perAction: number
}

/** A run of one owner's tokens in one sequence, in token order, tokens that nobody owns skipped. */
interface Action {
  readonly owner: number
  readonly tokens: Array<number>
}

const actionsOf = ({ offsets, owner }: Layout): ReadonlyArray<Action> => {
  const actions: Array<Action> = []
  for (let sequence = 0; sequence + 1 < offsets.length; sequence++) {
    let current: Action | undefined
    for (let token = offsets[sequence]!; token < offsets[sequence + 1]!; token++) {
      const mine = owner[token]!
      if (mine === NOT_OWNED) continue
      if (mine === current?.owner) {
        current.tokens.push(token)
        continue
      }
      current = { owner: mine, tokens: [token] }
      actions.push(current)
    }
  }
  return actions
}

const mean = (values: ReadonlyArray<number>): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * Computes the sizes of every sub-policy's immediate terms, in partition order.
 *
 * Shapes: `terms` [N] → [K]. Units: the terms'. For `TWO_STAGE` the quotients of `perAction` and of `perToken` are those of
 * `magnitudeRatio`. Errors: `ShapeMismatch`.
 */
export const partSizes = (terms: Float64Array, layout: Layout, partition: Partition): ReadonlyArray<PartSize> => {
  assertLength("partSizes", "terms", layout.owner.length, terms.length)
  const actions = actionsOf(layout)
  return partition.names.map((name, index) => {
    const mine = actions.filter(({ owner }) => owner === index)
    const tokenTerms = mine.flatMap(({ tokens }) => tokens.map((token) => terms[token]!))
    const actionTerms = mine.map(({ tokens }) => tokens.reduce((sum, token) => sum + terms[token]!, 0))
    return {
      name,
      tokens: tokenTerms.length,
      actions: mine.length,
      total: actionTerms.reduce((sum, term) => sum + term, 0),
      perToken: mean(tokenTerms.map(Math.abs)),
      perAction: mean(actionTerms.map(Math.abs))
    }
  })
}

/**
 * Computes the share of a loss's total token weight that each sub-policy's tokens carry under an aggregation.
 *
 * Shapes: → [K], pure numbers that sum to 1 (all 0 without a trained token). Under token-mean, sequence-mean-token-sum and constant
 * length it is the sub-policy's share of tokens; under sequence-mean-token-mean the mean over sequences of its share there, so that
 * decisions of short trajectories weigh more. Errors: `ShapeMismatch`, `OutOfRange`, `EmptyGroup`.
 */
export const weightShares = (aggregation: Aggregation, layout: Layout, partition: Partition): ReadonlyArray<number> => {
  const tokenWeights = weights(aggregation, layout.offsets, layout.owner)
  const sums = partition.names.map((_, index) =>
    tokenWeights.reduce((sum, weight, token) => (layout.owner[token] === index ? sum + weight : sum), 0)
  )
  const total = sums.reduce((sum, value) => sum + value, 0)
  return sums.map((sum) => (total === 0 ? 0 : sum / total))
}

/** A coarser partition and, for each sub-policy of the finer one, its owner index there. */
export interface Merged {
  readonly partition: Partition
  readonly ownerIn: Uint8Array
}

/**
 * Merges sub-policies: `groups` names each new sub-policy and those that it is made of.
 *
 * Every old sub-policy belongs to exactly one group. Sums by part of the coarser partition are the sums of the finer's.
 * Errors: `UnknownOwner`, `InvalidPartition` (one in no group or in two).
 */
export const mergeParts = (partition: Partition, groups: Readonly<Record<string, ReadonlyArray<string>>>): Merged => {
  const merged = makePartition(Object.keys(groups))
  const members = Object.values(groups).map((names) => names.map((name) => ownerOf(partition, name)))
  const ownerIn = Uint8Array.from(partition.names, (name, index) => {
    const inGroups = members.flatMap((group, at) => (group.includes(index) ? [at] : []))
    const [only, second] = inGroups
    if (only !== undefined && second === undefined) return only
    const why = `puts "${name}" in ${inGroups.length} groups`
    throw new TheoryError("mergeParts", { _tag: "InvalidPartition", names: merged.names, why })
  })
  return { partition: merged, ownerIn }
}

/** Gives the owner column [N] of the coarser partition; tokens that nobody owns stay so. */
export const mergeOwners = (owner: Uint8Array, { ownerIn }: Merged): Uint8Array =>
  owner.map((index) => (index === NOT_OWNED ? NOT_OWNED : ownerIn[index]!))
