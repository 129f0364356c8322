/** A program for a browser: the tabular policy learns with GRPO that 1 · 1 = 1. `npm run test:pack` bundles it and runs it without Node's modules. */
import { onPolicy, type Query, Reward, Sampler } from "decision-sampling/domain"
import { ArithmeticGrammar, TabularPolicy } from "decision-sampling/model"
import { Multiplication } from "decision-sampling/tasks"
import { Checkpoint, GroupRelativeTrainer, initialize, Optimizer, Presets, Schedule } from "decision-sampling/training"
import { Effect, Layer, Stream } from "effect"

const { operator } = ArithmeticGrammar.arithmeticTokens(2)
const prompt = [1, operator, 1]
const query: Query = { id: "1*1", level: "1x1", prompt: "Calculate 1 * 1. Think step by step.", answer: "1" }

const services = TabularPolicy.layer([prompt]).pipe(
  Layer.provideMerge(ArithmeticGrammar.layer({ radix: 2, maxAttempts: 2, context: "markov", positions: 8 })),
  Layer.merge(Reward.layerExact.pipe(Layer.provide(Multiplication.layer({ radix: 2, levels: ["1x1"] }))))
)

const config: GroupRelativeTrainer.GroupRelativeConfig = {
  ...Presets.groupRelative(8).grpo,
  groupSize: 8,
  queries: 4,
  miniBatchQueries: 4,
  optimizer: Optimizer.adam,
  schedule: Schedule.constant(0.1),
  clipNorm: 1,
  attributionEvery: 0
}

const train = Effect.gen(function* () {
  const sampler = yield* Sampler
  const requests = Array.from({ length: 200 }, (_, seed) => ({ prompt, seed }))
  const accuracy = Effect.fnUntraced(function* (parameters: Float32Array) {
    const rollouts = yield* sampler.sample(parameters, requests, { ...onPolicy, maxTokens: 8 })
    const right = rollouts.filter(({ spans }) =>
      spans.flatMap((span) => (span.kind === "sample" ? [span.answer] : [])).at(-1) === query.answer
    )
    return right.length / rollouts.length
  })
  const start = yield* initialize(4)
  const steps = GroupRelativeTrainer.train(config, start.parameters, () => [query, query, query, query])(start)
  const reports = yield* steps.pipe(Stream.take(20), Stream.runCollect)
  const { state } = reports.at(-1)!
  return {
    before: yield* accuracy(start.parameters),
    after: yield* accuracy(state.parameters),
    step: (yield* Checkpoint.decode(Checkpoint.encode(state), "memory")).step
  }
})

console.log(JSON.stringify(await Effect.runPromise(train.pipe(Effect.provide(services)))))
