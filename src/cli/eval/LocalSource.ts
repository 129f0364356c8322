/**
 * A pretrained model's files as whom `eval` asks. Loaded when it is asked for: servers need no tensors.
 *
 * @module
 */
import { Effect, Layer, Option } from "effect"
import { ConfigError } from "../../domain/Errors.ts"
import { failing } from "../../domain/Throws.ts"
import * as ModelLayer from "../../model/ModelLayer.ts"
import { openModel } from "../../model/pretrained/PretrainedModel.ts"
import { adapterField } from "../AdapterFlag.ts"
import { computedOf } from "../ComputedFlags.ts"
import { openTrained } from "../TrainedRun.ts"
import * as LocalModel from "./LocalModel.ts"
import { checkSampling, type Source, type SourceFlags } from "./Source.ts"

/** Prompts sampled side by side by a model's files: four times the rows that are written at once, so that ended ones are refilled. */
const TOGETHER = 128

/** The room that a prompt is given beside `--max-tokens`. */
const PROMPT_ROOM = 1024

/** A model's files, or what a run of `train` made of them. */
export const localSource = Effect.fnUntraced(function* (flags: SourceFlags) {
  const checkpoint = Option.getOrUndefined(flags.checkpoint)
  const trained = checkpoint === undefined ? undefined : yield* openTrained(checkpoint, Option.getOrUndefined(flags.model))
  const made = trained?.spec
  const path = Option.getOrUndefined(flags.model) ?? made?.path
  if (path === undefined) return yield* new ConfigError({ field: "--model", value: "missing", expected: "a model's files" })
  const { maxTokens, system, temperature } = flags
  yield* failing([ConfigError], () => checkSampling(flags))
  const model = yield* openModel(path)
  const spec = {
    ...(made ?? { _tag: "Pretrained" as const }),
    path,
    ...adapterField(flags.adapter),
    // A trained model's words are its run's: the message that it was trained with.
    ...(Option.isSome(system) ? { system: system.value } : {}),
    positions: Math.min(model.config.context, maxTokens + PROMPT_ROOM)
  }
  const name = checkpoint ?? path
  const local = LocalModel.layer({
    name,
    settings: {
      temperature,
      maxTokens,
      ...adapterField(flags.adapter),
      ...(trained?.file === undefined ? {} : { checkpoint: trained.file }),
      ...(Option.isSome(system) ? { system: system.value } : {})
    },
    sampling: { temperature, topK: 0, topP: 1, maxTokens },
    logProbs: flags.logProbs,
    together: TOGETHER,
    ...(trained?.parameters === undefined ? {} : { parameters: trained.parameters })
  })
  const computed = yield* computedOf(flags)
  return {
    layer: Layer.provide(local, ModelLayer.layer(spec, computed)),
    name,
    concurrency: TOGETHER,
    ...(made?.markers === undefined ? {} : { markers: made.markers })
  } satisfies Source
})
