/**
 * Takes a response apart into attempts and decisions (this paper, section 3.1 and appendix E).
 *
 * An attempt is the text up to and including its candidate answer; the decision is what follows, up to the next attempt's text: RESAMPLE if
 * another candidate is put forward, STOP if none is. Between two candidates stands a marker of reflection, another turn of the model, or nothing:
 * an announced answer that changes is taken back too, only without a word ("unmarked"). A marker that no other candidate follows is a check.
 *
 * @module
 */
import type { GraderService } from "../../domain/Grader.ts"
import { number } from "../grading/Numbers.ts"
import type { AskedExpression } from "../StatedProduct.ts"
import { announcedBy, bareNumber, findIn, type Found } from "./Announced.ts"
import { type Attempts, type AttemptSpan, finish, makeAttempts } from "./Attempts.ts"
import { type Candidate, type Context, endsStretch } from "./Candidate.ts"
import { askedCandidate, isSameLeft, tests } from "./Equations.ts"
import type { Marker, Markers } from "./Markers.ts"
import { type Looks, revisionsOf } from "./Revisions.ts"
import { type Scan, scan } from "./Scan.ts"
import { segmentsOf } from "./Segments.ts"
import { firstLineCandidate, lastLineCandidate, wholeCandidate } from "./Standalone.ts"
import { openingCandidate, statedCandidate } from "./Statements.ts"
import { weakCandidate } from "./Unannounced.ts"

export type { AttemptSpan } from "./Attempts.ts"

/** A response taken apart. */
export interface TakenApart {
  readonly attempts: ReadonlyArray<AttemptSpan>
  /** It breaks off after it has taken its last candidate back. */
  readonly isUnfinished: boolean
  /** A thought was opened and never closed: it was cut off, whatever its flags say. */
  readonly isThinking: boolean
  /** Checks and doubts after which the answer stood, without being given again. */
  readonly checks: number
  /** Changes of an announced answer without a marker. */
  readonly unmarked: number
  /** Where the text about the question ends. */
  readonly end: number
}

/** How a text is read. */
export interface ReadingOptions {
  readonly grader?: GraderService
  /** The expression whose value the prompt asks for, if it asks for one. */
  readonly asked?: AskedExpression | undefined
  /** Offsets at which further turns of the model begin. */
  readonly turns?: ReadonlyArray<number> | undefined
  /** The token limit cut it off, so that a decision after its last candidate may not be seen. */
  readonly isTruncated?: boolean
}

// What is looked at for the strongest candidate where nothing is announced; a loop goes on in its own way.
const MOST_LOOKED_AT = 4096

// What is stated before a check may have been a step: it gives way to conclusions, not to equations.
const weaker = (candidate: Candidate | undefined): Candidate | undefined =>
  candidate === undefined || candidate.strength < 2 ? undefined : { ...candidate, strength: 1.4 }

const makeLooks = (context: Context, isCut: boolean, turns: ReadonlyArray<number> | undefined): Looks => {
  const { grader, scan: { end: textEnd, events, saidFrom } } = context
  const known = new Map<Found["segment"], Candidate | undefined>()
  const turnPlaces = new Set(turns ?? [])
  // What is checked was put forward.
  const beforeChecks = new Set(
    events.flatMap((event) => (event.type === "marker" && event.marker.kind === "check" ? [event.start] : []))
  )
  const look = ({ results, segment: { end, start } }: Found): Candidate | undefined => {
    // A turn ends as a text does.
    const isLastPart = end === textEnd || turnPlaces.has(end)
    const best = weakCandidate(context, start, end, () => [
      ...results,
      isLastPart ? lastLineCandidate(context, start, end) : undefined,
      isLastPart && !isCut ? statedCandidate(context, start, end) : undefined,
      isLastPart || !beforeChecks.has(end) ? undefined : weaker(statedCandidate(context, start, end)),
      ...(start === 0 || start === saidFrom ? [openingCandidate(context, start), firstLineCandidate(context, start, end)] : [])
    ])
    // The last line of what was cut off is a step on the way.
    return isCut && isLastPart && best !== undefined && best.strength < 2 ? undefined : best
  }
  const weakOf = (found: Found): Candidate | undefined => {
    if (!known.has(found.segment)) known.set(found.segment, look(found))
    return known.get(found.segment)
  }
  return {
    weakOf,
    closingOf: (found) => {
      const { end, start } = found.segment
      const weak = weakOf(found)
      return grader.kind === "text" || (weak !== undefined && weak.strength >= 2) ? weak : statedCandidate(context, start, end) ?? weak
    }
  }
}

