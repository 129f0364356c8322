/**
 * Takes a response apart into attempts and decisions (this paper, section 3.1 and appendix E).
 *
 * An attempt is the text up to and including its candidate answer; the decision is what follows, up to the next attempt's text: RESAMPLE if
 * another candidate is put forward, STOP if none is. Between two candidates stands a marker of reflection, another turn of the model, or nothing:
 * an announced answer that changes is taken back too, only without a word ("unmarked"). A marker that no other candidate follows is a check.
 *
 * @module
 */
import type { Decision } from "../../domain/Decision.ts"
import type { GraderService, Value } from "../../domain/Grader.ts"
import { number } from "../grading/Numbers.ts"
import type { AskedExpression } from "../StatedProduct.ts"
import type { MarkerKind } from "./Lexicon.ts"
import type { Marker, Markers } from "./Markers.ts"
import { lastNumeral } from "./Numeral.ts"
import { joinBoxes, type Scan, scan, type Stretch } from "./Scan.ts"
import { sentenceEnd, skipSpaces } from "./Characters.ts"
import {
  type Candidate,
  type Context,
  endsStretch,
  lastLineCandidate,
  looksLikeValue,
  openingCandidate,
  statedCandidate,
  tests,
  valuesOfSentence,
  weakCandidate,
  wholeCandidate
} from "./Weak.ts"

/** One attempt: text[start, end) ends with its candidate; `marker` is what took it back, if words did. */
export interface AttemptSpan {
  readonly start: number
  readonly end: number
  readonly candidate: Candidate
  /** Undefined: the text was cut off before it could be seen. */
  readonly decision: Decision | undefined
  readonly marker: Marker | undefined
}

/** A response taken apart. */
export interface TakenApart {
  readonly attempts: ReadonlyArray<AttemptSpan>
  /** It breaks off after it has taken its last candidate back. */
  readonly isUnfinished: boolean
  /** A thought was opened and never closed: it was cut off, whatever its flags say. */
  readonly isThinking: boolean
  /** Markers after which the same answer stood. */
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

type Opener = { readonly type: "marker"; readonly marker: Marker } | { readonly type: "turn" } | { readonly type: "said" } | undefined

interface Segment {
  readonly start: number
  readonly end: number
  readonly opener: Opener
  readonly stretches: ReadonlyArray<Stretch>
}

const segmentsOf = ({ end, events }: Scan): ReadonlyArray<Segment> => {
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

// "#### 3. Sum up" is a heading.
const HEADING = /^\s*[.):]\s*\S/
// Verbs stand last or have no word of their own there: the value of "答：小明有42颗糖" is its last number.
const VALUE_LAST = /[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]/u
const OWN_WRAPPERS: ReadonlySet<string> = new Set(["boxed", "tag"])

const skipTicks = (text: string, from: number, to: number): number => {
  let at = from
  while (at < to && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 96)) at++
  return at
}

// The value that a stretch announces: at its beginning, else stated by its sentence.
const valueOf = (context: Context, { from, how, isWrapped, to }: Stretch, limit: number): Value | undefined => {
  const { grader, text } = context
  const end = Math.min(to, limit)
  if (isWrapped && OWN_WRAPPERS.has(how)) return grader.value(text, from, end, "wrapped")
  if (isWrapped && looksLikeValue(grader, text.slice(from, end))) return grader.value(text, from, end, "wrapped")
  const begun = isWrapped ? undefined : grader.value(text, skipTicks(text, from, end), end, "begun")
  if (begun !== undefined) return begun
  if (how === "hash" || how === "boxed") return undefined
  const sentence = sentenceEnd(text, skipSpaces(text, from), end)
  const { last, linked } = valuesOfSentence(context, from, sentence)
  return linked ?? (VALUE_LAST.test(text.slice(from, sentence)) ? last : undefined)
}

const candidateOf = (context: Context, group: ReadonlyArray<Stretch>, limit: number): Candidate | undefined => {
  const { grader, text } = context
  const [first] = group
  const last = group.at(-1)
  if (first === undefined || last === undefined) return undefined
  const { at, strength } = { at: first.start, strength: first.isPart ? 1 : first.how === "result" ? 2 : 3 }
  if (group.length > 1) {
    const list = group.map(({ from, to }) => text.slice(from, to)).join(", ")
    const value = grader.value(list, 0, list.length, "wrapped")
    if (value !== undefined) return { answer: value.answer, start: first.from, end: last.to, strength, how: first.how, at, isAsked: false }
  }
  const value = valueOf(context, last, limit)
  if (value === undefined) return undefined
  if (last.how === "hash" && HEADING.test(text.slice(value.end, last.to))) return undefined
  return { ...value, strength, how: last.how, at, isAsked: false }
}

