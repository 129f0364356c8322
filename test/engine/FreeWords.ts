/** Free text over 32 tokens that ends with token 2, in at most 20 tokens with the prompt. */
import { Layer, Result } from "effect"
import { type Cursor, Grammar, type GrammarService } from "../../src/domain/Grammar.ts"
import { Tokenizer } from "../../src/domain/Tokenizer.ts"

/** How many tokens there are. */
export const VOCABULARY = 32
/** The token that ends a text. */
export const END = 2
/** The most tokens of prompt and text. */
export const ROOM = 20

const cursor = (room: number): Cursor => ({
  next: room <= 0 ? { _tag: "Ended", ending: "truncated" } : { _tag: "Free" },
  attempt: 0,
  place: 0,
  advance: (token) => (token === END ? { ...cursor(0), next: { _tag: "Ended", ending: "stop" } } : cursor(room - 1))
})

/** The grammar. */
export const freeGrammar: GrammarService = {
  sets: [],
  prompt: () => Result.succeed([5, 6]),
  open: (prompt) => cursor(ROOM - prompt.length),
  read: ({ promptLength, tokens }) =>
    Result.succeed({
      spans: [{ kind: "sample", start: promptLength, end: tokens.length }],
      ending: tokens.at(-1) === END ? "stop" : "truncated"
    }),
  write: () => Result.succeed({ tokens: [], promptLength: 0, spans: [], ending: "stop" }),
  render: () => Result.succeed({ prompt: "", response: "" })
}

/** The words as a layer. */
export const freeWords = Layer.mergeAll(
  Layer.succeed(Grammar, freeGrammar),
  Layer.succeed(Tokenizer, { vocabulary: VOCABULARY, encode: () => Result.succeed([]), pieces: () => Result.succeed([]) })
)
