/**
 * Revisions on the way to an announced answer.
 *
 * What was put forward before a doubt and came to the final answer after it was an answer too, though nothing announced it. Steps that are corrected
 * on the way come to other values, and once the final answer has been reached, other values are of checks and of other ways to it.
 *
 * @module
 */
import type { Found } from "./Announced.ts"
import type { Candidate } from "./Candidate.ts"
import type { Segment } from "./Segments.ts"

// Where a value stands first as a word or number of its own.
const firstPlaceOf = (text: string, value: string): number => {
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
    const isApart = !/[\p{L}\d.]$/u.test(text.slice(Math.max(0, at - 1), at)) &&
      !/^(?:[\p{L}\d]|[.,]\d)/u.test(text.slice(at + value.length, at + value.length + 2))
    if (isApart) return at
  }
  return text.length
}

// More segments are a loop, not a thought.
const MOST_SEGMENTS = 2000

const isTurning = ({ opener }: Segment): boolean => opener?.type === "marker" && opener.marker.kind !== "check"

const isOfCheck = ({ opener }: Segment): boolean => opener?.type === "marker" && opener.marker.kind === "check"

const OPERATION = /(\d[\d\s.,]*(?:[-−–+*/×÷·⋅][\d\s.,]*)+)=\s*\$?$/u
const REWORKED = /^[^=\n]{0,60}?(\d[\d\s.,]*(?:[-−–+*/×÷·⋅][\d\s.,]*)+)=\s*\$?(\d[\d.,]*(?<![.,]))/u
const LHS = 60

// "12 × 9 = 98. No, 12 × 9 = 108. So the volume is …": a step is worked out again, not the answer.
const isStep = (text: string, { start: at }: Candidate, { end, start }: Segment, final: Candidate): boolean => {
  const left = OPERATION.exec(text.slice(Math.max(0, at - LHS), at))?.[1]
  const again = left === undefined ? null : REWORKED.exec(text.slice(start, Math.min(end, start + 2 * LHS)))
  return again !== null && again[1]!.replace(/\s/g, "") === left!.replace(/\s/g, "") && again[2]!.replaceAll(",", "") !== final.answer
}

/** How segments without an announced answer are looked at. */
export interface Looks {
  /** The best candidate of a segment. */
  readonly weakOf: (found: Found) => Candidate | undefined
  /** What a segment comes to. */
  readonly closingOf: (found: Found) => Candidate | undefined
}

/** Finds the candidates of segments that a doubt revised into the final answer, and those that it was revised into. */
export const revisionsOf = (
  text: string,
  found: ReadonlyArray<Found>,
  final: Candidate | undefined,
  { closingOf, weakOf }: Looks
): ReadonlyMap<Found, Candidate> => {
  const revised = new Map<Found, Candidate>()
  const canTurn = found.some((each, k) => each.strong.length === 0 && found[k + 1] !== undefined && isTurning(found[k + 1]!.segment))
  if (final === undefined || !canTurn || found.length > MOST_SEGMENTS) return revised
  const written = [text.slice(final.start, final.end), final.answer]
  const reached = Math.min(...written.map((value) => firstPlaceOf(text, value)))
  // Where the final answer stands first in any form; asked only where something was revised, as it looks at all that comes before.
  let stated: number | undefined
  const isStatedBefore = (place: number): boolean => {
    stated ??= found.find((each) => each.strong[0]?.answer === final.answer || weakOf(each)?.answer === final.answer)?.segment.end ??
      text.length
    return place > stated
  }
  for (const [k, each] of found.entries()) {
    if (each.segment.end > reached) break
    const next = found[k + 1]
    // What a check computes is no answer, unless it is the asked value, which is found otherwise.
    if (next === undefined || !isTurning(next.segment) || each.strong.length > 0 || isOfCheck(each.segment)) continue
    const before = closingOf(each)
    if (before === undefined || before.answer === final.answer) continue
    // Of doubts that follow each other at once the last opens the revision.
    const after = found.slice(k + 1, k + 4).find((other, n) =>
      (n === 0 || other.segment.opener?.type === "marker") && (other.strong.length > 0 || closingOf(other) !== undefined)
    )
    const revision = after === undefined ? undefined : after.strong[0] ?? closingOf(after)
    if (after === undefined || revision === undefined || revision.answer !== final.answer) continue
    if (isStatedBefore(each.segment.end)) break
    if (isStep(text, before, after.segment, final)) continue
    revised.set(each, { ...before, strength: 2 })
    if (after.strong.length === 0) revised.set(after, { ...revision, strength: 2 })
  }
  return revised
}
