/**
 * Gradient attribution of a real network: the gradient's parts, one a sub-policy, for every part of the objective, with their noise.
 *
 * @module
 */
import { Effect } from "effect"
import type { GradientParts } from "../domain/GradientParts.ts"
import type { Parameters } from "../domain/Policy.ts"
import * as Objective from "../theory/Objective.ts"
import { blockNoise } from "../theory/estimator/GradientNoise.ts"
import { Backprop, type LossRequest } from "../model/Backprop.ts"
import { type Shard, shardRequest } from "../model/loss/Shards.ts"
import { dot } from "../theory/Vectors.ts"

/** One part of the objective (`total`: all of it) at one step. */
export type AttributionRow = GradientParts

/** At most so many blocks are compared: more say little more about the noise and cost a call each. */
const MOST_BLOCKS = 4

const addTo = (sum: Float64Array, vector: ArrayLike<number>): void => {
  for (let i = 0; i < sum.length; i++) sum[i]! += vector[i]!
}

/** Cuts `groups` groups of `groupSize` trajectories into blocks of nearly equal numbers of whole groups. */
const blocksOf = (groups: number, groupSize: number): ReadonlyArray<Shard & { readonly groups: number }> => {
  const count = Math.max(1, Math.min(MOST_BLOCKS, groups))
  const edge = (block: number): number => Math.floor((block * groups) / count)
  return Array.from({ length: count }, (_, index) => ({
    index,
    from: edge(index) * groupSize,
    to: edge(index + 1) * groupSize,
    groups: edge(index + 1) - edge(index)
  }))
}

/** The sums of one part of the objective: Σ_b g_kb by sub-policy, and Σ_b ⟨g_kb, g_lb⟩ by pair k ≤ l. */
interface Sums {
  readonly part: string
  readonly shares: ReadonlyArray<Float64Array>
  readonly ofBlocks: Map<string, number>
}

/**
 * Splits the gradient of every part of an objective into the shares of the partition's sub-policies:
 *
 *     g = Σ_t w_t ∂ℓ_t/∂log π_t ∇log π_t = Σ_k g_k,
 *
 * where g_k keeps the tokens of sub-policy k only (Definition 3.1 made measurable; g_S and g_D of the two-stage partition). The split is
 * exact because the gradient is a sum over tokens. Every share is differentiated itself: as a difference of float32 vectors a small one,
 * as a KL part near its reference, would be rounding. P parts among K sub-policies cost P·K derivatives of the batch.
 *
 * They are taken in blocks of whole groups (`groupSize` trajectories each, default 1), which costs no more derivatives and gives the noise:
 * unbiased |E g_k|², tr Cov(g_k), ⟨E g_k, E g_l⟩ and tr Cov(g_k, g_l) (`blockNoise`). Weights stay those of the whole batch.
 */
export const measure = Effect.fn("GradientAttribution.measure")(function* (
  step: number,
  parameters: Parameters,
  request: LossRequest,
  { groupSize = 1 }: { readonly groupSize?: number } = {}
) {
  const backprop = yield* Backprop
  const { names } = request.partition
  const parts = Objective.parts(request.objective)
  const pairs = names.flatMap((_, k) => names.slice(k).map((_, l) => [k, k + l] as const))
  const blocks = blocksOf(request.trajectories.length / groupSize, groupSize)
  const sumsOf = (part: string): Sums => ({
    part,
    shares: names.map(() => new Float64Array(parameters.length)),
    ofBlocks: new Map(pairs.map((pair) => [pair.join(), 0]))
  })
  const [whole, ...byPart] = [sumsOf("total"), ...(parts.length > 1 ? parts.map(({ name }) => sumsOf(name)) : [])]
  const addBlock = ({ ofBlocks, shares }: Sums, ofBlock: ReadonlyArray<ArrayLike<number>>): void => {
    shares.forEach((sum, k) => addTo(sum, ofBlock[k]!))
    for (const [k, l] of pairs) ofBlocks.set(`${k},${l}`, ofBlocks.get(`${k},${l}`)! + dot(ofBlock[k]!, ofBlock[l]!))
  }
  for (const block of blocks) {
    const shard = shardRequest(request, block)
    const totals = names.map(() => new Float64Array(parameters.length))
    for (const [i, part] of parts.entries()) {
      const ofBlock: Array<ArrayLike<number>> = []
      for (const [k, name] of names.entries()) {
        const { gradient } = yield* backprop.gradient(parameters, { ...shard, objective: Objective.restrict(part.objective, name) })
        ofBlock.push(gradient)
        addTo(totals[k]!, gradient)
      }
      if (byPart.length > 0) addBlock(byPart[i]!, ofBlock)
    }
    addBlock(whole!, totals)
  }
  const byName = (value: (index: number) => number) => Object.fromEntries(names.map((name, index) => [name, value(index)]))
  const tokens = byName((index) => request.owner.reduce((sum, owner) => sum + (owner === index ? 1 : 0), 0))
  const sizes = blocks.map(({ groups }) => groups)
  const rowOf = ({ ofBlocks, part, shares }: Sums): AttributionRow => {
    const product = (k: number, l: number): number => dot(shares[k]!, shares[l]!)
    const norms = shares.map((_, k) => Math.sqrt(product(k, k)))
    const noise = (k: number, l: number) =>
      sizes.length < 2 ? undefined : blockNoise({ whole: product(k, l), ofBlocks: ofBlocks.get(`${k},${l}`)! }, sizes)
    const own = names.map((_, k) => noise(k, k))
    return {
      step,
      part,
      norms: byName((k) => norms[k]!),
      tokens,
      ...(sizes.length < 2 ? {} : { signals: byName((k) => own[k]!.mean), variances: byName((k) => own[k]!.covariance) }),
      cosines: pairs.filter(([k, l]) => k < l).map(([k, l]) => {
        const length = norms[k]! * norms[l]!
        const found = noise(k, l)
        return {
          first: names[k]!,
          second: names[l]!,
          cosine: length === 0 ? 0 : product(k, l) / length,
          ...(found === undefined ? {} : { product: found.mean, covariance: found.covariance })
        }
      })
    }
  }
  return [whole!, ...byPart].map(rowOf)
})
