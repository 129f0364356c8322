/**
 * A grammar so small that all its trajectories can be listed: prompts `P` (answers of one symbol) and `Q` (of two), then
 * up to `maxAttempts` of `=`, the symbols, and STOP or RESAMPLE.
 *
 * @module
 */
import { Effect, Layer } from "effect"
import { TokenizerError } from "../domain/Errors.ts"
import type { SampleRequest } from "../domain/Policy.ts"
import { type Cursor, type Slot, Tokenizer, type TokenizerService } from "../domain/Tokenizer.ts"
import type { Span } from "../domain/Trajectory.ts"

/** How many symbols, how many attempts, and whether an attempt sees those before it. */
export interface TinyGrammar {
  readonly symbols: number
  readonly maxAttempts: number
  readonly context: "markov" | "history"
}

/** Two symbols, two attempts, each blind to the one before. */
export const tinyGrammar: TinyGrammar = { symbols: 2, maxAttempts: 2, context: "markov" }

const [P, Q, EQUALS, STOP, RESAMPLE, FIRST_SYMBOL] = [0, 1, 2, 3, 4, 5]

/** The prompts of the grammar: an answer of one symbol, and of two after a longer prompt. */
export const tinyPrompts: ReadonlyArray<ReadonlyArray<number>> = [[P], [Q, Q]]

/** Makes the Tokenizer of a tiny grammar. It has no text: prompts are given as tokens. */
export const makeTiny = ({ context, maxAttempts, symbols }: TinyGrammar): TokenizerService => {
  const answers = Array.from({ length: symbols }, (_, i) => FIRST_SYMBOL + i)
  const widthOf = (prompt: ReadonlyArray<number>) => (prompt[0] === P ? 1 : 2)

  const slotAt = (width: number, offset: number, index: number): Slot => {
    const [attempt, place] = [Math.floor(index / (width + 2)), index % (width + 2)]
    return {
      position: offset + place,
      segment: 1 + (context === "markov" ? 0 : attempt),
      group: context === "markov" ? attempt + 1 : 0,
      allowed: place === 0 ? -1 : place <= width ? 0 : 1,
      token: EQUALS
    }
  }

  const cursor = (width: number, offset: number, index: number): Cursor => ({
    slot: slotAt(width, offset, index),
    advance: (token) => {
      if (token === STOP) return { slot: "stop", advance: () => cursor(width, offset, index) }
      if (token === RESAMPLE && index + 1 === maxAttempts * (width + 2)) return { slot: "cap", advance: () => cursor(width, offset, index) }
      return cursor(width, offset, index + 1)
    }
  })

  const unworded = (input: string) => Effect.fail(new TokenizerError({ input, position: 0, problem: "the tiny grammar has no text" }))

  return {
    vocabulary: ["P", "Q", "=", "STOP", "RESAMPLE", ...answers.map((_, i) => "abc"[i])],
    allowedSets: [answers, [STOP, RESAMPLE]],
    positions: 6,
    segments: 1 + (context === "markov" ? 1 : maxAttempts),
    encodePrompt: unworded,
    encode: ({ prompt }) => unworded(prompt),
    decode: () => unworded(""),
    largestOffset: (prompt) => 6 - (widthOf(prompt) + 2),
    open: (prompt, offset) => cursor(widthOf(prompt), offset, 0),
    layout: ({ offset, promptLength, tokens }) => {
      const width = widthOf(tokens)
      const slots = tokens.map((token, i): Slot =>
        i < promptLength ? { position: offset + i, segment: 0, group: 0, allowed: -1, token } : slotAt(width, offset, i - promptLength)
      )
      const column = (field: "position" | "segment" | "group" | "allowed") => Int32Array.from(slots, (slot) => slot[field])
      return { positions: column("position"), segments: column("segment"), groups: column("group"), allowed: column("allowed") }
    },
    spans: ({ promptLength, tokens }) => {
      const width = widthOf(tokens)
      const spans: Array<Span> = []
      for (let start = promptLength + 1; start < tokens.length; start += width + 2) {
        const end = Math.min(start + width, tokens.length)
        spans.push({ kind: "sample", start, end, answer: tokens.slice(start, end).join(" ") })
        if (end < tokens.length) {
          spans.push({ kind: "decision", start: end, end: end + 1, action: tokens[end] === STOP ? "STOP" : "RESAMPLE" })
        }
      }
      const last = tokens[tokens.length - 1]
      const isCapped = last === RESAMPLE && tokens.length - promptLength === maxAttempts * (width + 2)
      return { spans, ending: last === STOP ? "stop" : isCapped ? "cap" : "truncated" }
    }
  }
}

/** Layer of the Tokenizer of a tiny grammar. */
export const layerTiny = (grammar: TinyGrammar): Layer.Layer<Tokenizer> => Layer.succeed(Tokenizer, makeTiny(grammar))

/** Lists the token sequences of all finished trajectories of a prompt. */
export const enumerateTrajectories = (tokenizer: TokenizerService, { offset, prompt }: Omit<SampleRequest, "seed">) => {
  const found: Array<{ readonly tokens: ReadonlyArray<number>; readonly promptLength: number; readonly offset: number }> = []
  const visit = (tokens: ReadonlyArray<number>, { advance, slot }: Cursor): void => {
    if (typeof slot === "string") {
      found.push({ tokens, promptLength: prompt.length, offset })
      return
    }
    const choices = slot.allowed < 0 ? [slot.token] : tokenizer.allowedSets[slot.allowed]
    for (const token of choices) visit([...tokens, token], advance(token))
  }
  visit(prompt, tokenizer.open(prompt, offset))
  return found
}