interface Found {
  readonly segment: Segment
  readonly strong: ReadonlyArray<Candidate>
  readonly results: ReadonlyArray<Candidate>
}

const findIn = (context: Context, segment: Segment): Found => {
  const strong: Array<Candidate> = []
  const results: Array<Candidate> = []
  const groups = joinBoxes(context.text, segment.stretches)
  for (const [k, group] of groups.entries()) {
    // What is announced after the next announcement is that one's.
    const candidate = candidateOf(context, group, Math.min(segment.end, groups[k + 1]?.[0]?.start ?? segment.end))
    // A list before another announced value is what that was made of: "the roots are 3 and 5 … so the sum is 8".
    const isPart = group.length > 1 && k + 1 < groups.length
    if (candidate !== undefined && !isPart) (candidate.strength === 3 ? strong : results).push(candidate)
  }
  return { segment, strong, results }
}

const bareNumber = ({ grader, text }: Context, { end, start }: Segment): Candidate | undefined => {
  const last = lastNumeral(text, start, end)
  const value = last === undefined ? undefined : grader.value(text, last.start, end, "begun")
  return value === undefined ? undefined : { ...value, strength: 0.5, how: "number", at: value.start, isAsked: false }
}

const CONFIRMS =
  /\b(?:yes|yep|yeah|correct|right|good|ok|okay|fine|confirmed|match(?:es)?|true|great|consistent|perfect|indeed|well|holds|out|checks|same|ja|oui|sí|да|verified)\W*$/iu
