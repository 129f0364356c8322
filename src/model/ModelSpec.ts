/**
 * A model as a serialisable value that builds its layer: in this thread, in any worker thread, from a configuration file. A layer
 * cannot cross to another thread; a spec can.
 *
 * @module
 */
import { Effect, Layer, Schema } from "effect"
import { ConfigError } from "../domain/Errors.ts"
import type { Grammar } from "../domain/Grammar.ts"
import type { Policy } from "../domain/Policy.ts"
import type { Sampler } from "../domain/Sampler.ts"
import type { Tokenizer } from "../domain/Tokenizer.ts"
import { ModuleReference } from "../domain/ModuleReference.ts"
import { failing } from "../domain/Throws.ts"
import { TransformerConfig } from "./architecture/Transformer.ts"
import type { Backprop } from "./Backprop.ts"
import type { Device, DeviceError } from "./device/Device.ts"
import * as ArithmeticGrammar from "./grammar/ArithmeticGrammar.ts"
import * as CountdownGrammar from "./grammar/CountdownGrammar.ts"
import { singleTurn } from "./grammar/SingleTurn.ts"
import { type Words, wordsContext } from "./grammar/Words.ts"
import type { Placement } from "./policy/Placement.ts"
import { layerOwnModel, ownModel, ownWords } from "./OwnModel.ts"
import * as PretrainedPolicy from "./policy/PretrainedPolicy.ts"
import * as TransformerPolicy from "./policy/TransformerPolicy.ts"
import type { ModelFileError } from "./pretrained/ModelFileError.ts"

/** One answer and no decision (`SingleTurn`); left out: decisions. */
const turns = { singleTurn: Schema.optionalKey(Schema.Boolean) }

/**
 * The words that a model speaks. `Module` is a grammar of one's own: a module whose export `words` makes them of the settings, see
 * `Words`.
 */
export const WordsSpec = Schema.Union([
  Schema.Struct({ _tag: Schema.tag("Arithmetic"), ...ArithmeticGrammar.ArithmeticConfig.fields, ...turns }),
  Schema.Struct({ _tag: Schema.tag("Countdown"), ...CountdownGrammar.CountdownWordsConfig.fields, ...turns }),
  Schema.Struct({ _tag: Schema.tag("Module"), ...ModuleReference.fields, ...turns })
])
export type WordsSpec = typeof WordsSpec.Type

/** A column transformer: its words, its sizes, and how much it computes at once (left out: `TransformerPolicy.defaultLimits`). */
export const ColumnsSpec = Schema.Struct({
  _tag: Schema.tag("Columns"),
  words: WordsSpec,
  transformer: TransformerConfig,
  limits: Schema.optionalKey(Schema.Struct({ tokens: Schema.Int, rows: Schema.Int }))
})

/** A pretrained language model, by its files. */
export const PretrainedSpec = Schema.Struct({ _tag: Schema.tag("Pretrained"), ...PretrainedPolicy.PretrainedConfig.fields })

/** A model of one's own: a module whose export `model` makes its words and its network of the settings, see `OwnModel`. */
export const OwnModelSpec = Schema.Struct({ _tag: Schema.tag("Module"), ...ModuleReference.fields })

/** A model. */
export const ModelSpec = Schema.Union([ColumnsSpec, PretrainedSpec, OwnModelSpec])
export type ModelSpec = typeof ModelSpec.Type

const plainWords = (spec: WordsSpec): Effect.Effect<Words, ConfigError> => {
  switch (spec._tag) {
    case "Arithmetic":
      return failing([ConfigError], () => ArithmeticGrammar.make(spec))
    case "Countdown":
      return failing([ConfigError], () => CountdownGrammar.make(spec))
    case "Module":
      return ownWords(spec)
  }
}

/** Makes the words of a spec. */
export const wordsOf = (spec: WordsSpec): Effect.Effect<Words, ConfigError> =>
  Effect.map(plainWords(spec), (words) => (spec.singleTurn === true ? { ...words, grammar: singleTurn(words.grammar) } : words))

/** Layer of words of small grammars. */
export const layerWords = (spec: WordsSpec): Layer.Layer<Tokenizer | Grammar | Placement, ConfigError> =>
  Layer.effectContext(Effect.map(wordsOf(spec), wordsContext))

/** Layer of the words that a model speaks. */
export const layerSpeech = (spec: ModelSpec): Layer.Layer<Tokenizer | Grammar | Placement, ConfigError | ModelFileError> => {
  switch (spec._tag) {
    case "Columns":
      return layerWords(spec.words)
    case "Pretrained":
      return PretrainedPolicy.layerWords(spec)
    case "Module":
      return Layer.effectContext(Effect.map(ownModel(spec), ({ words }) => wordsContext(words)))
  }
}

/** Layer of a model on the device at hand: its words and its policy. */
export const layer = (
  spec: ModelSpec
): Layer.Layer<Sampler | Policy | Backprop | Tokenizer | Grammar | Placement, ConfigError | DeviceError | ModelFileError, Device> => {
  switch (spec._tag) {
    case "Columns":
      return TransformerPolicy.layer(spec.transformer, spec.limits).pipe(Layer.provideMerge(layerWords(spec.words)))
    case "Pretrained":
      return PretrainedPolicy.layer(spec)
    case "Module":
      return layerOwnModel(spec)
  }
}
