/**
 * The configuration of a run as a JSON file: which task and model, how long, and what to replace in a preset. A field that is
 * unknown, missing or wrong is an error that names it.
 *
 * @module
 */
import { Effect, Result, Schema, SchemaIssue } from "effect"
import { ConfigError } from "../domain/Errors.ts"
import { caught } from "../domain/Throws.ts"
import * as Advantage from "../theory/Advantage.ts"
import * as Aggregate from "../theory/Aggregate.ts"
import * as Kl from "../theory/Kl.ts"
import * as Objective from "../theory/Objective.ts"
import { DEVICE_CHOICES } from "../model/device/DeviceName.ts"
import { type AdvantageRule, negativeReinforcement } from "./AdvantageRule.ts"
import { ArithmeticConfig } from "../model/grammar/ArithmeticTokenizer.ts"
import { type GroupRelativeConfig, objectiveOf } from "./GroupRelativeTrainer.ts"
import { adam, AdamConfig } from "./Optimizer.ts"
import { TransformerConfig } from "../model/architecture/Transformer.ts"
import * as Presets from "./Presets.ts"
import * as Schedule from "./Schedule.ts"
import type { SupervisedConfig } from "./SupervisedTrainer.ts"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))
const Size = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

const shared = {
  seed: Schema.Int,
  steps: Count,
  checkpointEvery: Count,
  /** A checkpoint whose parameters the run starts from; left out: fresh ones. */
  start: Schema.optionalKey(Schema.NonEmptyString),
  task: Schema.Struct({ radix: Schema.Int, levels: Schema.NonEmptyArray(Schema.NonEmptyString) }),
  tokenizer: ArithmeticConfig,
  model: TransformerConfig,
  /** What computes; left out: wasm. Devices round differently, so it is part of the result. */
  device: Schema.optionalKey(Schema.Literals(DEVICE_CHOICES)),
  /** Parts of a batch that threads compute; they are part of the result (order of summation). Left out: 1, in this thread. */
  shards: Schema.optionalKey(Count),
  schedule: Schedule.Schedule,
  optimizer: Schema.optionalKey(AdamConfig),
  clipNorm: Schema.optionalKey(Size),
  /** Measure the gradient's parts every so many steps; left out: 20; 0: never. */
  attributionEvery: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  microBatches: Schema.optionalKey(Count),
  /** Train the tokens of one sub-policy only: reward and entropy bonus, or the likelihood. A KL penalty in the loss stays on all. */
  restrict: Schema.optionalKey(Schema.Literals(["sampling", "decision"]))
}

/**
 * Where demonstrations come from; `slip` is the teacher's error rate a digit. `expert` has no teacher: the `start` model's own
 * answers to so many problems, RESAMPLE after each wrong one and STOP after the right one.
 */
const Demonstrations = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("none"), slip: Size }),
  Schema.Struct({ kind: Schema.Literal("echo"), slip: Size, resampleRate: Size }),
  Schema.Struct({ kind: Schema.Literal("pretraining"), slip: Size, taught: Count, corrupted: Schema.Int }),
  Schema.Struct({ kind: Schema.Literal("expert"), problems: Count, answers: Count })
])

/** The configuration of `train sft` and `train dft`. */
export const SupervisedRun = Schema.Struct({ ...shared, batchSize: Count, demonstrations: Demonstrations })
export type SupervisedRun = typeof SupervisedRun.Type

const KlChoice = Schema.Union([
  Schema.Struct({ _tag: Schema.Literal("None") }),
  Schema.Struct({
    _tag: Schema.Literal("InReward"),
    beta: Size,
    estimator: Schema.optionalKey(Schema.Literals(["k1", "k2", "k3", "abs"])),
    gamma: Schema.optionalKey(Size)
  }),
  Schema.Struct({
    _tag: Schema.Literal("InLoss"),
    beta: Size,
    estimator: Schema.optionalKey(Schema.Literals(["k1", "k2", "k3", "abs", "k3-straight-through"])),
    corrected: Schema.optionalKey(Schema.Boolean),
    logRatioClamp: Schema.optionalKey(Schema.NullOr(Size)),
    clamp: Schema.optionalKey(Schema.NullOr(Size))
  })
])

