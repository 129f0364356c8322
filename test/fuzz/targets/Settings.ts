/** Configurations of runs, and the small languages of flags. */
import { Effect, Result, Schema } from "effect"
import fc from "fast-check"
import { ConfigError } from "../../../src/domain/Errors.ts"
import { parseLoose } from "../../../src/domain/LooseJson.ts"
import { failing } from "../../../src/domain/Throws.ts"
import { parseSeeds } from "../../../src/cli/sweep/Sweep.ts"
import { endpointOf } from "../../../src/engine/Secrets.ts"
import { parseRates } from "../../../src/engine/Simulated.ts"
import * as ArithmeticGrammar from "../../../src/model/grammar/ArithmeticGrammar.ts"
import * as CountdownGrammar from "../../../src/model/grammar/CountdownGrammar.ts"
import type { ModelSpec } from "../../../src/model/ModelSpec.ts"
import { transformerSizes } from "../../../src/model/policy/TransformerPolicy.ts"
import { compileMarkers, DEFAULT_MARKERS, parseMarkerList } from "../../../src/tasks/reading/Markers.ts"
import { promptRowOf } from "../../../src/tasks/PromptRow.ts"
import { taskOf } from "../../../src/tasks/TaskSpec.ts"
import { makePartition } from "../../../src/theory/Partition.ts"
import { PartitionError } from "../../../src/domain/Partition.ts"
import { TheoryError } from "../../../src/theory/TheoryError.ts"
import * as Presets from "../../../src/training/Presets.ts"
import * as TrainConfig from "../../../src/training/TrainConfig.ts"
import * as TrainerSettings from "../../../src/training/TrainerSettings.ts"
import { readPrompts } from "../../../src/engine/Prompts.ts"
import { writeFileSync } from "node:fs"
import { json, jsonLines, jsonText, jsonTextOf, number, ofSchema, text } from "../Grammar.ts"
import { Refusal, type Target } from "../Target.ts"
import { tinyConfiguration } from "../../support/TinyConfiguration.ts"

// In this order: what a seed makes of it follows it.
const tiny = tinyConfiguration()
const grouped = {
  seed: tiny.seed,
  steps: 300,
  checkpointEvery: 5,
  task: tiny.task,
  model: { ...tiny.model, limits: { tokens: 1000, rows: 10 } },
  reward: { _tag: "Outcome", values: { Correct: 1, Wrong: 0, Unparsable: 0, Truncated: 0, GoldInvalid: 0 } },
  schedule: { peak: 0.003, warmup: 10, decay: "cosine", floor: 0.1, total: 300 },
  attributionEvery: 10,
  queries: 8,
  maxTokens: 32,
  groupSize: 4,
  epochs: 2,
  miniBatchQueries: 4,
  loss: { _tag: "Surrogate", ratio: "token", clipLow: 0.2, clipHigh: 0.3 },
  advantage: { _tag: "GroupRelative", scale: "group", std: "sample", epsilon: 1e-6 },
  kl: { _tag: "InLoss", beta: 0.01, estimator: "k3" },
  aggregation: "token-mean",
  referenceEvery: 20,
  partition: ["sampling", "decision"],
  decisionWeighting: { _tag: "Fixed", correct: 1, wrong: 2 },
  overlong: { buffer: 4, factor: 1 },
  dynamicSampling: { maxBatches: 3 },
  adaptiveKl: { target: 0.1, horizon: 100 },
  products: "relaxed"
}
const {
  queries: _queries,
  maxTokens: _maxTokens,
  groupSize: _groupSize,
  epochs: _epochs,
  miniBatchQueries: _mini,
  loss: _loss,
  advantage: _advantage,
  kl: _kl,
  aggregation: _aggregation,
  referenceEvery: _reference,
  decisionWeighting: _weighting,
  overlong: _overlong,
  dynamicSampling: _dynamic,
  adaptiveKl: _adaptive,
  ...shared
} = grouped
const supervised = {
  ...shared,
  task: { _tag: "Countdown", levels: ["2"], largest: 4, operations: ["+", "*"] },
  model: { ...shared.model, words: { _tag: "Countdown", longest: 12, maxAttempts: 2, context: "history", positions: 60 } },
  batchSize: 8,
  demonstrations: { kind: "corrections", slip: 0.1, rate: 0.5, wrong: 1 },
  weights: { sampling: 1, decision: 0.5 }
}

