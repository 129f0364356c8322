/**
 * The configuration of a run as a JSON file: which task and model, how long, and the trainer's settings. A field that is
 * unknown, missing or wrong is an error that names it.
 *
 * @module
 */
import { Effect, Result, Schema } from "effect"
import { ConfigError, type Fault } from "../domain/Errors.ts"
import { RewardSpec } from "../domain/RewardSpec.ts"
import { SamplerSpec } from "../domain/SamplerSpec.ts"
import { assertNone, configErrorOf } from "../domain/SchemaFaults.ts"
import { caught, failing } from "../domain/Throws.ts"
import { DEVICE_CHOICES } from "../model/device/DeviceName.ts"
import { PRODUCT_CHOICES } from "../model/device/Products.ts"
import { ModelSpec } from "../model/ModelSpec.ts"
import { TaskSpec } from "../tasks/TaskSpec.ts"
import { Count, CountFromZero, Probability, Steps, StepsFromZero } from "./Bounds.ts"
import { GroupRelativeSettings, SupervisedSettings } from "./TrainerSettings.ts"

const run = {
  seed: Schema.Int,
  steps: Steps,
  checkpointEvery: Steps,
  /** A checkpoint whose parameters the run starts from; left out: fresh ones. */
  start: Schema.optionalKey(Schema.NonEmptyString),
  /** What is asked. */
  task: TaskSpec,
  /** Words and network. */
  model: ModelSpec,
  /** What answers are worth; left out: 1 for a right final answer, else 0. */
  reward: Schema.optionalKey(RewardSpec),
  /** What computes; left out: wasm. Devices round differently, so it is part of the result. */
  device: Schema.optionalKey(Schema.Literals(DEVICE_CHOICES)),
  /** What multiplies matrices on the device wasm, part of the result as the device is; left out: `auto`, a BLAS of the machine where there is one. */
  products: Schema.optionalKey(Schema.Literals(PRODUCT_CHOICES)),
  /** Parts of a batch that threads compute; they are part of the result (order of summation). Left out: 1, in this thread. */
  shards: Schema.optionalKey(Count)
}

const WrongAttempts = { wrongAttempts: Schema.optionalKey(Schema.Literals(["trained", "context"])) }
const MaxAttempts = { maxAttempts: Schema.optionalKey(Count) }

/**
 * Where demonstrations come from; `slip` is the teacher's error rate a digit. `corrections` has, with probability `rate`, 1 to `wrong`
 * wrong attempts before the right one. `expert` has no teacher: the `start` model's own answers to so many problems, RESAMPLE after each
 * wrong one and STOP after the right one. `maxAttempts` is the most attempts of a demonstration; left out: the words' own cap, of text 4.
 * `wrongAttempts`: `context` are seen and not learnt; left out: trained. `maxTokens` is the most of a model's own response that is text.
 */
const Demonstrations = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("none"), slip: Probability }),
  Schema.Struct({ kind: Schema.Literal("echo"), slip: Probability, resampleRate: Probability, ...MaxAttempts, ...WrongAttempts }),
  Schema.Struct({
    kind: Schema.Literal("corrections"),
    slip: Probability,
    rate: Probability,
    wrong: Count,
    ...MaxAttempts,
    ...WrongAttempts
  }),
  Schema.Struct({ kind: Schema.Literal("pretraining"), slip: Probability, taught: Count, corrupted: CountFromZero }),
  Schema.Struct({
    kind: Schema.Literal("expert"),
    problems: Count,
    answers: Count,
    maxTokens: Schema.optionalKey(Count),
    ...MaxAttempts,
    ...WrongAttempts
  })
])

/** The configuration of `train sft` and `train dft`. */
export const SupervisedRun = Schema.Struct({ ...run, ...SupervisedSettings.fields, demonstrations: Demonstrations })
export type SupervisedRun = typeof SupervisedRun.Type

/** The configuration of reinforcement learning; what is left out is the preset's. */
export const GroupRelativeRun = Schema.Struct({
  ...run,
  ...GroupRelativeSettings.fields,
  /** Write the rollouts of every so many steps into the run's folder; left out, or 0: of none. */
  rolloutsEvery: Schema.optionalKey(StepsFromZero),
  /** The engine that samples rollouts; left out: the model itself. */
  sampler: Schema.optionalKey(SamplerSpec)
})
export type GroupRelativeRun = typeof GroupRelativeRun.Type

/**
 * Reads a configuration from JSON text; the error names every field that is wrong, with its path. `locate` may put paths in it into place before it
 * is decoded; `further` finds faults that no single field shows, of what was decoded if all of it was; they are told together with those.
 */
export const decode = <A, I>(
  schema: Schema.Codec<A, I>,
  text: string,
  locate: (json: unknown) => unknown = (json) => json,
  further: (json: unknown, decoded?: A) => ReadonlyArray<Fault> = () => []
): Effect.Effect<A, ConfigError> =>
  Effect.suspend(() => {
    const json = caught([SyntaxError, RangeError], (): unknown => locate(JSON.parse(text)))
    if (Result.isFailure(json)) {
      return Effect.fail(
        new ConfigError({
          field: "the configuration",
          value: json.failure instanceof RangeError ? "nested too deeply" : "no JSON",
          expected: `JSON (${json.failure.message})`
        })
      )
    }
    return Schema.decodeUnknownEffect(schema)(json.success, { onExcessProperty: "error", errors: "all" }).pipe(
      Effect.mapError((error) => configErrorOf(error, json.success, "the configuration", further(json.success))),
      Effect.tap((decoded) => failing([ConfigError], () => assertNone(further(json.success, decoded))))
    )
  })
