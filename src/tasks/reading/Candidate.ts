/**
 * Candidate answers, and what reading a text needs to know.
 *
 * @module
 */
import type { GraderService, Value } from "../../domain/Grader.ts"
import type { AskedExpression } from "../StatedProduct.ts"
import type { Announced, Scan } from "./Scan.ts"

/**
 * How much a candidate claims to be the answer: 3 announced as such, 2 concluded about the whole, 1.5 concluded, 1 the end of an equation, less
 * the last number of a stretch.
 */
export interface Candidate extends Value {
  readonly strength: number
  readonly how: Announced
  /** Where what puts it forward begins. */
  readonly at: number
  /** It is the value of the very expression that the prompt asks for. */
  readonly isAsked: boolean
}

/** What reading a text needs to know. */
export interface Context {
  readonly text: string
  readonly scan: Scan
  readonly grader: GraderService
  readonly asked: AskedExpression | undefined
}

/** A sentence is looked at so far. */
export const LONGEST_SENTENCE = 300

const firstAtOrAfter = (places: ReadonlyArray<number>, at: number): number => {
  let low = 0
  let high = places.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (places[middle]! < at) low = middle + 1
    else high = middle
  }
  return low
}

/** So many places of a stretch are looked at closely: one whose last ones all come to nothing is no working that comes to a result. */
export const MOST_PLACES = 200

/** The places in [from, to), the last first, at most `most` of them. */
export function* backwards(
  places: ReadonlyArray<number>,
  from: number,
  to: number,
  most: number = MOST_PLACES
): Generator<readonly [place: number, next: number | undefined]> {
  const last = firstAtOrAfter(places, to) - 1
  for (let i = last; i >= 0 && i > last - most && places[i]! >= from; i--) yield [places[i]!, places[i + 1]]
}

/** Tells whether text[from, to) is short and has neither letter nor digit. */
export const isBare = (text: string, from: number, to: number): boolean => to - from < 24 && !/[\p{L}\d]/u.test(text.slice(from, to))

/** Tells whether nothing but markup and punctuation follows a candidate in its stretch. */
export const endsStretch = (text: string, { end }: Candidate, to: number): boolean => isBare(text, end, to)