/** The sizes that a network would have: what is computed before any memory is asked for. */
const sizesOf = (model: ModelSpec) => {
  if (model._tag !== "Columns" || model.words._tag === "Module") return undefined
  const { placement, tokenizer } = model.words._tag === "Arithmetic"
    ? ArithmeticGrammar.make(model.words)
    : CountdownGrammar.make(model.words)
  return transformerSizes(model.transformer, { placement, vocabulary: tokenizer.vocabulary })
}

// Modules and files of problems are code and files of the user's; theirs are other targets.
const isOwn = ({ _tag }: { readonly _tag: string }): boolean => _tag === "Module" || _tag === "Problems"

const trainer = <A extends TrainConfig.SupervisedRun | TrainConfig.GroupRelativeRun, I>(
  name: string,
  schema: Schema.Codec<A, I>,
  valid: fc.Arbitrary<unknown>,
  make: (run: A) => unknown
): Target => ({
  name: `configuration: ${name}`,
  input: jsonTextOf(valid),
  isLong: true,
  // A group relative trainer holds ∞ where nothing is clipped.
  mayBeNonFinite: true,
  read: (input) =>
    Effect.gen(function* () {
      const run = yield* TrainConfig.decode(schema, String(input))
      const task = isOwn(run.task) ? undefined : yield* taskOf(run.task)
      const training = yield* failing([ConfigError], () => make(run))
      const sizes = yield* failing([ConfigError], () => sizesOf(run.model))
      const query = task === undefined ? undefined : yield* failing([ConfigError], () => task.training(task.levels[0]!, 1))
      return [training, sizes, query]
    })
})

const flag = (name: string, input: fc.Arbitrary<string>, read: (text: string) => unknown): Target => ({
  name: `flag: ${name}`,
  input,
  read: (given) => failing([ConfigError, TheoryError, PartitionError], () => read(String(given)))
})

const list = fc.array(fc.oneof(text, number.map(String), fc.constantFrom("1-4", "0.6", "0.6:0.5", "sampling", "wait")), { maxLength: 5 })
  .map((parts) => parts.join(","))
const rate = fc.oneof({ weight: 8, arbitrary: fc.constantFrom("0", "1", "0.5", "1e-3", " .25") }, { weight: 1, arbitrary: text })
const rates = fc.array(fc.array(rate, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(":")), { minLength: 3, maxLength: 3 })
  .map((parts) => parts.join(","))
const url = fc.tuple(
  fc.constantFrom("http://", "https://", "ftp://", "", "//"),
  text,
  fc.constantFrom("@", ":8000", "/v1", "?key=abcdef", ""),
  text
).map((
  parts
) => parts.join(""))

const prompts = [
  { prompt: "How many?", answer: "4", level: "a", id: "1" },
  { question: "How many?", choices: ["1", "2"], answer: 1 },
  { messages: [{ role: "user", content: "How many?" }], ground_truth: ["4", "four"] },
  { problem: "How many?", solution: "It is \\boxed{4}." }
]

