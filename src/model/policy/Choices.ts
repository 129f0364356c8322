/**
 * What finished tokens were chosen from, and where they stand: the fold of the grammar's cursor over a trajectory.
 *
 * @module
 */
import { PolicyError } from "../../domain/Errors.ts"
import type { Cursor, GrammarService, Next } from "../../domain/Grammar.ts"
import type { ScoredTokens } from "../../domain/Policy.ts"
import type { Tokens } from "../../domain/Tokenizer.ts"
import type { Place, PlacementService } from "./Placement.ts"

/** The words of a model: what scoring and sampling read of them. */
export interface Speech {
  readonly vocabulary: number
  readonly grammar: GrammarService
  readonly placement: PlacementService
}

/** No choice: the prompt, and tokens that the grammar forces. */
export const NO_CHOICE = -1

/**
 * The sets that choices are made from by number: the grammar's, and after them all tokens of the vocabulary, from which a `Free`
 * token is taken.
 */
export const choiceSets = ({ grammar, vocabulary }: Pick<Speech, "grammar" | "vocabulary">): ReadonlyArray<Tokens> => [
  ...grammar.sets,
  Array.from({ length: vocabulary }, (_, token) => token)
]

/** The number of the set that a token may be taken from; NO_CHOICE where the grammar forces it or nothing comes. */
export const setOf = (next: Next, grammar: Pick<GrammarService, "sets">): number =>
  next._tag === "Among" ? next.set : next._tag === "Free" ? grammar.sets.length : NO_CHOICE

/** Vocabularies from this size on are scored and drawn from by the device; of fewer tokens the host is as fast. */
export const LARGE = 1024

/** Whether all choices of these sets are among all tokens of a large vocabulary. */
export const areAmongAll = (setIds: Iterable<number>, { grammar, vocabulary }: Speech): boolean => {
  if (vocabulary < LARGE) return false
  for (const setId of setIds) if (setId !== NO_CHOICE && setId !== grammar.sets.length) return false
  return true
}

/** Every token's place and choice, each array of shape [tokens]. */
export interface Placed {
  readonly positions: Int32Array
  readonly segments: Int32Array
  readonly groups: Int32Array
  /** The set that the token was chosen from (`choiceSets`); NO_CHOICE where nothing was chosen. */
  readonly sets: Int32Array
}

const refuse = (operation: string, problem: string, advice: string): never => {
  throw new PolicyError({ operation, reason: "Mismatch", problem, advice })
}

const refuseToken = (operation: string, { vocabulary }: Speech, token: number | undefined, t: number, row: number): never =>
  refuse(
    operation,
    `token ${t} of trajectory ${row} is ${token}, the vocabulary has ${vocabulary} tokens`,
    "Use the tokenizer that made the trajectory"
  )

/** Throws a PolicyError unless a token's place is in the placement's tables. */
const assertPlace = (operation: string, { placement }: Speech, { position, segment }: Place, t: number, row: number): void => {
  if (!(position >= 0 && position < placement.positions)) {
    refuse(
      operation,
      `token ${t} of trajectory ${row} has position ${position}, the table has ${placement.positions}`,
      "Use an offset of at most Placement.largestOffset, or more positions"
    )
  }
  if (!(segment >= 0 && segment < placement.segments)) {
    refuse(
      operation,
      `token ${t} of trajectory ${row} has segment ${segment}, the table has ${placement.segments}`,
      "Raise the placement's number of segments"
    )
  }
}

/** The places of a prompt's tokens. Throws PolicyError for tokens and places that are none; `row` names the trajectory in it. */
export const placePrompt = (operation: string, speech: Speech, prompt: Tokens, offset: number, row: number): ReadonlyArray<Place> => {
  const places = speech.placement.prompt(prompt, offset)
  for (let t = 0; t < prompt.length; t++) {
    const token = prompt[t]!
    if (!(token >= 0 && token < speech.vocabulary)) refuseToken(operation, speech, token, t, row)
    assertPlace(operation, speech, places[t]!, t, row)
  }
  return places
}

/** The set that a finished token was taken from. Throws a PolicyError for one that the grammar does not allow there. */
const chosenFrom = (operation: string, speech: Speech, { next }: Cursor, token: number, t: number, row: number): number => {
  const { grammar, vocabulary } = speech
  if (!(token >= 0 && token < vocabulary)) return refuseToken(operation, speech, token, t, row)
  switch (next._tag) {
    case "Free":
      return grammar.sets.length
    case "Among":
      if (grammar.sets[next.set]?.includes(token)) return next.set
      if (next.also !== undefined && grammar.sets[next.also]?.includes(token)) return next.also
      break
    case "Forced":
      if (token === next.token) return NO_CHOICE
      break
    case "Ended":
      return refuse(operation, `token ${t} of trajectory ${row} comes after the end`, "Use the grammar that made the trajectory")
  }
  return refuse(
    operation,
    `token ${t} of trajectory ${row} is ${token}, which the grammar does not allow there`,
    "Use the grammar that made the trajectory"
  )
}

/** Lays out a finished trajectory. Throws PolicyError for tokens that do not fit the words; `row` names the trajectory in it. */
export const placeTokens = (operation: string, speech: Speech, { offset, promptLength, tokens }: ScoredTokens, row: number): Placed => {
  const { grammar, placement } = speech
  const length = tokens.length
  const placed: Placed = {
    positions: new Int32Array(length),
    segments: new Int32Array(length),
    groups: new Int32Array(length),
    sets: new Int32Array(length).fill(NO_CHOICE)
  }
  const put = (t: number, { group, position, segment }: Place): void => {
    placed.positions[t] = position
    placed.segments[t] = segment
    placed.groups[t] = group
  }
  const prompt = tokens.slice(0, promptLength)
  placePrompt(operation, speech, prompt, offset, row).forEach((place, t) => put(t, place))
  let cursor = grammar.open(prompt)
  for (let t = promptLength; t < length; t++) {
    const token = tokens[t]!
    placed.sets[t] = chosenFrom(operation, speech, cursor, token, t, row)
    const place = placement.at(prompt, offset, cursor)
    assertPlace(operation, speech, place, t, row)
    put(t, place)
    cursor = cursor.advance(token)
  }
  return placed
}
