/**
 * Words and networks of one's own, by modules that a configuration names: what they export is looked at before anything is computed with it.
 *
 * @module
 */
import { Context, Effect, Layer } from "effect"
import type { ConfigError } from "../domain/Errors.ts"
import type { Grammar } from "../domain/Grammar.ts"
import { buildExport, guarded, lacking, type ModuleReference } from "../domain/ModuleReference.ts"
import type { Policy } from "../domain/Policy.ts"
import type { Sampler } from "../domain/Sampler.ts"
import type { Tokenizer } from "../domain/Tokenizer.ts"
import type { Architecture } from "./architecture/Architecture.ts"
import type { Backprop } from "./Backprop.ts"
import { Device } from "./device/Device.ts"
import { type Words, wordsContext } from "./grammar/Words.ts"
import type { Placement } from "./policy/Placement.ts"
import { policyContext } from "./policy/PolicyServices.ts"
import { makePolicy, type PassLimits } from "./policy/TransformerPolicy.ts"

/** What a model of one's own is made of; every weight is trained. `limits` is how much is computed at once, 4,096 tokens and 128 rows unless told. */
export interface OwnModel {
  readonly words: Words
  readonly architecture: Architecture
  readonly limits?: PassLimits
}

const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 1

const isSets = (vocabulary: number) => (sets: unknown): boolean =>
  Array.isArray(sets) &&
  sets.every((set) =>
    Array.isArray(set) && set.length > 0 && set.every((token) => Number.isInteger(token) && token >= 0 && token < vocabulary)
  )

/** What words of one's own lack: their three services, and sets that are empty or name tokens that there are none of. */
const whatWordsLack = (made: unknown): string | undefined => {
  const whole = lacking(made, [])
  if (whole !== undefined) return whole
  const { grammar, placement, tokenizer } = made as Readonly<Record<keyof Words, unknown>>
  const inTokenizer = lacking(tokenizer, ["encode", "pieces"], { vocabulary: isCount })
  if (inTokenizer !== undefined) return `tokenizer: ${inTokenizer}`
  const sets = isSets((tokenizer as Words["tokenizer"]).vocabulary)
  const inGrammar = lacking(grammar, ["prompt", "open", "read", "write", "render"], { sets })
  if (inGrammar !== undefined) return `grammar: ${inGrammar}`
  const inPlacement = lacking(placement, ["largestOffset", "prompt", "at"], { positions: isCount, segments: isCount })
  return inPlacement === undefined ? undefined : `placement: ${inPlacement}`
}

const WORDS = { what: "words: { tokenizer, grammar, placement }", lacks: whatWordsLack }

const watched = (field: string, reference: ModuleReference, { grammar, placement, tokenizer }: Words): Words => ({
  tokenizer: guarded(field, reference, tokenizer, ["encode", "pieces"], ["vocabulary"]),
  grammar: guarded(field, reference, grammar, ["prompt", "open", "read", "write", "render"], ["sets", "writesText"]),
  placement: guarded(field, reference, placement, ["largestOffset", "prompt", "at"], ["positions", "segments"])
})

/** The words that a module's export `words` makes. */
export const ownWords = (reference: ModuleReference): Effect.Effect<Words, ConfigError> =>
  Effect.map(buildExport<Words>("model.words", reference, "words", WORDS), (made) => watched("model.words", reference, made))

const isEntry = (entry: unknown): boolean => {
  if (typeof entry !== "object" || entry === null) return false
  const { name, offset, shape, size } = entry as Readonly<Record<string, unknown>>
  return typeof name === "string" && Number.isInteger(offset) && isCount(size) && Array.isArray(shape) && shape.every(isCount) &&
    (shape as ReadonlyArray<number>).reduce((product, side) => product * side, 1) === size
}

const isLayout = (layout: unknown): boolean => {
  if (typeof layout !== "object" || layout === null) return false
  const { count, entries } = layout as Readonly<Record<string, unknown>>
  return isCount(count) && Array.isArray(entries) && entries.every(isEntry) &&
    (entries as ReadonlyArray<{ readonly size: number }>).reduce((sum, { size }) => sum + size, 0) === count
}

const isMatrices = (count: number) => (matrices: unknown): boolean =>
  matrices === undefined || (Array.isArray(matrices) && matrices.every((matrix: unknown) => {
    const { columns, offset, rows, stride } = (matrix ?? {}) as Readonly<Record<string, number>>
    return [columns, rows, stride].every(isCount) && Number.isInteger(offset) && offset! >= 0 && stride! >= columns! &&
      offset! + (rows! - 1) * stride! + columns! <= count
  }))

const isCache = (cache: unknown): boolean => {
  if (typeof cache !== "object" || cache === null) return false
  const { heads, keyHeads = heads, layers, width } = cache as Readonly<Record<string, number>>
  return [heads, keyHeads, layers, width].every(isCount) && (width! % heads!) + (heads! % keyHeads!) === 0
}

const isLimits = (limits: unknown): boolean => {
  if (limits === undefined) return true
  const { rows, tokens } = (limits ?? {}) as Readonly<Record<string, unknown>>
  return isCount(rows) && isCount(tokens)
}

const whatModelLacks = (made: unknown): string | undefined => {
  const whole = lacking(made, [], { limits: isLimits })
  if (whole !== undefined) return whole
  const { architecture, words } = made as Readonly<Record<keyof OwnModel, unknown>>
  const inWords = whatWordsLack(words)
  if (inWords !== undefined) return `words: ${inWords}`
  const inArchitecture = lacking(architecture, ["initialize", "logits"], { layout: isLayout, cache: isCache }) ??
    lacking(architecture, [], { matrices: isMatrices((architecture as OwnModel["architecture"]).layout.count) })
  return inArchitecture === undefined ? undefined : `architecture: ${inArchitecture}`
}

const MODEL = { what: "a model: { words, architecture, limits? }", lacks: whatModelLacks }

/** The words and the network that a module's export `model` makes. */
export const ownModel = (reference: ModuleReference): Effect.Effect<OwnModel, ConfigError> =>
  Effect.map(buildExport<OwnModel>("model", reference, "model", MODEL), (made) => ({
    ...made,
    words: watched("model", reference, made.words),
    architecture: guarded("model", reference, made.architecture, ["initialize", "logits"], ["layout", "cache", "matrices"])
  }))

/** Layer of a model of one's own on the device at hand. */
export const layerOwnModel = (
  reference: ModuleReference
): Layer.Layer<Sampler | Policy | Backprop | Tokenizer | Grammar | Placement, ConfigError, Device> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const device = yield* Device
      const { architecture, limits, words } = yield* ownModel(reference)
      const speech = { grammar: words.grammar, placement: words.placement, vocabulary: words.tokenizer.vocabulary }
      return Context.merge(policyContext(makePolicy(speech, device, architecture, undefined, limits)), wordsContext(words))
    })
  )
