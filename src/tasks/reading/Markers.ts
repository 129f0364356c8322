/**
 * Revision markers: the phrases by which a model says that it goes back on its answer (this paper, appendix E).
 *
 * @module
 */
import { REVISION_MARKERS } from "./RevisionMarkers.ts"

/** The paper's markers and their variants. Case, kind of apostrophe and hyphens do not matter. */
export const DEFAULT_MARKERS: ReadonlyArray<string> = [
  ...REVISION_MARKERS,
  "I will go back and check",
  "let me go back",
  "let me recalculate",
  "let me re-calculate",
  "let me re-compute",
  "let me redo",
  "let me re-do",
  "let me recheck",
  "let me re-check",
  "let me re-examine",
  "let me re-evaluate",
  "let me double-check",
  "let me cross-check",
  "let me check",
  "let me verify",
  "let me re-verify",
  "let me reconsider",
  "let me rethink",
  "let me think again",
  "let me try again",
  "let me start over",
  "let me correct",
  "let's recompute",
  "let's recalculate",
  "let's redo",
  "let's recheck",
  "let's re-check",
  "let's double-check",
  "let's check",
  "let's verify",
  "let's reconsider",
  "let's try again",
  "I made an error",
  "I've made a mistake",
  "I've made an error",
  "there is a mistake",
  "there's a mistake",
  "there is an error",
  "there's an error",
  "that's not right",
  "that is not right",
  "that's wrong",
  "that is wrong",
  "that's incorrect",
  "that is incorrect",
  "on second thought",
  "hold on",
  "wait,",
  "wait.",
  "wait!",
  "wait:",
  "wait;",
  "wait…",
  "wait—",
  "wait -",
  "wait a minute",
  "wait a moment",
  "wait a second",
  "but wait",
  "oh wait",
  "no wait",
  "wait no"
]

/** A marker in a text. */
export interface Marker {
  readonly start: number
  readonly end: number
}

/** Compiled phrases. */
export interface Markers {
  /** Matches a marker that begins at its `lastIndex`. */
  readonly at: RegExp
  /** Finds the next marker in any text. */
  readonly next: RegExp
  /** Finds the next place where one may begin, in half the time, in a text without `UNUSUAL` characters. Only if every phrase begins with an ASCII letter or digit. */
  readonly nextHead: RegExp | undefined
}

interface PhrasePart {
  readonly pattern: string
  readonly isOptional: boolean
}

const TOKENS = /(?<apostrophe>['’ʼ`´])|(?<hyphen>(?<=\w)-(?=\w))|(?<dash>(?<!\S)[-–—](?!\S))|(?<space>\s+)|./gsu

const partsOf = (phrase: string): ReadonlyArray<PhrasePart> =>
  [...phrase.matchAll(TOKENS)].map(({ 0: found, groups = {} }) => {
    if (groups["apostrophe"] !== undefined) return { pattern: "['’ʼ`´]?", isOptional: true }
    // Inside a word a hyphen is optional; alone it is a dash of any length.
    if (groups["hyphen"] !== undefined) return { pattern: String.raw`[-‐‑\s]?`, isOptional: true }
    if (groups["dash"] !== undefined) return { pattern: "[-–—]", isOptional: false }
    if (groups["space"] !== undefined) return { pattern: String.raw`\s+`, isOptional: false }
    return { pattern: found.replace(/[.*+?^${}()|[\]\\]/, String.raw`\$&`), isOptional: false }
  })

const HEAD_PARTS = 4

// The first parts of a phrase, up to one outside ASCII: without the flag "u", case is not ignored in the same way there.
const headOf = (parts: ReadonlyArray<PhrasePart>): string => {
  let head = ""
  let length = 0
  for (const { isOptional, pattern } of parts) {
    if (length === HEAD_PARTS || (!isOptional && pattern > "\u007f")) break
    head += pattern
    if (!isOptional) length++
  }
  return head
}

// Where \b, or ignoring case without the flag "u", differs from `next`: the underscore, the long s and the Kelvin sign.
const UNUSUAL = ["_", "\u017f", "\u212a"]

/** Compiles phrases; the longest of those that begin at one place wins. Throws on an empty list. */
export const compileMarkers = (phrases: ReadonlyArray<string>): Markers => {
  const cleaned = phrases.map((phrase) => phrase.trim()).filter((phrase) => phrase !== "")
  if (cleaned.length === 0) throw new RangeError("compileMarkers: no phrase given; give at least one revision marker")
  // A full stop after a phrase is optional: "I made a mistake." and "I made a mistake:" are one marker.
  const stems = cleaned.map((phrase) => (/\w.*\s.*\.$/.test(phrase) ? phrase.slice(0, -1) : phrase))
  const parts = [...new Set(stems)].sort((a, b) => b.length - a.length).map(partsOf)
  const any = String.raw`(?<![\p{L}\d])(?:${parts.map((each) => each.map(({ pattern }) => pattern).join("")).join("|")})`
  const heads = [...new Set(parts.map((each) => headOf(each).toLowerCase()))]
  return {
    at: new RegExp(any, "iuy"),
    next: new RegExp(any, "giu"),
    nextHead: heads.every((head) => /^\w/.test(head)) ? new RegExp(String.raw`\b(?:${heads.join("|")})`, "gi") : undefined
  }
}

/** The default markers, compiled. */
export const defaultMarkers: Markers = compileMarkers(DEFAULT_MARKERS)

/** Reads a list of extra markers: one phrase a line; blank lines and lines that begin with "#" are left out. */
export const parseMarkerList = (text: string): ReadonlyArray<string> =>
  text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"))

/** Finds all markers, in the order of the text. */
export const findMarkers = (text: string, { at, next, nextHead }: Markers): ReadonlyArray<Marker> => {
  const search = nextHead === undefined || UNUSUAL.some((character) => text.includes(character)) ? next : nextHead
  const found: Array<Marker> = []
  search.lastIndex = 0
  for (let match = search.exec(text); match !== null; match = search.exec(text)) {
    const start = match.index
    at.lastIndex = start
    const isMarker = at.test(text)
    const end = at.lastIndex
    if (isMarker) found.push({ start, end })
    search.lastIndex = isMarker ? end : start + 1
  }
  return found
}
