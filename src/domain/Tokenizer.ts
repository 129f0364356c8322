/**
 * The service that knows the words: token ids, and the grammar that says what may follow what.
 *
 * @module
 */
import { Context, type Effect } from "effect"
import type { TokenizerError } from "./Errors.ts"
import type { Ending, Span } from "./Trajectory.ts"

/**
 * The place of one token: the embeddings that its input gets, which earlier tokens it sees, and who chooses it.
 *
 * A token of group g sees the earlier tokens of group 0 (the prompt) and of its own group: group numbers that differ
 * from attempt to attempt make the policy Markov in the theory's sense, one number for all gives it the full history.
 */
export interface Slot {
  readonly position: number
  readonly segment: number
  readonly group: number
  /** Index into {@link TokenizerService.allowedSets}; −1: nobody chooses, the grammar forces `token`. */
  readonly allowed: number
  /** The forced token where `allowed` is −1. */
  readonly token: number
}

/** A place in a trajectory that is being written. `slot` is the next token's, or the ending when there is none. */
export interface Cursor {
  readonly slot: Slot | Ending
  readonly advance: (token: number) => Cursor
}

/** The slots of a whole token sequence as arrays, each of shape [tokens]. */
export interface Layout {
  readonly positions: Int32Array
  readonly segments: Int32Array
  readonly groups: Int32Array
  readonly allowed: Int32Array
}

/** What a layout is asked for. `offset` shifts all position ids (see `Trajectory.offset`). */
export interface LayoutRequest {
  readonly tokens: ReadonlyArray<number>
  readonly promptLength: number
  readonly offset: number
}

/** What a tokenizer knows: words, the grammar of trajectories, and the way to text and back. */
export interface TokenizerService {
  /** The text of every token; its length is the vocabulary size. */
  readonly vocabulary: ReadonlyArray<string>
  /** Sets of token ids among which a choice is made: softmax runs over one of these. */
  readonly allowedSets: ReadonlyArray<ReadonlyArray<number>>
  /** How many position ids and segment ids there are. */
  readonly positions: number
  readonly segments: number
  /** Token ids of a prompt's text. */
  readonly encodePrompt: (prompt: string) => Effect.Effect<ReadonlyArray<number>, TokenizerError>
  /** Token ids of a prompt and its response; the inverse of `decode`. */
  readonly encode: (text: { readonly prompt: string; readonly response: string }) => Effect.Effect<
    { readonly tokens: ReadonlyArray<number>; readonly promptLength: number },
    TokenizerError
  >
  /** The text of a trajectory's tokens. */
  readonly decode: (trajectory: { readonly tokens: ReadonlyArray<number>; readonly promptLength: number }) => Effect.Effect<
    { readonly prompt: string; readonly response: string },
    TokenizerError
  >
  /** The largest `offset` with which a trajectory of this prompt still fits the position table. */
  readonly largestOffset: (prompt: ReadonlyArray<number>) => number
  /** Opens the trajectory of a prompt for writing. */
  readonly open: (prompt: ReadonlyArray<number>, offset: number) => Cursor
  /** The slots of finished tokens. */
  readonly layout: (request: LayoutRequest) => Layout
  /** The spans and the ending of finished tokens, with the answer of every attempt as text. */
  readonly spans: (request: Omit<LayoutRequest, "offset">) => { readonly spans: ReadonlyArray<Span>; readonly ending: Ending }
}

/** The service tag; `ArithmeticTokenizer` in `training` is the layer for multiplication. */
export class Tokenizer extends Context.Service<Tokenizer, TokenizerService>()("decision-sampling/domain/Tokenizer") {}
