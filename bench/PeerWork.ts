/**
 * What the project and its peers do when they are compared: a training step, sampling, a GRPO step; and the files through which a peer gets
 * the same model.
 */
import { Effect, Layer, type ManagedRuntime } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Grammar } from "../src/domain/Grammar.ts"
import { type Parameters, Policy } from "../src/domain/Policy.ts"
import { onPolicy, Sampler, type SampleRequest } from "../src/domain/Sampler.ts"
import type { Query } from "../src/domain/Query.ts"
import { Reward } from "../src/domain/Reward.ts"
import { draws, fold } from "../src/domain/Seed.ts"
import * as Kl from "../src/theory/Kl.ts"
import { type TransformerConfig, transformerLayout } from "../src/model/architecture/Transformer.ts"
import { Backprop, type LossRequest } from "../src/model/Backprop.ts"
import * as GroupRelativeTrainer from "../src/training/GroupRelativeTrainer.ts"
import * as Presets from "../src/training/Presets.ts"
import * as Optimizer from "../src/training/Optimizer.ts"
import { constant } from "../src/training/Schedule.ts"
import * as TrainState from "../src/training/TrainState.ts"
import { type Contender, table, type Timing } from "./Timing.ts"
import { tokensOf } from "./TransformerWork.ts"
import { nllRequest } from "../test/support/NllRequest.ts"

/** Tokens there are; of a sequence's 64 the first is the prompt where nothing else is said. */
export const VOCABULARY = 16
export const LENGTH = 64
/** The inputs of the training step and what follows the last; a prompt of one and 64 new tokens. */
export const WHOLE = LENGTH + 1
export const grpoShape = { queries: 16, groupSize: 8, promptLength: 8, newTokens: LENGTH - 8 }

/** Multiplications and additions of a token's matrix products, forward; three times as many with backward. Attention's are counted at half the length. */
export const flopsPerToken = ({ width, layers }: { readonly width: number; readonly layers: number }, length: number): number =>
  2 * (layers * 12 * width * width + width * VOCABULARY) + layers * 4 * width * (length / 2)

export type Runtime = ManagedRuntime.ManagedRuntime<Sampler | Policy | Backprop | Grammar | Reward, unknown>

/** The reward of the GRPO step: the share of token 0. */
export const shareOfZero = Layer.succeed(Reward, {
  grade: (_query, trajectory) =>
    Effect.sync(() => {
      const written = trajectory.tokens.slice(trajectory.promptLength)
      return { trajectory, outcome: "Correct" as const, reward: written.filter((token) => token === 0).length / written.length }
    })
})

/** A batch of random sequences of `length` + 1 tokens, of which each but the first is predicted. */
export const lossRequest = (rows: number, length: number): LossRequest & { readonly flat: Int32Array } => {
  const flat = tokensOf(rows, { width: 1, layers: 1, heads: 1, length: length + 1 })
  const trajectories = Array.from({ length: rows }, (_, row) => ({
    tokens: [...flat.subarray(row * (length + 1), (row + 1) * (length + 1))],
    promptLength: 1,
    offset: 0
  }))
  return { flat, ...nllRequest(trajectories) }
}

/** A training step through the services: gradient, then Adam. */
export const stepper = (name: string, runtime: Runtime, start: Parameters, request: LossRequest): Contender => {
  let parameters = start
  let state = Optimizer.initialize(start.length)
  return {
    name,
    run: async () => {
      const { gradient } = await runtime.runPromise(Effect.flatMap(Backprop, (backprop) => backprop.gradient(parameters, request)))
      const next = Optimizer.update(Optimizer.adam, 1e-3, state, parameters, gradient)
      parameters = next.parameters
      state = next.state
    }
  }
}

/** Sampling the rest of sequences whose prompts are random. */
export const sampler = (
  name: string,
  runtime: Runtime,
  parameters: Parameters,
  prompts: ReadonlyArray<ReadonlyArray<number>>
): Contender => {
  const requests: ReadonlyArray<SampleRequest> = prompts.map((prompt, i) => ({ prompt, seed: fold(3, i) }))
  return { name, run: () => runtime.runPromise(Effect.flatMap(Sampler, (sampler) => sampler.sample(parameters, requests, onPolicy))) }
}