// What is said in the end is the answer, in whatever words.
const withSaid = (context: Context, found: ReadonlyArray<Found>, isCut: boolean, { weakOf }: Looks): ReadonlyArray<Found> => {
  const { saidFrom } = context.scan
  const isSaid = ({ segment: { start } }: Found): boolean => saidFrom > 0 && start >= saidFrom
  if (isCut || saidFrom === 0 || found.some((each) => isSaid(each) && each.strong.length > 0)) return found
  return found.map((each) => {
    if (!isSaid(each)) return each
    const { segment } = each
    const best = wholeCandidate(context, segment.start, segment.end) ?? weakOf(each) ?? bareNumber(context, segment)
    return best === undefined ? each : { ...each, strong: [{ ...best, strength: 3 }] }
  })
}

/** What the candidates of the whole text say of one that nothing announces. */
interface Standing {
  /** The strength that such a candidate needs: 3 where anything is announced. */
  readonly base: number
  /** The number of the last segment with an announced answer; −1 without one. */
  readonly lastStrong: number
  readonly final: Candidate | undefined
}

// Whether a candidate that nothing announces is an attempt.
const isEligible = (
  { text }: Context,
  { base, final, lastStrong }: Standing,
  attempts: Attempts,
  candidate: Candidate,
  { segment: { end, opener } }: Found,
  k: number,
  isFollowed: boolean
): boolean => {
  const current = attempts.current()
  const pending = attempts.pending()
  if (current === undefined) {
    return base === 3 ? candidate.strength >= 2 && isFollowed && candidate.how !== "emphasis" : candidate.strength >= base
  }
  if (pending === undefined) return base < 3 && candidate.strength >= base && opener === undefined
  if (candidate.isAsked) return true
  if (pending.kind === "turn") return candidate.strength >= 1
  // On the way to an announced answer most values are steps: only a return to it is told from them.
  if (k < lastStrong && candidate.answer !== final?.answer) return false
  const isNew = candidate.answer !== current.answer && !tests(text, candidate, current.answer)
  const isLast = endsStretch(text, candidate, end)
  if (pending.kind === "check") {
    // The same left side worked out again is a recomputation; other equations are the check's own.
    return isNew && (candidate.how === "equation" ? isSameLeft(text, candidate, current) : candidate.strength >= 2 && isLast)
  }
  return isNew && (candidate.strength >= 2 || isLast || (base < 3 && candidate.strength >= base))
}

const isCheck = ({ segment: { opener } }: Found): boolean => opener?.type === "marker" && opener.marker.kind === "check"

// The last number of each segment, where the whole text has nothing better. What was announced and could not be read as a value is not replaced by
// a number out of it.
const acceptNumbers = (context: Context, found: ReadonlyArray<Found>, attempts: Attempts): void => {
  const { text } = context
  const isRefused = found.some(({ segment }) =>
    segment.stretches.some(({ from, isWrapped, to }) => isWrapped || /\d/.test(text.slice(from, to)))
  )
  if (isRefused) return
  for (const each of found) {
    const { opener } = each.segment
    if (opener?.type === "marker") attempts.mark(opener.marker)
    const candidate = isCheck(each) && attempts.current() !== undefined ? undefined : bareNumber(context, each.segment)
    if (candidate !== undefined) attempts.accept(candidate)
  }
}

const lastMarkerOf = (found: ReadonlyArray<Found>): Marker | undefined => {
  const opener = found.at(-1)?.segment.opener
  return opener?.type === "marker" ? opener.marker : undefined
}

const standingOf = (found: ReadonlyArray<Found>, isCut: boolean, { weakOf }: Looks): Standing => {
  const lastStrong = found.findLastIndex(({ strong }) => strong.length > 0)
  const last = found.at(-1)
  return {
    base: lastStrong >= 0 ? 3 : Math.max(0, ...found.slice(0, MOST_LOOKED_AT).map((each) => Math.min(2, weakOf(each)?.strength ?? 0))),
    lastStrong,
    final: found[lastStrong]?.strong.at(-1) ?? (isCut || last === undefined ? undefined : weakOf(last))
  }
}

