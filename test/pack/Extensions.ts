/**
 * What a user might add from outside: a loss, an estimator, a preset, a task with words of its own, a device. `npm run test:pack` runs it
 * on the packed package; nothing of the library is edited.
 */
import { ConfigError, Reward, Task, type TaskService } from "decision-sampling/domain"
import {
  attemptGrammar,
  type AttemptLanguage,
  Device,
  deviceCpu,
  layerWords,
  sequencePlacement,
  symbolTokenizer,
  TransformerPolicy
} from "decision-sampling/model"
import { Objective } from "decision-sampling/theory"
import {
  Demonstrations,
  GroupRelativeTrainer,
  initialize,
  Optimizer,
  Presets,
  Schedule,
  SupervisedTrainer
} from "decision-sampling/training"
import { Effect, Layer, Result, Stream } from "effect"
import assert from "node:assert"

// A task: the parity of a binary word, "odd" or "even".
const wordOf = (prompt: string): string => prompt.replace("Parity of ", "")
const parityOf = (word: string): string => ([...word].filter((bit) => bit === "1").length % 2 === 1 ? "odd" : "even")
const parity: TaskService = {
  name: "parity",
  levels: ["2", "3"],
  training: (level, seed) => {
    const bits = (seed % 2 ** Number(level)).toString(2).padStart(Number(level), "0")
    return { id: bits, level, prompt: `Parity of ${bits}` }
  },
  test: () => ({ queries: [], overlap: 0, available: 0 }),
  check: ({ prompt }, candidate) => {
    if (candidate !== "odd" && candidate !== "even") return "Unparsable"
    return candidate === parityOf(wordOf(prompt)) ? "Correct" : "Wrong"
  },
  teacher: {
    answer: ({ prompt }) => parityOf(wordOf(prompt)),
    attempt: ({ prompt }, slip, stream) => (stream.uniform() < slip ? stream.pick(["odd", "even"]) : parityOf(wordOf(prompt))),
    corrupt: ({ prompt }) => (parityOf(wordOf(prompt)) === "odd" ? "even" : "odd")
  }
}

// Its words: a grammar of what is special to it.
const vocabulary = ["0", "1", "odd", "even", "=", "STOP", "RESAMPLE", "OK", "BAD"]
const tokenizer = symbolTokenizer(vocabulary)
const text = (tokens: ReadonlyArray<number>): string => tokens.map((token) => vocabulary[token]).join("")
const language: AttemptLanguage = {
  vocabulary,
  tokens: { equals: 4, stop: 5, resample: 6, ok: 7, bad: 8 },
  answerSets: [[2, 3]],
  maxAttempts: 2,
  promptTokens: (prompt) => tokenizer.encode(wordOf(prompt)),
  promptText: (prompt) => Result.succeed(`Parity of ${text(prompt)}`),
  openAnswer: () => ({
    next: { _tag: "Among", set: 0 },
    advance: () => ({ next: { _tag: "Done" }, advance: () => language.openAnswer([]) })
  }),
  answerText: text,
  partialText: text,
  answerTokens: (answer) => tokenizer.encode(answer)
}
const words = {
  tokenizer,
  grammar: attemptGrammar(language),
  placement: sequencePlacement({ positions: 16, context: "markov", maxAttempts: 2 })
}

// A device: plain JavaScript that counts what it is used for.
let uses = 0
const counting = Layer.effect(
  Device,
  Effect.map(Device, (device) =>
    Device.of({
      ...device,
      info: { ...device.info, name: "counting" },
      use: (label, body) =>
        Effect.suspend(() => {
          uses++
          return device.use(label, body)
        })
    }))
).pipe(Layer.provide(deviceCpu))

const task = Layer.succeed(Task, parity)
const services = TransformerPolicy.layer({ width: 16, layers: 1, heads: 2 }).pipe(
  Layer.provide(counting),
  Layer.provideMerge(layerWords(() => words)),
  Layer.merge(Reward.layerExact.pipe(Layer.provideMerge(task)))
)

const update = { optimizer: Optimizer.adam, schedule: Schedule.constant(0.01), clipNorm: 1, attributionEvery: 0 }
// A loss: the squared log-probability beside the likelihood.
const squared = Objective.custom({ name: "squared", evaluate: ({ logProb }) => ({ loss: 0.1 * logProb ** 2, derivative: 0.2 * logProb }) })
const sft = { ...SupervisedTrainer.sft, ...update, objective: Objective.add(Objective.nll(), squared), batchSize: 16 }
// An estimator: the reward against 1/2. A preset: another's with it.
const againstHalf = (rewards: Float64Array): Float64Array => rewards.map((reward) => 2 * reward - 1)
const preset = { ...Presets.grpoTrl, advantage: againstHalf, groupSize: 4 }

const program = Effect.gen(function* () {
  const start = yield* initialize(1)
  const demonstrations = Demonstrations.withoutReflection({ task: parity, words, maxAttempts: 2, slip: 0.2 })
  const taught = yield* SupervisedTrainer.train(sft, demonstrations)(start).pipe(Stream.take(60), Stream.runCollect)
  const { parameters } = taught.at(-1)!.state
  const config = { ...preset, ...update, queries: 8, miniBatchQueries: 8 }
  const queries = (seed: number, step: number) =>
    Array.from({ length: 8 }, (_, i) => parity.training(parity.levels[i % 2]!, (seed * 31 + step * 8 + i) >>> 0))
  const state = { ...start, parameters }
  const steps = yield* GroupRelativeTrainer.train(config, parameters, queries)(state).pipe(Stream.take(40), Stream.runCollect)
  const mean = (list: ReadonlyArray<{ readonly metrics: Readonly<Record<string, number>> }>) =>
    list.reduce((sum, { metrics }) => sum + metrics.reward!, 0) / list.length
  return { squared: taught[0]!.metrics["loss/part/squared"]! > 0, first: mean(steps.slice(0, 5)), last: mean(steps.slice(-5)) }
})
const result = await Effect.runPromise(program.pipe(Effect.provide(services)))
assert.ok(result.squared && uses > 100 && result.last > result.first + 0.05, JSON.stringify({ ...result, uses }))
// Errors of the library are the user's to catch.
assert.ok(new ConfigError({ field: "a", value: "b", expected: "c" }).message.includes("expected c"))
console.log(JSON.stringify({ ...result, uses }))
