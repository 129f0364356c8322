/**
 * Takes a response apart into attempts and decisions (this paper, section 3.1 and appendix E).
 *
 * A revision marker ends the attempt before it. An attempt is the text up to and including its candidate answer; the decision is
 * what follows, up to the next attempt's text: RESAMPLE if a marker stands there, STOP at the end.
 *
 * @module
 */
import type { Decision } from "../../domain/Decision.ts"
import { announcedCandidates, type Candidate, closingCandidate } from "./Candidates.ts"
import { findMarkers, type Marker, type Markers } from "./Markers.ts"
import { lastNumeral } from "./Numeral.ts"

/** One attempt: text[start, end) ends with its candidate; `marker` is what took it back. */
export interface AttemptSpan {
  readonly start: number
  readonly end: number
  readonly candidate: Candidate
  readonly decision: Decision
  readonly marker: Marker | undefined
}

/** A response taken apart. `isUnfinished`: it takes its last candidate back and gives no other. */
export interface TakenApart {
  readonly attempts: ReadonlyArray<AttemptSpan>
  readonly isUnfinished: boolean
}

interface Segment {
  readonly start: number
  readonly end: number
  /** The marker that ends the segment. */
  readonly marker: Marker | undefined
}

const segmentsOf = (text: string, markers: ReadonlyArray<Marker>): ReadonlyArray<Segment> => {
  const segments: Array<Segment> = []
  let start = 0
  for (const marker of markers) {
    segments.push({ start, end: marker.start, marker })
    start = marker.end
  }
  segments.push({ start, end: text.length, marker: undefined })
  return segments
}

// For each segment the last candidate that is announced in it, else its closing "= …". Both lists are in the order of the text.
const explicitCandidates = (text: string, segments: ReadonlyArray<Segment>): Array<Candidate | undefined> => {
  const announced = announcedCandidates(text)
  let next = 0
  return segments.map(({ end, start }) => {
    let last: Candidate | undefined
    for (let found = announced[next]; found !== undefined && found.start < end; found = announced[++next]) {
      if (found.start >= start && found.end <= end) last = found
    }
    return last ?? closingCandidate(text, start, end)
  })
}

const bareNumber = (text: string, { end, start }: Segment): Candidate | undefined => {
  const last = lastNumeral(text, start, end)
  return last === undefined ? undefined : { start: last.start, end: last.end, answer: last.value }
}

/**
 * Takes a response apart.
 *
 * A segment's candidate is the last one that is announced in it, else its closing "= …". Only where the whole response announces
 * and closes nothing does the last number of each segment count. A marker before the first candidate belongs to the first attempt,
 * and markers without a candidate between them are one decision.
 */
export const takeApart = (text: string, markers: Markers): TakenApart => {
  const segments = segmentsOf(text, findMarkers(text, markers))
  const explicit = explicitCandidates(text, segments)
  const candidates = explicit.some((candidate) => candidate !== undefined) ? explicit : segments.map((segment) => bareNumber(text, segment))
  const last = candidates.findLastIndex((candidate) => candidate !== undefined)
  const isUnfinished = segments[last]?.marker !== undefined
  const attempts: Array<AttemptSpan> = []
  for (const [i, { marker, start }] of segments.entries()) {
    const candidate = candidates[i]
    if (candidate === undefined) continue
    attempts.push({
      start: attempts.length === 0 ? 0 : start,
      end: candidate.end,
      candidate,
      decision: i < last || isUnfinished ? "RESAMPLE" : "STOP",
      marker
    })
  }
  return { attempts, isUnfinished }
}
