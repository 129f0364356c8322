/**
 * Placement: which position and segment embeddings a token gets, and which earlier tokens it sees. It belongs to the architecture;
 * what the tokens mean is the grammar's.
 *
 * @module
 */
import { Context, Layer, Schema } from "effect"
import { ConfigError } from "../../domain/Errors.ts"
import type { Cursor } from "../../domain/Grammar.ts"
import { failing } from "../../domain/Throws.ts"
import type { Tokens } from "../../domain/Tokenizer.ts"

/**
 * The place of one token: the embeddings that its input gets, and what it sees.
 *
 * A token of group g sees the earlier tokens of group 0 (the prompt) and of its own group: group numbers that differ
 * from attempt to attempt make the policy Markov in the theory's sense, one number for all gives it the full history.
 */
export interface Place {
  readonly position: number
  readonly segment: number
  readonly group: number
}

/** `markov`: an attempt sees the query alone, a decision sees the query and its attempt; `history`: both see all before. */
export const AttemptContext = Schema.Literals(["markov", "history"])
export type AttemptContext = typeof AttemptContext.Type

/** What a placement does. `offset` shifts all position ids (see `Trajectory.offset`). */
export interface PlacementService {
  /** How many position ids and segment ids there are. */
  readonly positions: number
  readonly segments: number
  /** The largest `offset` with which a trajectory of this prompt still fits the position table; 0 where nothing shifts. */
  readonly largestOffset: (prompt: Tokens) => number
  /** The places of a prompt's tokens. */
  readonly prompt: (prompt: Tokens, offset: number) => ReadonlyArray<Place>
  /** The place of the token that a cursor is at. */
  readonly at: (prompt: Tokens, offset: number, cursor: Pick<Cursor, "attempt" | "place">) => Place
}

/** The service tag. */
export class Placement extends Context.Service<Placement, PlacementService>()("decision-sampling/model/Placement") {}

/** How many position ids there are, what attempts see of each other, and how many attempts there may be (segments of the full history). */
export interface PlacementConfig {
  readonly positions: number
  readonly context: AttemptContext
  readonly maxAttempts: number
}

/** Throws ConfigError for a number of positions that is none. */
export const assertPositions = (positions: number): void => {
  if (Number.isInteger(positions) && positions >= 1) return
  throw new ConfigError({ field: "placement.positions", value: String(positions), expected: "a whole number of at least 1" })
}

/**
 * Places tokens one after the other: the prompt's from 0 on, an attempt's from the prompt's end on, each attempt anew in a Markov
 * context. Segments: the prompt is 0, attempts are 1 (Markov) or 1 + attempt (history).
 */
export const sequencePlacement = ({ context, maxAttempts, positions }: PlacementConfig): PlacementService => {
  assertPositions(positions)
  const isMarkov = context === "markov"
  return {
    positions,
    segments: 1 + (isMarkov ? 1 : maxAttempts),
    largestOffset: () => 0,
    prompt: (prompt) => prompt.map((_, i) => ({ position: i, segment: 0, group: 0 })),
    at: (prompt, _offset, { attempt, place }) => ({
      position: prompt.length + place,
      segment: isMarkov ? 1 : 1 + attempt,
      group: isMarkov ? attempt + 1 : 0
    })
  }
}

/** Layer of a sequence's placement. Fails with ConfigError for a number of positions that is none. */
export const layerSequence = (config: PlacementConfig): Layer.Layer<Placement, ConfigError> =>
  Layer.effect(Placement, failing([ConfigError], () => sequencePlacement(config)))