const AdvantageChoice = Schema.Union([
  Schema.Struct({
    _tag: Schema.Literal("GroupRelative"),
    scale: Schema.optionalKey(Schema.Literals(["group", "batch", "none"])),
    std: Schema.optionalKey(Schema.Literals(["sample", "population"])),
    epsilon: Schema.optionalKey(Size)
  }),
  Schema.Struct({ _tag: Schema.Literal("LeaveOneOut") }),
  Schema.Struct({ _tag: Schema.Literal("Reinforce"), baseline: Schema.optionalKey(Schema.Literals(["none", "mean"])) }),
  Schema.Struct({
    _tag: Schema.Literal("NegativeReinforcement"),
    kind: Schema.Literals(["psr", "nsr", "weighted"]),
    lambda: Schema.optionalKey(Size),
    dropOtherClass: Schema.optionalKey(Schema.Boolean)
  })
])

const AggregationChoice = Schema.Literals(["token-mean", "seq-mean-token-mean", "seq-mean-token-sum", "seq-mean-token-sum-norm"])

/** The configuration of reinforcement learning; what is left out is the preset's. */
export const GroupRelativeRun = Schema.Struct({
  ...shared,
  queries: Count,
  miniBatchQueries: Schema.optionalKey(Count),
  maxTokens: Count,
  groupSize: Schema.optionalKey(Count),
  epochs: Schema.optionalKey(Count),
  temperature: Schema.optionalKey(Size),
  clipLow: Schema.optionalKey(Schema.NullOr(Size)),
  clipHigh: Schema.optionalKey(Schema.NullOr(Size)),
  dualClip: Schema.optionalKey(Schema.NullOr(Size)),
  advantage: Schema.optionalKey(AdvantageChoice),
  kl: Schema.optionalKey(KlChoice),
  /** Nats of reward for a nat of entropy; left out: 0. */
  entropyCoefficient: Schema.optionalKey(Size),
  aggregation: Schema.optionalKey(AggregationChoice),
  maskTruncated: Schema.optionalKey(Schema.Boolean),
  maskZeroVariance: Schema.optionalKey(Schema.Boolean),
  referenceEvery: Schema.optionalKey(Count),
  /** One answer and no decision: `SingleTurn`. */
  singleTurn: Schema.optionalKey(Schema.Boolean)
})
export type GroupRelativeRun = typeof GroupRelativeRun.Type

/** The names of the supervised trainers on the command line. */
export const SUPERVISED_NAMES = ["sft", "dft"] as const
/** The names of the trainers on groups of rollouts on the command line. */
export const GROUP_RELATIVE_NAMES = [
  "grpo",
  "grpo-trl",
  "grpo-verl",
  "drgrpo",
  "dapo",
  "rloo",
  "gspo",
  "reinforce",
  "psr",
  "nsr",
  "w-reinforce"
] as const

// What was expected, by the kind of the issue.
const expectedOf: SchemaIssue.LeafHook = (issue) => {
  switch (issue._tag) {
    case "UnexpectedKey":
      return "no field of this name"
    case "MissingKey":
      return "a value"
    default:
      return SchemaIssue.defaultLeafHook(issue)
  }
}

const issues = SchemaIssue.makeFormatterStandardSchemaV1({ leafHook: expectedOf })

/** Reads a configuration from JSON text; every error names the field, with its path. */
export const decode = <A, I>(schema: Schema.Codec<A, I>, text: string): Effect.Effect<A, ConfigError> =>
  Effect.suspend(() => {
    const json = caught([SyntaxError], (): unknown => JSON.parse(text))
    if (Result.isFailure(json)) {
      return Effect.fail(new ConfigError({ field: "the configuration", value: "no JSON", expected: `JSON (${json.failure.message})` }))
    }
    return Schema.decodeUnknownEffect(schema)(json.success, { onExcessProperty: "error", errors: "all" }).pipe(
      Effect.mapError((error) => {
        const [{ message, path = [] }] = issues(error.issue).issues
        const keys = path.map((part) => (typeof part === "object" ? part.key : part))
        const value = keys.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], json.success)
        return new ConfigError({
          field: keys.join(".") || "the configuration",
          value: value === undefined ? "missing" : JSON.stringify(value),
          // The schema's sentences begin with the word that a ConfigError says itself.
          expected: message.replace(/^Expected /, "")
        })
      })
    )
  })

