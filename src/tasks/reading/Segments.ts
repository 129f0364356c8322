/**
 * A text in segments: from one marker, turn or end of thoughts to the next.
 *
 * @module
 */
import type { Marker } from "./Markers.ts"
import type { Scan, Stretch } from "./Scan.ts"

/** What a segment begins after; undefined at the beginning of the text. */
export type Opener =
  | { readonly type: "marker"; readonly marker: Marker }
  | { readonly type: "turn" }
  | { readonly type: "said" }
  | undefined

/** A stretch between two openers, and what is announced in it. */
export interface Segment {
  readonly start: number
  readonly end: number
  readonly opener: Opener
  readonly stretches: ReadonlyArray<Stretch>
}

/** Cuts a text into its segments. */
export const segmentsOf = ({ end, events }: Scan): ReadonlyArray<Segment> => {
  const segments: Array<Segment> = []
  let start = 0
  let opener: Opener
  let stretches: Array<Stretch> = []
  const close = (at: number): void => {
    segments.push({ start, end: at, opener, stretches })
    stretches = []
  }
  for (const event of events) {
    if (event.type === "stretch") {
      stretches.push(event)
      continue
    }
    close(event.start)
    start = event.type === "marker" ? event.marker.end : event.type === "said" ? event.end : event.start
    opener = event.type === "marker" ? { type: "marker", marker: event.marker } : { type: event.type }
  }
  close(end)
  return segments
}
