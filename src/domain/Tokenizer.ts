/**
 * The service that knows the words: text to token ids and back. What may follow what is the {@link Grammar}'s.
 *
 * @module
 */
import { Context, type Result } from "effect"
import type { TokenizerError } from "./Errors.ts"

/** Token ids. */
export type Tokens = ReadonlyArray<number>

/** A codec of text. */
export interface TokenizerService {
  /** Number of tokens; ids run from 0 to vocabulary − 1. */
  readonly vocabulary: number
  /** Token ids of a text. */
  readonly encode: (text: string) => Result.Result<Tokens, TokenizerError>
  /** The text of each token; joined they are the text of all. */
  readonly pieces: (tokens: Tokens) => Result.Result<ReadonlyArray<string>, TokenizerError>
}

/** The service tag. */
export class Tokenizer extends Context.Service<Tokenizer, TokenizerService>()("decision-sampling/domain/Tokenizer") {}