const updateOf = (run: SupervisedRun | GroupRelativeRun) => ({
  optimizer: run.optimizer ?? adam,
  schedule: run.schedule,
  clipNorm: run.clipNorm ?? 1,
  attributionEvery: run.attributionEvery ?? 20,
  ...(run.microBatches === undefined ? {} : { microBatches: run.microBatches })
})

/** The trainer that a configuration of `sft` or `dft` describes. */
export const supervised = (name: (typeof SUPERVISED_NAMES)[number], run: SupervisedRun): SupervisedConfig => {
  const { objective, ...preset } = Presets.supervised[name]
  const restricted = run.restrict === undefined ? objective : Objective.restrict(objective, run.restrict)
  return { ...preset, ...updateOf(run), objective: restricted, batchSize: run.batchSize }
}

const aggregationOf = (name: typeof AggregationChoice.Type, maxTokens: number): Aggregate.Aggregation =>
  name === "seq-mean-token-sum-norm" ? Aggregate.seqMeanTokenSumNorm(maxTokens) : { _tag: name }

const klOf = (choice: typeof KlChoice.Type): Kl.Placement => {
  switch (choice._tag) {
    case "None":
      return Kl.none
    case "InReward":
      return Kl.inReward(choice)
    case "InLoss":
      return Kl.inLoss(choice)
  }
}

const advantageOf = (choice: typeof AdvantageChoice.Type): AdvantageRule => {
  switch (choice._tag) {
    case "GroupRelative":
      return Advantage.groupRelative(choice)
    case "LeaveOneOut":
      return Advantage.rloo()
    case "Reinforce":
      return Advantage.reinforce(choice)
    case "NegativeReinforcement":
      return negativeReinforcement(choice.kind, choice)
  }
}

/** The trainer that a configuration of reinforcement learning describes: the preset of that name with the fields given. */
export const groupRelative = (name: (typeof GROUP_RELATIVE_NAMES)[number], run: GroupRelativeRun): GroupRelativeConfig => {
  const preset: Presets.GroupRelativePreset = Presets.groupRelative(run.maxTokens)[name]
  const { advantage, aggregation, clipHigh, clipLow, dualClip, kl, referenceEvery } = run
  const clip = {
    ...(clipLow === undefined ? {} : { clipLow }),
    ...(clipHigh === undefined ? {} : { clipHigh }),
    ...(dualClip === undefined ? {} : { dualClip })
  }
  const surrogate = { ...preset.objective, ...clip } as Objective.Objective
  const entropyCoefficient = run.entropyCoefficient ?? preset.entropyCoefficient
  // A bonus on the other sub-policy's tokens would train it: where the reward is restricted, so is the bonus.
  const reward = run.restrict === undefined
    ? { objective: surrogate, entropyCoefficient }
    : {
      objective: Objective.restrict(objectiveOf({ objective: surrogate, kl: Kl.none, entropyCoefficient }), run.restrict),
      entropyCoefficient: 0
    }
  return {
    ...preset,
    ...updateOf(run),
    queries: run.queries,
    miniBatchQueries: run.miniBatchQueries ?? run.queries,
    groupSize: run.groupSize ?? preset.groupSize,
    epochs: run.epochs ?? preset.epochs,
    sampling: { ...preset.sampling, temperature: run.temperature ?? preset.sampling.temperature },
    ...reward,
    advantage: advantage === undefined ? preset.advantage : advantageOf(advantage),
    kl: kl === undefined ? preset.kl : klOf(kl),
    aggregation: aggregation === undefined ? preset.aggregation : aggregationOf(aggregation, run.maxTokens),
    maskTruncated: run.maskTruncated ?? preset.maskTruncated,
    maskZeroVariance: run.maskZeroVariance ?? preset.maskZeroVariance,
    ...(referenceEvery === undefined ? {} : { referenceEvery })
  }
}
