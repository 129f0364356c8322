/**
 * Revision markers: the phrases by which a model says that it goes back on its answer (this paper, appendix E).
 */
import { REVISION_MARKERS } from "../../domain/RevisionMarkers.ts"

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

const phrasePattern = (phrase: string): string =>
  phrase
    .replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    .replace(/['’ʼ`´]/g, "['’ʼ`´]?")
    // Inside a word a hyphen is optional; alone it is a dash of any length.
    .replace(/(?<=\w)-(?=\w)/g, String.raw`[-‐‑\s]?`)
    .replace(/(?<!\S)[-–—](?!\S)/g, "[-–—]")
    .replace(/\s+/g, String.raw`\s+`)

/** Compiles phrases into one expression; the longest of those that begin at one place wins. Throws on an empty list. */
export const compileMarkers = (phrases: ReadonlyArray<string>): RegExp => {
  const cleaned = phrases.map((phrase) => phrase.trim()).filter((phrase) => phrase !== "")
  if (cleaned.length === 0) throw new RangeError("compileMarkers: no phrase given; give at least one revision marker")
  // A full stop after a phrase is optional: "I made a mistake." and "I made a mistake:" are one marker.
  const stems = cleaned.map((phrase) => (/\w.*\s.*\.$/.test(phrase) ? phrase.slice(0, -1) : phrase))
  const longestFirst = [...new Set(stems)].sort((a, b) => b.length - a.length)
  return new RegExp(String.raw`(?<![\p{L}\d])(?:${longestFirst.map(phrasePattern).join("|")})`, "giu")
}

/** The default markers, compiled. */
export const defaultMarkers: RegExp = compileMarkers(DEFAULT_MARKERS)

/** Reads a list of extra markers: one phrase a line; blank lines and lines that begin with "#" are left out. */
export const parseMarkerList = (text: string): ReadonlyArray<string> =>
  text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"))

/** Finds all markers, in the order of the text. */
export const findMarkers = (text: string, markers: RegExp): ReadonlyArray<Marker> => {
  const found: Array<Marker> = []
  markers.lastIndex = 0
  for (let match = markers.exec(text); match !== null; match = markers.exec(text)) {
    found.push({ start: match.index, end: match.index + match[0].length })
  }
  return found
}
