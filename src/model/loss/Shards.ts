/**
 * Shards: the fixed parts that a batch is split into. They depend on the batch and on their number alone, never on how many
 * workers compute them, so that sums in shard order are the same bits everywhere.
 *
 * @module
 */
import type { LossRequest, LossResult } from "../Backprop.ts"

/** Items `from` (included) to `to` (excluded) of a batch. */
export interface Shard {
  readonly index: number
  readonly from: number
  readonly to: number
}

/** Cuts items of given sizes into at most `shards` runs of nearly equal total size; none is empty. */
export const cutShards = (sizes: ReadonlyArray<number>, shards: number): ReadonlyArray<Shard> => {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const found: Array<Shard> = []
  let from = 0
  let sum = 0
  sizes.forEach((size, i) => {
    sum += size
    const isFull = sum * shards >= total * (found.length + 1)
    if (i === sizes.length - 1 || (isFull && found.length < shards - 1)) {
      found.push({ index: found.length, from, to: i + 1 })
      from = i + 1
    }
  })
  return found
}

/** The part of a loss request that a shard computes; weights stay those of the whole batch. */
export const shardRequest = (request: LossRequest, { from, to }: Shard): LossRequest => {
  const { advantages, offsets, oldLogProbs, owner, referenceLogProbs, selected, trajectories, weights } = request
  const [start, end] = [offsets[from]!, offsets[to]]
  return {
    ...request,
    // Rollouts carry spans and log-probabilities that the loss does not read.
    trajectories: trajectories.slice(from, to).map(({ offset, promptLength, tokens }) => ({ tokens, promptLength, offset })),
    offsets: offsets.slice(from, to + 1).map((offset) => offset - start),
    owner: owner.slice(start, end),
    weights: weights.slice(start, end),
    ...(oldLogProbs && { oldLogProbs: oldLogProbs.slice(start, end) }),
    ...(referenceLogProbs && { referenceLogProbs: referenceLogProbs.slice(start, end) }),
    ...(advantages && { advantages: advantages.slice(start, end) }),
    ...(selected && { selected: selected.slice(start, end) })
  }
}

const concat = (columns: ReadonlyArray<Float32Array>): Float32Array => {
  const joined = new Float32Array(columns.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const column of columns) {
    joined.set(column, at)
    at += column.length
  }
  return joined
}

/** Puts the shards' results together, in shard order. `gradients` are not changed. */
export const joinResults = (
  results: ReadonlyArray<Omit<LossResult, "gradient">>,
  gradients: ReadonlyArray<Float32Array>,
  parameterCount: number
): LossResult => {
  const gradient = new Float32Array(parameterCount)
  for (const part of gradients) for (let i = 0; i < parameterCount; i++) gradient[i]! += part[i]!
  const names = Object.keys(results[0]?.parts ?? {})
  return {
    gradient,
    loss: results.reduce((sum, { loss }) => sum + loss, 0),
    parts: Object.fromEntries(names.map((name) => [name, concat(results.map(({ parts }) => parts[name]!))])),
    logProbs: concat(results.map(({ logProbs }) => logProbs)),
    entropies: concat(results.map(({ entropies }) => entropies))
  }
}