export const settings: ReadonlyArray<Target> = [
  ...(["grpo", "dapo", "rloo", "reinforce++"] as ReadonlyArray<string>).filter((name) =>
    (Presets.GROUP_RELATIVE_NAMES as ReadonlyArray<string>).includes(name)
  ).map((name) =>
    trainer(
      name,
      TrainConfig.GroupRelativeRun,
      fc.constant(grouped),
      (run) => TrainerSettings.groupRelative(name as Presets.GroupRelativeName, run)
    )
  ),
  trainer(
    "grpo, by its schema",
    TrainConfig.GroupRelativeRun,
    ofSchema(TrainConfig.GroupRelativeRun),
    (run) => TrainerSettings.groupRelative("grpo", run)
  ),
  trainer("sft", TrainConfig.SupervisedRun, fc.constant(supervised), (run) => TrainerSettings.supervised("sft", run)),
  trainer(
    "sft, by its schema",
    TrainConfig.SupervisedRun,
    ofSchema(TrainConfig.SupervisedRun),
    (run) => TrainerSettings.supervised("sft", run)
  ),
  flag("seeds", list, parseSeeds),
  flag("rates", fc.oneof(list, rates), parseRates),
  flag("markers", text, (given) => compileMarkers([...DEFAULT_MARKERS, ...parseMarkerList(given)])),
  flag("parts", list, (given) => makePartition(given.split(","))),
  flag("endpoint", url, (given) => endpointOf(given)),
  {
    name: "JSON as Python writes it",
    mayBeNonFinite: true,
    input: jsonText({ a: 1, b: [1.5, "x"] }),
    isLong: true,
    read: (input) => failing([SyntaxError, RangeError], () => parseLoose(String(input)))
  },
  {
    name: "prompts: row",
    input: jsonText(...prompts),
    read: (input) =>
      Effect.suspend(() => {
        const row = Schema.decodeUnknownResult(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)))(String(input))
        const read = Result.isFailure(row) ? "no object" : promptRowOf(row.success, 1)
        return typeof read === "string" ? Effect.fail(new Refusal(read)) : Effect.succeed(read)
      })
  },
  {
    name: "prompts: file",
    input: jsonLines(...prompts),
    read: (input, file) => {
      writeFileSync(`${file}.jsonl`, input)
      return readPrompts(`${file}.jsonl`)
    }
  },
  {
    name: "problems",
    input: jsonLines(...prompts, ...Array.from({ length: 4 }, (_, i) => ({ prompt: `How many, ${i}?`, answer: String(i), level: "a" }))),
    read: (input, file) => {
      writeFileSync(`${file}.jsonl`, input)
      return Effect.gen(function* () {
        const task = yield* taskOf({ _tag: "Problems", file: `${file}.jsonl` })
        return yield* failing([ConfigError], () => {
          const [level = ""] = task.levels
          const query = task.training(level, 1)
          return [query, task.check(query, "4"), task.test(level, { count: 2, seed: 1 }), task.teacher?.answer(query)]
        })
      })
    }
  },
  {
    name: "a task: any",
    input: fc.oneof(
      jsonText({ _tag: "Multiplication", radix: 10, levels: ["3x2"] }, { _tag: "Addition", radix: 2, levels: ["3x2"] }, {
        _tag: "Countdown",
        levels: ["3"],
        largest: 9,
        operations: ["+", "-", "*"]
      }),
      fc.tuple(number, text).map(([radix, level]) => JSON.stringify({ _tag: "Multiplication", radix, levels: [level] })),
      fc.tuple(number, number, number).map(([radix, left, right]) =>
        JSON.stringify({ _tag: "Addition", radix, levels: [`${left}x${right}`] })
      ),
      fc.tuple(
        fc.constantFrom("Multiplication", "Addition"),
        fc.constantFrom(2, 10, 16),
        fc.array(fc.constantFrom("1x1", "3x2", "2x5"), { minLength: 1, maxLength: 3 })
      )
        .map(([_tag, radix, levels]) => JSON.stringify({ _tag, radix, levels })),
      json.map((value) => JSON.stringify(value))
    ),
    isLong: true,
    read: (input) =>
      Effect.gen(function* () {
        const { task: _, ...rest } = supervised
        const run = yield* TrainConfig.decode(TrainConfig.SupervisedRun, `${JSON.stringify(rest).slice(0, -1)},"task":${String(input)}}`)
        if (isOwn(run.task)) return undefined
        const task = yield* taskOf(run.task)
        return yield* failing([ConfigError], () =>
          task.levels.map((level) => [task.training(level, 1), task.test(level, { count: 2, seed: 1 })]))
      })
  }
]
