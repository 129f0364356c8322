/**
 * From candidates in the order of a text to attempts and decisions: the rules by which one candidate takes another back, restates it, or stands beside it.
 *
 * @module
 */
import type { Decision } from "../../domain/Decision.ts"
import { breaksOff } from "./BreaksOff.ts"
import type { Candidate } from "./Candidate.ts"
import { sentenceEnd } from "./Characters.ts"
import type { MarkerKind } from "./Lexicon.ts"
import type { Marker } from "./Markers.ts"

/** One attempt: text[start, end) ends with its candidate; `marker` is what took it back, if words did. */
export interface AttemptSpan {
  readonly start: number
  readonly end: number
  readonly candidate: Candidate
  /** Undefined: the text was cut off before it could be seen. */
  readonly decision: Decision | undefined
  readonly marker: Marker | undefined
}

/** What stands between the last candidate and the next: markers, or another turn of the model. */
export interface Pending {
  readonly marker: Marker | undefined
  readonly kind: MarkerKind | "turn"
  readonly end: number
}

// Fewer characters than this between thoughts and an answer state what the thoughts found, right or not, and are no new attempt.
const LEAST_WORK = 20

const claims = ({ isAsked, strength }: Candidate): boolean => strength >= 3 || isAsked

// Without a marker the decision is what ends the sentence of the answer before; what follows is the next attempt's working.
const afterSentence = (text: string, from: number, to: number): number => {
  let at = sentenceEnd(text, from, to)
  while (at < to && /[\s.!?。！？*_)"”’'\]}$]/u.test(text[at]!)) at++
  return at > from ? at : to
}

/** Attempts that grow. */
export interface Attempts {
  /** The candidate that stands, and what has been said about it since. */
  readonly current: () => Candidate | undefined
  readonly pending: () => Pending | undefined
  /** A marker, a turn, and the end of thoughts. */
  readonly mark: (marker: Marker) => void
  readonly turn: (at: number) => void
  readonly cross: (came: Candidate | undefined) => void
  /** The next candidate. */
  readonly accept: (candidate: Candidate) => void
  readonly finish: (decisionOf: (pending: Pending | undefined) => Decision | undefined) => {
    readonly attempts: ReadonlyArray<AttemptSpan>
    readonly checks: number
    readonly unmarked: number
  }
}

/** Makes attempts of a text whose final part begins at `said`; none yet. */
export const makeAttempts = (text: string, said: number): Attempts => {
  const attempts: Array<AttemptSpan> = []
  let current: { readonly start: number; readonly candidate: Candidate } | undefined
  let pending: Pending | undefined
  let hasCrossed = false
  let checks = 0
  let unmarked = 0

  const take = (marker: Marker | undefined, start: number, candidate: Candidate): void => {
    if (current !== undefined) {
      attempts.push({ start: current.start, end: current.candidate.end, candidate: current.candidate, decision: "RESAMPLE", marker })
    }
    // A marker may reach into what it announces.
    current = { start: Math.min(start, candidate.start), candidate }
    pending = undefined
  }

  return {
    current: () => current?.candidate,
    pending: () => pending,
    mark: (marker) => {
      if (current === undefined) return
      // Markers that follow each other are one decision. What takes an answer back is not softened by a check after it.
      const isKept = pending !== undefined && (pending.kind === "redo" || pending.kind === "turn")
      pending = pending === undefined
        ? { marker, kind: marker.kind, end: marker.end }
        : { marker: pending.marker ?? marker, kind: isKept ? pending.kind : marker.kind, end: marker.end }
    },
    turn: (at) => {
      pending = { marker: undefined, kind: "turn", end: at }
    },
    cross: (came) => {
      hasCrossed = true
      if (current === undefined && came !== undefined) current = { start: 0, candidate: came }
      // What the thoughts came to is put forward, whatever its words.
      if (current !== undefined) current = { start: current.start, candidate: { ...current.candidate, strength: 3 } }
    },
    accept: (candidate) => {
      const crossed = hasCrossed
      hasCrossed = false
      if (current === undefined) return take(undefined, 0, candidate)
      const known = current.candidate
      const isSame = known.answer === candidate.answer
      if (pending !== undefined) {
        // Thoughts that end where they checked state what they found.
        const isFound = isSame && crossed && pending.kind !== "turn" && pending.kind !== "redo"
        if (!isFound) return take(pending.marker, pending.end, candidate)
        checks++
        pending = undefined
        current = { start: current.start, candidate }
        return
      }
      const isStatement = crossed && text.slice(said, candidate.at).replace(/[\s*#_$>-]/g, "").length < LEAST_WORK
      if (!isSame && claims(known) && claims(candidate) && !isStatement) {
        unmarked++
        return take(undefined, Math.min(candidate.start, afterSentence(text, known.end, candidate.at)), candidate)
      }
      if (!isSame || candidate.strength >= known.strength) current = { start: current.start, candidate }
    },
    finish: (decisionOf) => {
      if (current === undefined) return { attempts, checks, unmarked }
      const { candidate, start } = current
      const decision = decisionOf(pending)
      const last: AttemptSpan = {
        start,
        end: candidate.end,
        candidate,
        decision,
        marker: decision === "STOP" ? undefined : pending?.marker
      }
      return { attempts: [...attempts, last], checks: checks + (decision === "STOP" && pending !== undefined ? 1 : 0), unmarked }
    }
  }
}

/** The end of a text whose last marker is `last` if it ends after one: which attempts it has, and whether it breaks off. */
export const finish = (text: string, attempts: Attempts, isCut: boolean, last: Marker | undefined, end: number) => {
  const marker = attempts.pending()?.marker
  const isUnfinished = attempts.current() !== undefined && marker !== undefined && breaksOff(text, last ?? marker, end)
  const finished = attempts.finish((left) => (isCut || isUnfinished ? (left?.kind === "redo" ? "RESAMPLE" : undefined) : "STOP"))
  return { ...finished, isUnfinished }
}
