/**
 * The service that knows the form of a trajectory: how a query becomes a prompt, what may follow what, where an attempt ends
 * and a decision is made, and how finished tokens are read.
 *
 * @module
 */
import { Context, type Result } from "effect"
import type { Decision } from "./Decision.ts"
import type { TokenizerError } from "./Errors.ts"
import type { Query } from "./Query.ts"
import type { Tokens } from "./Tokenizer.ts"
import type { Ending, Span } from "./Trajectory.ts"

/**
 * Who writes the next token: the policy among all tokens (`Free`) or among those of one set (`Among`), nobody because the
 * grammar forces it (`Forced`), or nothing comes any more (`Ended`).
 *
 * `also` names a second set that finished tokens may have been taken from, although a sampler never does: the verdicts of a
 * pretrained verifier stand where decisions do.
 */
export type Next =
  | { readonly _tag: "Free" }
  | { readonly _tag: "Among"; readonly set: number; readonly also?: number }
  | { readonly _tag: "Forced"; readonly token: number }
  | { readonly _tag: "Ended"; readonly ending: Ending }

/**
 * A place in a trajectory that is being written: what comes next, in which attempt (from 0), and at which place of it (from 0).
 * Folding `advance` over finished tokens gives every token's place and choice, so the grammar is written once.
 */
export interface Cursor {
  readonly next: Next
  readonly attempt: number
  readonly place: number
  readonly advance: (token: number) => Cursor
}

/** Finished tokens of which the first `promptLength` are the prompt. */
export interface Written {
  readonly tokens: Tokens
  readonly promptLength: number
}

/** What finished tokens say: the spans of answers (with their texts) and decisions, and how it ended. */
export interface Reading {
  readonly spans: ReadonlyArray<Span>
  readonly ending: Ending
}

/**
 * An attempt to be written: its answer as text, and the decision after it; without one the trajectory breaks off there. A `verdict`
 * stands where the decision would and decides nothing: it says whether the answer is right, to pretrain a verifier.
 */
export interface WrittenAttempt {
  readonly answer: string
  /** What precedes the answer where a grammar writes text: its working, to be followed by an announcement of the answer. */
  readonly working?: string
  /** The whole text of the attempt where a grammar writes text, from its beginning to its candidate with what closes it; in place of `working`. */
  readonly text?: string
  readonly decision?: Decision
  readonly verdict?: boolean
}

/** A trajectory as text. `pieces` are the texts of the tokens after the prompt where, joined, they are the response. */
export interface Rendered {
  readonly prompt: string
  readonly response: string
  readonly pieces?: ReadonlyArray<string>
}

/** What a grammar does. All of it is pure; what cannot be put into words is a TokenizerError. */
export interface GrammarService {
  /** Sets of token ids among which a choice is made: softmax runs over one of these. */
  readonly sets: ReadonlyArray<Tokens>
  /** Answers are written as text: with the `working` or `text` of a WrittenAttempt. Left out: bare. */
  readonly writesText?: boolean
  /** Token ids of a query's prompt; a chat template belongs here. */
  readonly prompt: (query: Pick<Query, "prompt">) => Result.Result<Tokens, TokenizerError>
  /** Opens the trajectory of a prompt for writing. */
  readonly open: (prompt: Tokens) => Cursor
  /** The spans and the ending of finished tokens. */
  readonly read: (written: Written) => Result.Result<Reading, TokenizerError>
  /** The tokens of given attempts at a query: the inverse of `prompt` and `read`. */
  readonly write: (
    query: Pick<Query, "prompt">,
    attempts: ReadonlyArray<WrittenAttempt>
  ) => Result.Result<Written & Reading, TokenizerError>
  /** A trajectory as people read it. */
  readonly render: (written: Written) => Result.Result<Rendered, TokenizerError>
}

/** The service tag; `ArithmeticGrammar` in `model` is the layer for arithmetic. */
export class Grammar extends Context.Service<Grammar, GrammarService>()("decision-sampling/domain/Grammar") {}