const acceptAll = (context: Context, found: ReadonlyArray<Found>, isCut: boolean, looks: Looks, attempts: Attempts): void => {
  const standing = standingOf(found, isCut, looks)
  const revisions = revisionsOf(context.text, found, standing.final, looks)
  for (const [k, each] of found.entries()) {
    const { segment: { opener, start }, strong } = each
    if (opener?.type === "said") {
      // Thoughts without an announced answer come to what they end with.
      const thought = found[k - 1]
      const isOpen = attempts.current() === undefined && thought !== undefined && !isCheck(thought)
      attempts.cross(isOpen ? looks.closingOf(thought) : undefined)
    } else if (opener?.type === "turn") attempts.turn(start)
    else if (opener?.type === "marker") attempts.mark(opener.marker)
    if (strong.length > 0) {
      for (const candidate of strong) attempts.accept(candidate)
      continue
    }
    const revision = revisions.get(each)
    if (revision !== undefined && (attempts.current() === undefined || attempts.pending() !== undefined)) {
      attempts.accept(revision)
      continue
    }
    // In most texts everything is announced, and nothing else is looked at.
    const isFollowed = k + 1 < found.length
    if (standing.base === 3 && !isFollowed && attempts.pending() === undefined) continue
    const candidate = looks.weakOf(each)
    if (candidate !== undefined && isEligible(context, standing, attempts, candidate, each, k, isFollowed)) attempts.accept(candidate)
  }
}

// A text that is one value and nothing else: no sentence and no equation states one.
const wholeText = (context: Context, found: ReadonlyArray<Found>, scanned: Scan, { weakOf }: Looks): Candidate | undefined => {
  const [only] = found
  if (only === undefined || found.length > 1 || only.strong.length > 0 || (weakOf(only)?.strength ?? 0) >= 1) return undefined
  return wholeCandidate(context, 0, scanned.end)
}

const only = (candidate: Candidate, { end, isThinking }: Scan): TakenApart => ({
  attempts: [{ start: 0, end: candidate.end, candidate, decision: "STOP", marker: undefined }],
  isUnfinished: false,
  isThinking,
  checks: 0,
  unmarked: 0,
  end
})

// Most responses put one answer forward and stop: nothing is doubted, nobody thinks aloud, and there is one announcement, or the asked expression worked
// out at the end. What follows comes to the same.
const simply = (context: Context): TakenApart | undefined => {
  const { scan: scanned, text } = context
  const [event] = scanned.events
  if (scanned.events.length > 1 || scanned.saidFrom > 0) return undefined
  if (event === undefined) {
    const asked = askedCandidate(context, 0, scanned.end)
    return asked !== undefined && endsStretch(text, asked, scanned.end) ? only(asked, scanned) : undefined
  }
  if (event.type !== "stretch") return undefined
  const candidate = announcedBy(context, event, scanned.end)
  return candidate?.strength === 3 ? only(candidate, scanned) : undefined
}

const contextOf = (text: string, markers: Markers, { asked, grader = number, turns }: ReadingOptions): Context => ({
  text,
  scan: scan(text, markers, turns),
  grader,
  asked
})

const inFull = (context: Context, { isTruncated = false, turns }: ReadingOptions): TakenApart => {
  const { scan: scanned, text } = context
  const isCut = isTruncated || scanned.isThinking
  const looks = makeLooks(context, isCut, turns)
  const found = withSaid(context, segmentsOf(scanned).map((segment) => findIn(context, segment)), isCut, looks)
  const attempts = makeAttempts(text, scanned.saidFrom)
  const whole = wholeText(context, found, scanned, looks)
  if (whole !== undefined) attempts.accept(whole)
  else acceptAll(context, found, isCut, looks, attempts)
  if (attempts.current() === undefined) acceptNumbers(context, found, attempts)
  return { ...finish(text, attempts, isCut, lastMarkerOf(found), scanned.end), isThinking: scanned.isThinking, end: scanned.end }
}

/** `takeApart` without its short way: what that must come to. */
export const takeApartInFull = (text: string, markers: Markers, options: ReadingOptions = {}): TakenApart =>
  inFull(contextOf(text, markers, options), options)

/** Takes a response apart. Time is linear in its length. */
export const takeApart = (text: string, markers: Markers, options: ReadingOptions = {}): TakenApart => {
  const context = contextOf(text, markers, options)
  const isCut = options.isTruncated === true || context.scan.isThinking
  return (isCut ? undefined : simply(context)) ?? inFull(context, options)
}