export const randomPrompts = (count: number, length: number): ReadonlyArray<ReadonlyArray<number>> => {
  const { integer } = draws(4)
  return Array.from({ length: count }, () => Array.from({ length }, () => integer(0, VOCABULARY - 1)))
}

/** A whole GRPO step without a KL term: rollouts, rewards, advantages, one update. */
export const grpoStepper = (name: string, runtime: Runtime, parameters: Parameters, shape: typeof grpoShape): Contender => {
  const queries: ReadonlyArray<Query> = randomPrompts(shape.queries, shape.promptLength).map((prompt, i) => ({
    id: String(i),
    level: "plain",
    prompt: prompt.join(" "),
    answer: "0"
  }))
  const config: GroupRelativeTrainer.GroupRelativeConfig = {
    ...Presets.paper,
    kl: Kl.none,
    groupSize: shape.groupSize,
    queries: shape.queries,
    miniBatchQueries: shape.queries,
    sampling: onPolicy,
    optimizer: Optimizer.adam,
    schedule: constant(1e-4),
    clipNorm: 1,
    attributionEvery: 0
  }
  let state = TrainState.fromParameters(parameters, 5)
  return {
    name,
    run: async () => {
      state = (await runtime.runPromise(GroupRelativeTrainer.step(config, parameters)(state, queries))).state
    }
  }
}

export const report = (title: string, timings: ReadonlyArray<Timing>, tokens: number, flops: number): void => {
  const rows = timings.map(({ best, median, name, processor, repetitions }) => [
    name,
    median.toFixed(0),
    best.toFixed(0),
    processor.toFixed(0),
    `${(tokens / best).toFixed(1)}k`,
    (flops / best / 1e6).toFixed(1),
    String(repetitions)
  ])
  console.log(
    `\n### ${title}\n\n${
      table(["", "ms median", "ms best", "ms processor (median)", "tokens/s best", "GFLOP/s best", "repetitions"], rows)
    }`
  )
}

/** Writes a model, a batch and what the peer must reproduce of them into a folder. */
export const writeModel = async (
  folder: string,
  transformer: TransformerConfig,
  runtime: Runtime,
  rows: number,
  sequences: number
): Promise<
  {
    readonly parameters: Parameters
    readonly request: LossRequest
    readonly prompts: ReadonlyArray<ReadonlyArray<number>>
  }
> => {
  const sizes = { ...transformer, positions: WHOLE, segments: 1, vocabulary: VOCABULARY }
  const request = lossRequest(rows, LENGTH)
  const initial = await runtime.runPromise(Effect.flatMap(Policy, (policy) => policy.initialize(1)))
  const spread = draws(6)
  // Larger than at the start of training, so that attention and choices are far from uniform; less so in a wide network, which would
  // otherwise be so sensitive that the rounding of float32 shows in the third digit of its gradient.
  const gain = 3 * Math.sqrt(128 / Math.max(128, transformer.width))
  const parameters = initial.map((value) => gain * value + 0.02 * (spread.uniform() - 0.5))
  const expected = await runtime.runPromise(Effect.flatMap(Backprop, (backprop) => backprop.gradient(parameters, request)))
  const prompts = randomPrompts(sequences, 1)
  const write = (name: string, values: Float32Array | Int32Array) => writeFileSync(join(folder, name), values)
  write("parameters.f32", parameters)
  write("gradient.f32", expected.gradient)
  write("tokens.i32", request.flat)
  write("logProbs.f32", expected.logProbs.filter((_, token) => request.owner[token] !== 255))
  write("prompts.i32", Int32Array.from(prompts.flat()))
  writeFileSync(
    join(folder, "shape.json"),
    JSON.stringify({
      sizes: { width: sizes.width, layers: sizes.layers, heads: sizes.heads, positions: WHOLE, vocabulary: VOCABULARY },
      entries: transformerLayout(sizes).entries,
      rows,
      generate: { rows: sequences, newTokens: LENGTH },
      grpo: { ...grpoShape, prompts: randomPrompts(grpoShape.queries, grpoShape.promptLength) }
    })
  )
  return { parameters, request, prompts }
}