const BREAKS_OFF = /[\p{L},:;(+=−*/-]\s*$/u
const SHORT_REST = 24
const REST = 120

/** Whether a text that ends after a marker breaks off there: nothing follows what begins again, or the last sentence has no end. */
export const breaksOff = (text: string, { end: from, kind }: Marker, end: number): boolean => {
  const rest = text.slice(Math.max(from, end - REST), end).replace(/[*_`"”'’)\]}$\s]+$/u, "")
  if (CONFIRMS.test(rest)) return false
  if (!/[\p{L}\d]/u.test(rest)) return true
  return (kind === "redo" && end - from < SHORT_REST && !/\d/.test(rest)) || BREAKS_OFF.test(rest)
}

// Where a value stands first as a word or number of its own.
const firstPlaceOf = (text: string, value: string): number => {
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
    const isApart = !/[\p{L}\d.]$/u.test(text.slice(Math.max(0, at - 1), at)) &&
      !/^(?:[\p{L}\d]|[.,]\d)/u.test(text.slice(at + value.length, at + value.length + 2))
    if (isApart) return at
  }
  return text.length
}

/** Fewer characters than this are no work: a restatement, a word between two markers. */
export const LEAST_WORK = 20
const MOST_REVISED = 2000

interface Open {
  readonly start: number
  readonly candidate: Candidate
}

/** Takes a response apart. Time is linear in its length. */
export const takeApart = (text: string, markers: Markers, options: ReadingOptions = {}): TakenApart => {
  const { asked, grader = number, isTruncated = false, turns } = options
  const scanned = scan(text, markers, turns)
  const context: Context = { text, scan: scanned, grader, asked }
  const found: Array<Found> = segmentsOf(scanned).map((segment) => findIn(context, segment))
  const said = scanned.saidFrom
  const isSaid = ({ start }: Segment): boolean => said > 0 && start >= said

  const weak = new Map<Found, Candidate | undefined>()
  const isCut = isTruncated || scanned.isThinking
  const weakOf = (each: Found): Candidate | undefined => {
    if (weak.has(each)) return weak.get(each)
    const { results, segment } = each
    const { end, start } = segment
    const isLastPart = end === scanned.end
    const isOpening = start === 0 || start === said
    const extra = [
      isLastPart ? lastLineCandidate(context, start, end) : undefined,
      isLastPart && !isCut ? statedCandidate(context, start, end) : undefined,
      isOpening ? openingCandidate(context, start) : undefined
    ].filter((candidate) => candidate !== undefined)
    const best = weakCandidate(context, start, end, extra.length === 0 ? results : [...results, ...extra])
    // The last line of what was cut off is a step on the way.
    const isStep = isCut && isLastPart && best !== undefined && best.strength < 2
    weak.set(each, isStep ? undefined : best)
    return isStep ? undefined : best
  }

  // What a stretch comes to that nothing in it concludes: its last statement, or the number that ends it.
  const closingOf = (each: Found): Candidate | undefined => {
    const { end, start } = each.segment
    const known = weakOf(each)
    if (grader.kind === "text" || (known !== undefined && known.strength >= 2)) return known
    return statedCandidate(context, start, end) ?? known
  }

  // What is said in the end is the answer, in whatever words.
  if (said > 0 && !isCut && !found.some(({ segment, strong }) => isSaid(segment) && strong.length > 0)) {
    for (const [k, each] of found.entries()) {
      const { segment } = each
      if (!isSaid(segment)) continue
      const best = wholeCandidate(context, segment.start, segment.end) ?? weakOf(each) ?? bareNumber(context, segment)
      if (best !== undefined) found[k] = { ...each, strong: [{ ...best, strength: 3 }] }
    }
  }
  const hasStrong = found.some(({ strong }) => strong.length > 0)

  const attempts: Array<AttemptSpan> = []
  let current: Open | undefined
  let pending: { readonly marker: Marker | undefined; readonly kind: MarkerKind | "turn"; readonly end: number } | undefined
  let hasCrossed = false
  let checks = 0
  let unmarked = 0

  const take = (marker: Marker | undefined, start: number, candidate: Candidate): void => {
    if (current !== undefined) {
      attempts.push({ start: current.start, end: current.candidate.end, candidate: current.candidate, decision: "RESAMPLE", marker })
    }
    current = { start, candidate }
    pending = undefined
  }

  const accept = (candidate: Candidate): void => {
    const crossed = hasCrossed
    hasCrossed = false
    if (current === undefined) {
      current = { start: 0, candidate }
      pending = undefined
      return
    }
    const known = current.candidate
    const isSame = known.answer === candidate.answer
    if (pending !== undefined) {
      // Thoughts that end where they checked state what they found.
      if (isSame && crossed && pending.kind !== "turn" && pending.kind !== "redo") {
        checks++
        pending = undefined
        current = { start: current.start, candidate }
        return
      }
      take(pending.marker, pending.end, candidate)
      return
    }
    const claims = (each: Candidate) => each.strength >= 3 || each.isAsked
    const isStatement = crossed && text.slice(said, candidate.at).replace(/[\s*#_$>-]/g, "").length < LEAST_WORK
    if (isSame || !(claims(known) && claims(candidate)) || (isStatement && claims(known))) {
      if (isSame ? candidate.strength >= known.strength : true) current = { start: current.start, candidate }
      return
    }
    unmarked++
    take(undefined, known.end, candidate)
  }

  if (found.length === 1 && !hasStrong) {
    const whole = wholeCandidate(context, 0, scanned.end)
    if (whole !== undefined) accept(whole)
  }

  const base = hasStrong ? 3 : Math.max(0, ...found.slice(0, 4096).map((each) => Math.min(2, weakOf(each)?.strength ?? 0)))

  const lastStrong = found.findLastIndex(({ strong }) => strong.length > 0)
  const lastFound = found.at(-1)
  const finalCandidate = found[lastStrong]?.strong.at(-1) ?? (isCut || lastFound === undefined ? undefined : weakOf(lastFound))
  const finalAnswer = finalCandidate?.answer

  const isEligible = (candidate: Candidate, { end, opener }: Segment, isFollowed: boolean, isBeforeStrong: boolean): boolean => {
    if (current === undefined) {
      return base === 3 ? candidate.strength >= 2 && isFollowed && candidate.how !== "emphasis" : candidate.strength >= base
    }
    if (pending === undefined) return base < 3 && candidate.strength >= base && opener === undefined
    if (candidate.isAsked) return true
    if (pending.kind === "turn") return candidate.strength >= 1
    // On the way to an announced answer most values are steps: only a return to it is told from them.
    if (isBeforeStrong && candidate.answer !== finalAnswer) return false
    const isNew = candidate.answer !== current.candidate.answer && !tests(text, candidate, current.candidate.answer)
    const isLast = endsStretch(text, candidate, end)
    if (pending.kind === "check") return isNew && (base < 2 || (candidate.how === "conclusion" && candidate.strength >= 2 && isLast))
    return isNew && (candidate.strength >= 2 || isLast || (base < 3 && candidate.strength >= base))
  }

  // What was put forward before a doubt and came to the final answer after it was an answer too, though nothing announced it. Steps that are
  // corrected on the way come to other values.
  const revised = new Map<Found, Candidate>()
  const isTurning = ({ opener }: Segment): boolean => opener?.type === "marker" && opener.marker.kind !== "check"
  if (finalCandidate !== undefined && found.length > 1 && found.length <= MOST_REVISED) {
    const written = [text.slice(finalCandidate.start, finalCandidate.end), finalCandidate.answer]
    const stated = found.find((each) => each.strong[0]?.answer === finalAnswer || weakOf(each)?.answer === finalAnswer)?.segment.end
    const reached = Math.min(...written.map((value) => firstPlaceOf(text, value)), stated ?? text.length)
    for (const [k, each] of found.entries()) {
      // Once the final answer has been reached, other values are of checks and of other ways to it.
      if (each.segment.end > reached) break
      const next = found[k + 1]
      if (next === undefined || !isTurning(next.segment) || each.strong.length > 0) continue
      const before = closingOf(each)
      if (before === undefined || before.answer === finalAnswer) continue
      const after = found.slice(k + 1, k + 4).find((other, n) => n === 0 || other.segment.opener?.type === "marker")
      const revision = after === undefined ? undefined : after.strong[0] ?? closingOf(after)
      if (revision === undefined || revision.answer !== finalAnswer) continue
      revised.set(each, { ...before, strength: 2 })
      if (after !== undefined && after.strong.length === 0) revised.set(after, { ...revision, strength: 2 })
    }
  }

  for (const [k, each] of found.entries()) {
    const { segment, strong } = each
    const { opener } = segment
    if (opener?.type === "said") {
      hasCrossed = true
      // Thoughts without an announced answer come to what they end with.
      const thought = found[k - 1]
      const isChecking = thought?.segment.opener?.type === "marker" && thought.segment.opener.marker.kind === "check"
      const ended = current === undefined && thought !== undefined && !isChecking ? closingOf(thought) : undefined
      if (ended !== undefined) current = { start: 0, candidate: { ...ended, strength: 3 } }
    } else if (opener?.type === "turn") pending = { marker: undefined, kind: "turn", end: segment.start }
    else if (opener?.type === "marker" && current !== undefined) {
      // Markers that follow each other are one decision. What takes an answer back is not softened by a check after it.
      const { marker } = opener
      const isKept = pending !== undefined && (pending.kind === "redo" || pending.kind === "turn")
      if (
        pending !== undefined && pending.kind !== "turn" && pending.end < segment.start && !isKept &&
        text.slice(pending.end, marker.start).trim().length > LEAST_WORK
      ) checks++
      pending = pending === undefined
        ? { marker, kind: marker.kind, end: marker.end }
        : { marker: pending.marker ?? marker, kind: isKept ? pending.kind : marker.kind, end: marker.end }
    }
    if (strong.length > 0) {
      for (const candidate of strong) accept(candidate)
      continue
    }
    const revision = revised.get(each)
    if (revision !== undefined && (current === undefined || pending !== undefined)) {
      accept(revision)
      continue
    }
    // An empty text has nothing to look at; in most texts everything is announced, and nothing else is looked at.
    const isFollowed = k + 1 < found.length
    if (hasStrong && !isFollowed && pending === undefined) continue
    const candidate = weakOf(each)
    if (candidate !== undefined && isEligible(candidate, segment, isFollowed, k < lastStrong)) accept(candidate)
  }
  // What was announced and could not be read as a value is not replaced by a number out of it.
  const isRefused = found.some(({ segment }) =>
    segment.stretches.some(({ from, isWrapped, to }) => isWrapped || /\d/.test(text.slice(from, to)))
  )
  if (current === undefined && !isRefused) {
    for (const { segment } of found) {
      const { opener } = segment
      const isCheck = opener?.type === "marker" && opener.marker.kind === "check" && current !== undefined
      const candidate = isCheck ? undefined : bareNumber(context, segment)
      if (opener?.type === "marker" && current !== undefined) {
        pending = { marker: opener.marker, kind: opener.marker.kind, end: opener.marker.end }
      }
      if (candidate !== undefined) accept(candidate)
    }
  }

  const open = current as Open | undefined
  const left = pending as { readonly marker: Marker | undefined; readonly kind: MarkerKind | "turn" } | undefined
  const isUnfinished = open !== undefined && left?.marker !== undefined && breaksOff(text, lastMarkerOf(found, left.marker), scanned.end)
  if (open !== undefined) {
    const isTakenBack = left?.kind === "redo"
    const decision = isCut || isUnfinished ? (isTakenBack ? "RESAMPLE" : undefined) : "STOP"
    attempts.push({
      start: open.start,
      end: open.candidate.end,
      candidate: open.candidate,
      decision,
      marker: decision === "STOP" ? undefined : left?.marker
    })
    if (decision === "STOP" && left !== undefined) checks++
  }
  return { attempts, isUnfinished, isThinking: scanned.isThinking, checks, unmarked, end: scanned.end }
}

const lastMarkerOf = (found: ReadonlyArray<Found>, first: Marker): Marker => {
  const opener = found.at(-1)?.segment.opener
  return opener?.type === "marker" ? opener.marker : first
}
