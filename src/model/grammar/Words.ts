/**
 * Words: what a model of small grammars speaks. Codec, grammar and placement belong together, so they are made together.
 *
 * @module
 */
import { Context, Layer } from "effect"
import { ConfigError } from "../../domain/Errors.ts"
import { Grammar, type GrammarService } from "../../domain/Grammar.ts"
import { failing } from "../../domain/Throws.ts"
import { Tokenizer, type TokenizerService } from "../../domain/Tokenizer.ts"
import { Placement, type PlacementService } from "../policy/Placement.ts"

/** A codec, a grammar and a placement that fit each other. */
export interface Words {
  readonly tokenizer: TokenizerService
  readonly grammar: GrammarService
  readonly placement: PlacementService
}

/** Words as the three services. */
export const wordsContext = ({ grammar, placement, tokenizer }: Words): Context.Context<Tokenizer | Grammar | Placement> =>
  Context.make(Tokenizer, tokenizer).pipe(Context.add(Grammar, grammar), Context.add(Placement, placement))

/** Layer of words that a function makes; a ConfigError that it throws is the layer's. */
export const layerWords = (make: () => Words): Layer.Layer<Tokenizer | Grammar | Placement, ConfigError> =>
  Layer.effectContext(
    failing([ConfigError], () => wordsContext(make()))
  )
