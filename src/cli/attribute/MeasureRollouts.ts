/**
 * Gradients of objectives rollout by rollout: summed for the file, and as sketches for each prompt.
 *
 * @module
 */
import { Effect } from "effect"
import type { Parameters } from "../../domain/Policy.ts"
import type { ParameterLayout } from "../../model/architecture/ParameterLayout.ts"
import { Backprop, type LossRequest } from "../../model/Backprop.ts"
import { shardRequest } from "../../model/loss/Shards.ts"
import type { CountSketch } from "../../eval/statistics/CountSketch.ts"
import { type GradientPair, weightShares } from "../../eval/attribute/WeightShares.ts"
import * as Objective from "../../theory/Objective.ts"
import { ownerOf } from "../../theory/Partition.ts"

const OWNERS = ["sampling", "decision"] as const

/** An objective's gradient: whole and taken apart, and what each cluster brings to g_S and g_D, as sketches. */
export interface Measured {
  readonly pair: GradientPair
  readonly sampling: ReadonlyArray<Float64Array>
  readonly decision: ReadonlyArray<Float64Array>
}

/** What is measured of, the same for every objective. */
export interface MeasureSettings {
  readonly parameters: Parameters
  readonly layout: ParameterLayout
  /** The first parameter that gradients are over. */
  readonly from: number
  /** The cluster of each rollout, from 0. */
  readonly clusters: ReadonlyArray<number>
  readonly clusterCount: number
  readonly sketch: CountSketch
  /** How many gradients are computed side by side. */
  readonly threads: number
  /** Told after each rollout. */
  readonly show: (rollout: number) => void
}

const addScaled = (sum: Float32Array | Float64Array, vector: ArrayLike<number>, scale: number): void => {
  for (let i = 0; i < sum.length; i++) sum[i]! += scale * vector[i]!
}

/**
 * Differentiates one objective by one rollout and sub-policy at a time, which costs no more than all at once: a gradient is a sum over
 * rollouts. `multiples` are objectives whose gradient by rollout r is `factors[r]` times this one's; they cost no derivative of their own.
 *
 * Memory: two vectors of parameters for each objective, and two sketches for each cluster. Results are first the objective's, then those of
 * `multiples`, and do not depend on `threads`.
 */
export const measureRollouts = Effect.fn("MeasureRollouts.measure")(function* (
  request: LossRequest,
  multiples: ReadonlyArray<ArrayLike<number>>,
  { clusterCount, clusters, from, layout, parameters, show, sketch, threads }: MeasureSettings
) {
  const backprop = yield* Backprop
  const length = layout.count - from
  const factors = [clusters.map(() => 1), ...multiples]
  const zeros = () => OWNERS.map(() => new Float32Array(length))
  const sums = factors.map(zeros)
  const sketches = factors.map(() => OWNERS.map(() => Array.from({ length: clusterCount }, () => new Float64Array(sketch.width))))
  const owners = OWNERS.map((name) => ownerOf(request.partition, name))
  const calls = clusters.flatMap((_, rollout) =>
    OWNERS.flatMap((name, k) => {
      const { offsets, owner } = request
      return owner.subarray(offsets[rollout], offsets[rollout + 1]).includes(owners[k]!) ? [{ rollout, k, name }] : []
    })
  )
  for (let at = 0; at < calls.length; at += threads) {
    const some = calls.slice(at, at + threads)
    const gradients = yield* Effect.forEach(
      some,
      ({ name, rollout }) =>
        Effect.map(
          backprop.gradient(parameters, {
            ...shardRequest(request, { index: 0, from: rollout, to: rollout + 1 }),
            objective: Objective.restrict(request.objective, name),
            from
          }),
          ({ gradient }) => gradient.subarray(from)
        ),
      { concurrency: threads }
    )
    some.forEach(({ k, rollout }, i) => {
      const short = sketch.of(gradients[i]!)
      factors.forEach((factor, j) => {
        if (factor[rollout] === 0) return
        addScaled(sums[j]![k]!, gradients[i]!, factor[rollout]!)
        addScaled(sketches[j]![k]![clusters[rollout]!]!, short, factor[rollout]!)
      })
    })
    show(some.at(-1)!.rollout + 1)
  }
  return factors.map((_, j): Measured => ({
    pair: weightShares(layout.entries, { sampling: sums[j]![0]!, decision: sums[j]![1]! }, from),
    sampling: sketches[j]![0]!,
    decision: sketches[j]![1]!
  }))
})
