/**
 * Takes a response apart into attempts and decisions (this paper, section 3.1 and appendix E).
 *
 * A revision marker ends the attempt before it. An attempt is the text up to and including its candidate answer; the decision is
 * what follows, up to the next attempt's text: RESAMPLE if a marker stands there, STOP at the end.
 */
import type { Decision } from "../../domain/Decision.ts"
import { announcedCandidates, closingCandidate, type Candidate } from "./Candidates.ts"
import { findMarkers, type Marker } from "./Markers.ts"
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

const segmentsOf = (text: string, markers: ReadonlyArray<Marker>): ReadonlyArray<Segment> =>
  Array.from({ length: markers.length + 1 }, (_, i) => ({
    start: i === 0 ? 0 : markers[i - 1]!.end,
    end: markers[i]?.start ?? text.length,
    marker: markers[i]
  }))

/**
 * Takes a response apart.
 *
 * A segment's candidate is the last one that is announced in it, else its closing "= …". Only where the whole response announces
 * and closes nothing does the last number of each segment count. A marker before the first candidate belongs to the first attempt,
 * and markers without a candidate between them are one decision.
 */
export const takeApart = (text: string, markers: RegExp): TakenApart => {
  const segments = segmentsOf(text, findMarkers(text, markers))
  const announced = announcedCandidates(text)
  const candidateOf = ({ end, start }: Segment): Candidate | undefined =>
    announced.findLast((candidate) => candidate.start >= start && candidate.end <= end) ?? closingCandidate(text, start, end)
  const bareNumber = ({ end, start }: Segment): Candidate | undefined => {
    const last = lastNumeral(text, start, end)
    return last === undefined ? undefined : { start: last.start, end: last.end, answer: last.value }
  }
  const explicit = segments.map(candidateOf)
  const candidates = explicit.some((candidate) => candidate !== undefined) ? explicit : segments.map(bareNumber)
  const reached = candidates.flatMap((candidate, i) => (candidate === undefined ? [] : [{ candidate, segment: segments[i]! }]))
  const isUnfinished = reached.at(-1)?.segment.marker !== undefined
  return {
    isUnfinished,
    attempts: reached.map(({ candidate, segment }, k) => ({
      start: k === 0 ? 0 : segment.start,
      end: candidate.end,
      candidate,
      decision: k + 1 < reached.length || isUnfinished ? "RESAMPLE" : "STOP",
      marker: segment.marker
    }))
  }
}
