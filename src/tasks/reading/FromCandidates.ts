/**
 * Takes a response apart by candidates that somebody else listed, a model say. Only what stands in the text counts; its values are read by the
 * grader, and what is between two of them by the lexicon, exactly as in `takeApart`.
 *
 * @module
 */
import type { GraderService, Value } from "../../domain/Grader.ts"
import { number } from "../grading/Numbers.ts"
import type { Markers } from "./Markers.ts"
import type { Piece } from "./Pieces.ts"
import { type CandidateQuote, placeQuotes } from "./PlaceQuotes.ts"
import { type Event, scan } from "./Scan.ts"
import { finish, makeAttempts } from "./Attempts.ts"
import type { Candidate } from "./Candidate.ts"
import type { ReadingOptions, TakenApart } from "./TakeApart.ts"

/** The candidates of a piece of a text, in its order. */
export interface CandidateList extends Piece {
  readonly candidates: ReadonlyArray<CandidateQuote>
}

/** A response taken apart by listed candidates. */
export interface FromCandidates extends TakenApart {
  /** How many candidates were listed. */
  readonly listed: number
  /** Those that do not occur in the text, or not in this order. */
  readonly invented: number
  /** Those that occur, but are no value of the grader's kind. */
  readonly unread: number
}

/** The candidates of a text that was read in one piece. */
export const listOf = (text: string, candidates: ReadonlyArray<CandidateQuote>): CandidateList => ({
  from: 0,
  to: text.length,
  keptFrom: 0,
  keptTo: text.length,
  candidates
})

/** Whether a list tells anything: one of which nothing stands in the text does not. */
export const isOfUse = ({ attempts, listed }: FromCandidates): boolean => listed === 0 || attempts.length > 0

const NUMBER = /^-?\d+(?:\.\d+)?$/
const UNIT = /^\s?[^\d\s+*^=\\][^\d+*^=\\]*$/u

// Whoever copies "65 км/ч" takes the unit along: words end a number that begins a stretch, but are a part of what a wrapper holds.
const valueAt = (grader: GraderService, text: string, start: number, end: number): Value | undefined => {
  const begun = grader.value(text, start, end, "begun")
  const isNumber = begun !== undefined && NUMBER.test(begun.answer) && UNIT.test(text.slice(begun.end, end))
  return isNumber ? begun : grader.value(text, start, end, "wrapped")
}

type Between = Exclude<Event, { readonly type: "stretch" }>

/**
 * Takes a response apart by the candidates of its pieces. Runs of one value without a marker between are one attempt; what follows the end of
 * the text about the question (an invented next one) is left out. Time is linear in the length of the text for lists of bounded length.
 */
export const fromCandidates = (
  text: string,
  lists: ReadonlyArray<CandidateList>,
  markers: Markers,
  { grader = number, isTruncated = false, turns }: ReadingOptions = {}
): FromCandidates => {
  const scanned = scan(text, markers, turns)
  const { end, isThinking } = scanned
  let [listed, invented, unread] = [0, 0, 0]
  const candidates = lists.flatMap(({ candidates: quotes, from, keptFrom, keptTo, to }): ReadonlyArray<Candidate> => {
    const found = placeQuotes(text.slice(from, to), quotes)
    listed += quotes.length
    invented += found.invented
    return found.placed.flatMap((place): ReadonlyArray<Candidate> => {
      const start = place.start + from
      if (start < keptFrom || start >= keptTo || start >= end) return []
      const value = valueAt(grader, text, start, place.end + from)
      if (value !== undefined) return [{ ...value, strength: 3, how: "model", at: place.at + from, isAsked: false }]
      unread++
      return []
    })
  })
  const between = scanned.events.filter((event): event is Between => event.type !== "stretch")
  const attempts = makeAttempts(text, scanned.saidFrom)
  const pass = (event: Between): void => {
    if (event.type === "said") attempts.cross(undefined)
    else if (event.type === "turn") attempts.turn(event.start)
    else attempts.mark(event.marker)
  }
  let next = 0
  for (const candidate of candidates) {
    while (next < between.length && between[next]!.start < candidate.start) pass(between[next++]!)
    attempts.accept(candidate)
  }
  while (next < between.length) pass(between[next++]!)
  const lastEvent = between.at(-1)
  const lastMarker = lastEvent?.type === "marker" ? lastEvent.marker : undefined
  return { ...finish(text, attempts, isTruncated || isThinking, lastMarker, end), isThinking, end, listed, invented, unread }
}
