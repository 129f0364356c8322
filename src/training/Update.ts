/**
 * One update: derivative, clipping, optimizer. The part of a step that all trainers share.
 *
 * @module
 */
import { Effect, Schema } from "effect"
import { ConfigError } from "../domain/Errors.ts"
import type { Parameters } from "../domain/Policy.ts"
import * as Aggregate from "../theory/Aggregate.ts"
import { Backprop, gradientOf, type LossRequest, type LossResult } from "../model/Backprop.ts"
import * as Optimizer from "./Optimizer.ts"
import { cutShards, joinResults, shardRequest } from "../model/loss/Shards.ts"
import * as Schedule from "./Schedule.ts"
import type { Metrics, TrainState } from "./TrainState.ts"

/** Settings of an update, shared by all trainers. */
export const UpdateConfig = Schema.Struct({
  optimizer: Optimizer.OptimizerConfig,
  schedule: Schedule.Schedule,
  /** Gradients longer than this are scaled down to it. */
  clipNorm: Schema.Finite,
  /** Measure the gradient's parts every so many steps; 0: never. */
  attributionEvery: Schema.Int,
  /** Compute the gradient in so many parts, one after the other, and add them up: less memory, the same loss. Left out: 1. */
  microBatches: Schema.optionalKey(Schema.Int)
})
export type UpdateConfig = typeof UpdateConfig.Type

/** A mean over tokens as a metric; left out where there are none. */
const meanWhere = (name: string, values: ArrayLike<number>, isCounted: (token: number) => boolean): Metrics => {
  let sum = 0
  let count = 0
  for (let token = 0; token < values.length; token++) {
    if (!isCounted(token)) continue
    sum += values[token]!
    count++
  }
  return count === 0 ? {} : { [name]: sum / count }
}

const lossMetrics = (request: LossRequest, result: LossResult): Metrics => {
  const isTrained = (token: number): boolean => request.weights[token] !== 0
  const isOf = (owner: number) => (token: number): boolean => isTrained(token) && request.owner[token] === owner
  return {
    loss: result.loss,
    ...meanWhere("loss/nll", result.logProbs.map((logProb) => -logProb), isTrained),
    ...meanWhere("entropy", result.entropies, isTrained),
    ...Object.assign({}, ...request.partition.names.map((name, owner) => meanWhere(`entropy/${name}`, result.entropies, isOf(owner)))),
    ...Object.fromEntries(
      Object.entries(result.parts).map((
        [part, loss]
      ) => [`loss/part/${part}`, Aggregate.aggregate(request.weights, Float64Array.from(loss))])
    )
  }
}

/**
 * Computes a loss and its gradient in `parts` micro-batches of whole trajectories. The weights are those of the whole batch,
 * so the parts' losses and gradients add up to the whole's, up to the order of summation, for every aggregation.
 */
export const accumulate = Effect.fnUntraced(function* (parameters: Parameters, request: LossRequest, parts: number) {
  const backprop = yield* Backprop
  const shards = cutShards(request.trajectories.map(({ tokens }) => tokens.length), parts)
  if (shards.length <= 1) return yield* gradientOf(backprop, parameters, request)
  const results = yield* Effect.forEach(shards, (shard) => gradientOf(backprop, parameters, shardRequest(request, shard)))
  return joinResults(results, results.map(({ gradient }) => gradient), parameters.length)
})

/** Takes one optimizer step on a loss. */
export const apply = Effect.fnUntraced(function* (config: UpdateConfig, state: TrainState, request: LossRequest) {
  const { matrices } = yield* Backprop
  if (Optimizer.isMuon(config.optimizer) && (matrices === undefined || matrices.length === 0)) {
    return yield* new ConfigError({ field: "optimizer", value: "Muon", expected: "Adam: this policy names no matrices of hidden layers" })
  }
  const result = yield* accumulate(state.parameters, request, config.microBatches ?? 1)
  const rate = Schedule.rateAt(config.schedule, state.step)
  const norm = Optimizer.norm(result.gradient)
  const clipped = Optimizer.clipByNorm(result.gradient, config.clipNorm, norm)
  const updated = Optimizer.update(config.optimizer, rate, state.optimizer, state.parameters, clipped, matrices)
  const metrics: Metrics = { ...lossMetrics(request, result), grad_norm: norm, learning_rate: rate }
  return { state: { ...state, parameters: updated.parameters, optimizer: updated.state }, metrics, result }
})
