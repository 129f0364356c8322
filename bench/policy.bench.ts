/** The main job's step (128 sequences of about 12 tokens), sampling and scoring: in this thread, and on worker threads. */
import { Effect, ManagedRuntime } from "effect"
import { TWO_STAGE } from "../src/domain/Partition.ts"
import { Policy } from "../src/domain/Policy.ts"
import { onPolicy, Sampler, type SampleRequest } from "../src/domain/Sampler.ts"
import { draws, fold } from "../src/domain/Seed.ts"
import { tokenMean, weights } from "../src/theory/Aggregate.ts"
import { nll } from "../src/theory/Objective.ts"
import * as ArithmeticGrammar from "../src/model/grammar/ArithmeticGrammar.ts"
import { Backprop, type LossRequest } from "../src/model/Backprop.ts"
import * as ModelLayer from "../src/model/ModelLayer.ts"
import type { ModelSpec } from "../src/model/ModelSpec.ts"
import { machine, table, timeInTurns } from "./Timing.ts"

const transformer = { width: 64, layers: 3, heads: 4 }
const task = { radix: 5, maxAttempts: 4, context: "markov", positions: 28 } as const
const { placement } = ArithmeticGrammar.make(task)
const tokens = ArithmeticGrammar.arithmeticTokens(task.radix)

const spec: ModelSpec = { _tag: "Columns", words: { _tag: "Arithmetic", ...task }, transformer }

const layers = {
  "this thread": ModelLayer.layer(spec),
  "1 worker, 1 shard": ModelLayer.layer(spec, { threads: { workers: 1, shards: 1 } }),
  "2 workers, 2 shards": ModelLayer.layer(spec, { threads: { workers: 2, shards: 2 } })
}

// Levels 3x1 and 4x1, an answer of random digits and STOP: the shape of a base or SFT batch.
const { integer } = draws(1)
const digits = (count: number) => Array.from({ length: count }, () => integer(0, task.radix - 1))
const trajectories = Array.from({ length: 128 }, () => {
  const prompt = [...digits(integer(3, 4)), tokens.operator, ...digits(1)]
  const answer = [tokens.equals, ...digits(prompt.length - 1), tokens.stop]
  return { tokens: [...prompt, ...answer], promptLength: prompt.length, offset: integer(0, placement.largestOffset(prompt)) }
})
const offsets = new Int32Array(trajectories.length + 1)
trajectories.forEach((trajectory, i) => {
  offsets[i + 1] = offsets[i]! + trajectory.tokens.length
})
const owner = Uint8Array.from(trajectories.flatMap(({ promptLength, tokens }) => tokens.map((_, t) => (t > promptLength ? 0 : 255))))
const request: LossRequest = {
  trajectories,
  objective: nll(),
  partition: TWO_STAGE,
  temperature: 1,
  offsets,
  owner,
  weights: weights(tokenMean, offsets, owner)
}
const requests: ReadonlyArray<SampleRequest> = Array.from({ length: 512 }, (_, i) => {
  const { promptLength, tokens } = trajectories[i % trajectories.length]!
  return { prompt: tokens.slice(0, promptLength), seed: fold(2, i) }
})

const runtimes = Object.entries(layers).map(([name, layer]) => ({ name, runtime: ManagedRuntime.make(layer) }))
const contenders = <A, E>(effect: Effect.Effect<A, E, Sampler | Policy | Backprop>) =>
  runtimes.map(({ name, runtime }) => ({ name, run: () => runtime.runPromise(effect) }))

const parameters = await runtimes[0]!.runtime.runPromise(Effect.flatMap(Policy, (policy) => policy.initialize(1)))
const gradient = Effect.flatMap(Backprop, (backprop) => backprop.gradient(parameters, request))
const sample = Effect.flatMap(Sampler, (sampler) => sampler.sample(parameters, requests, onPolicy))
const score = Effect.flatMap(Policy, (policy) => policy.logProbs(parameters, trajectories, 1))

console.log(`${machine()}, ${new Date().toISOString().slice(0, 10)}`)
const sampled = (await runtimes[0]!.runtime.runPromise(sample)).reduce(
  (sum, { promptLength, tokens }) => sum + tokens.length - promptLength,
  0
)
const measurements = [
  ["gradient of 128 sequences", gradient, offsets[128], 60],
  [`sampling 512 sequences (${sampled} tokens)`, sample, sampled, 20],
  ["scoring 128 sequences", score, offsets[128], 40]
] as const
for (const [title, effect, count, rounds] of measurements) {
  const rows = (await timeInTurns(contenders<unknown, unknown>(effect), rounds, 20)).map(({ best, median, name, processor }) => [
    name,
    median.toFixed(1),
    best.toFixed(1),
    processor.toFixed(1),
    `${(count! / best).toFixed(1)}k`
  ])
  console.log(`\n### ${title}\n\n${table(["", "ms median", "ms best", "ms processor (median)", "tokens/s best"], rows)}`)
}
for (const { runtime } of runtimes) await runtime.dispose()
