/**
 * Markers of reflection in a text: the lexicon (Lexicon.ts) and phrases of one's own, compiled into a tree of words.
 *
 * @module
 */
import { beginsSentence, CHARACTER, CLASS_OF, isLetter, readWord } from "./Characters.ts"
import { forWords } from "./ForWords.ts"
import { LEXICON, type MarkerKind, type Phrase } from "./Lexicon.ts"
import { makeWordFilter, type WordFilter } from "./WordFilter.ts"

/** The phrases of the lexicon. Case, kind of apostrophe, hyphens and white space do not matter. */
export const DEFAULT_MARKERS: ReadonlyArray<string> = [...new Set(LEXICON.map(({ text }) => text))]

/** A marker in a text. */
export interface Marker {
  readonly start: number
  readonly end: number
  readonly kind: MarkerKind
}

interface Accepted {
  readonly kind: MarkerKind
  readonly isOpening: boolean
  readonly isAhead: boolean
  /** What must follow at once: a comma stands for any punctuation, a colon for itself. */
  readonly follow: "," | ":" | undefined
}

interface Node {
  readonly next: Map<string, Node>
  readonly accepted: Array<Accepted>
}

interface Literal {
  readonly expression: RegExp
  readonly kind: MarkerKind
}

/** Compiled phrases. */
export interface Markers {
  /** Phrases by their first word. */
  readonly words: ReadonlyMap<string, Node>
  /** Phrases that are no sequence of words, such as Chinese ones, by the code of their first character. */
  readonly literals: ReadonlyMap<number, ReadonlyArray<Literal>>
  /** Which ASCII characters one of those begins with. */
  readonly asciiLiterals: Uint8Array<ArrayBuffer>
  /** Which words may begin a phrase. */
  readonly heads: WordFilter
  /** Which of them begin phrases only that stand at the beginning of a sentence, or set off. */
  readonly openings: ReadonlySet<string>
}

const makeNode = (): Node => ({ next: new Map(), accepted: [] })

const byText = new Map(LEXICON.map((phrase) => [phrase.text, phrase]))

// Of what somebody adds himself we know that it takes an answer back.
const phraseOf = (text: string): Phrase => byText.get(text) ?? { text, kind: "redo" }

const WORDS = /^[\p{L}\p{M}'’ʼ`´‐‑-]+(?:\s+[\p{L}\p{M}'’ʼ`´‐‑-]+)*$/u
// Scripts that are written without spaces, and Korean, whose words go on with endings.
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u

const wordsOf = (text: string): ReadonlyArray<string> => {
  const words: Array<string> = []
  for (let at = 0; at < text.length;) {
    if (!isLetter(text.charCodeAt(at))) {
      at++
      continue
    }
    const word = readWord(text, at)
    words.push(word.text)
    at = word.end
  }
  return words
}

const literalOf = (text: string): RegExp => {
  const pattern = text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replace(/\s+/g, String.raw`\s+`).replace(/['’ʼ`´]/g, "['’ʼ`´]?")
  return new RegExp(/[\p{L}\d]$/u.test(text) && !UNSPACED.test(text) ? String.raw`${pattern}(?![\p{L}\d])` : pattern, "iuy")
}

// A walk without recursion: a phrase may have any number of words.
const isOpeningOnly = (node: Node): boolean => {
  const nodes = [node]
  for (const { accepted, next } of nodes) {
    if (!accepted.every(({ isOpening }) => isOpening)) return false
    for (const each of next.values()) nodes.push(each)
  }
  return true
}

/** Compiles phrases; the longest of those that begin at one place wins. Throws on an empty list. */
export const compileMarkers = (phrases: ReadonlyArray<string>): Markers => {
  const cleaned = phrases.map((phrase) => phrase.trim()).filter((phrase) => phrase !== "")
  if (cleaned.length === 0) throw new RangeError("compileMarkers: no phrase given; give at least one revision marker")
  const words = new Map<string, Node>()
  const literals = new Map<number, Array<Literal>>()
  const addWords = (stem: string, accepted: Accepted): void => {
    let level = words
    let node: Node | undefined
    for (const word of wordsOf(stem)) {
      node = level.get(word) ?? makeNode()
      level.set(word, node)
      level = node.next
    }
    node?.accepted.push(accepted)
  }
  const addLiteral = (text: string, kind: MarkerKind): void => {
    const expression = literalOf(text)
    for (const first of new Set([text[0]!.toLowerCase(), text[0]!.toUpperCase()])) {
      const known = literals.get(first.charCodeAt(0)) ?? []
      literals.set(first.charCodeAt(0), known)
      known.push({ expression, kind })
    }
  }
  for (const { isAhead = false, isOpening = false, kind, text } of new Set(cleaned.map(phraseOf))) {
    // The punctuation after a phrase: a full stop is optional, since "I made a mistake." and "I made a mistake:" are one marker.
    const [, stem = "", mark = ""] = /^(.*?)([.,:;!…—–-]?)$/su.exec(text) ?? []
    if (!WORDS.test(stem.trim()) || UNSPACED.test(stem)) {
      addLiteral(text, kind)
      continue
    }
    const accepted: Accepted = { kind, isOpening, isAhead, follow: mark === "" || mark === "." ? undefined : mark === ":" ? ":" : "," }
    addWords(stem, accepted)
    if (/\p{L}[-‐‑]\p{L}/u.test(stem)) addWords(stem.replace(/(?<=\p{L})[-‐‑](?=\p{L})/gu, " "), accepted)
  }
  for (const list of literals.values()) list.sort((a, b) => b.expression.source.length - a.expression.source.length)
  const asciiLiterals = new Uint8Array(128)
  for (const code of literals.keys()) if (code < 128) asciiLiterals[code] = 1
  const openings = new Set([...words].filter(([, node]) => isOpeningOnly(node)).map(([word]) => word))
  return { words, literals, asciiLiterals, heads: makeWordFilter([...cleaned, ...words.keys()]), openings }
}

/** The default markers, compiled. */
export const defaultMarkers: Markers = compileMarkers(DEFAULT_MARKERS)

/** Reads a list of extra markers: one phrase a line; blank lines and lines that begin with "#" are left out. */
export const parseMarkerList = (text: string): ReadonlyArray<string> =>
  text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"))

const FOLLOW = /[\s*_"”'’]{0,3}[,.!?:;…—–，。！]|\s+[-–—](?=\s)|-{2}/y
const COLON = /[\s*_]{0,3}[:：]/y
const BEFORE_SET_OFF = new Set([..."，,—–-(…"].map((character) => character.charCodeAt(0)))
const MOST_BETWEEN = 8

const holds = (expression: RegExp, text: string, at: number): boolean => {
  expression.lastIndex = at
  return expression.test(text)
}

// "…, wait, …": between commas or dashes.
const isSetOff = (text: string, start: number, end: number): boolean => {
  let before = start - 1
  while (before > start - 4 && text.charCodeAt(before) === 32) before--
  return BEFORE_SET_OFF.has(text.charCodeAt(before)) && holds(FOLLOW, text, end)
}

const isMet = ({ follow, isOpening }: Accepted, text: string, start: number, end: number): boolean =>
  (follow === undefined || holds(follow === ":" ? COLON : FOLLOW, text, end)) &&
  (!isOpening || beginsSentence(text, start) || isSetOff(text, start, end))

const isBetween = (code: number): boolean =>
  code === 32 || (code >= 9 && code <= 13) || code === 44 || code === 42 || code === 95 || code === 0xa0

// The punctuation that a phrase asks for is of the marker, its dash between spaces is not.
const afterMark = ({ follow }: Accepted, text: string, end: number): number => {
  if (follow === undefined) return end
  const expression = follow === ":" ? COLON : FOLLOW
  return holds(expression, text, end) && !/\s[-–—]$/.test(text.slice(end, expression.lastIndex)) ? expression.lastIndex : end
}

// The next word of a phrase may stand after spaces, a comma or markup.
const nextWordAt = (text: string, end: number): number => {
  let at = end
  while (at < end + MOST_BETWEEN && isBetween(text.charCodeAt(at))) at++
  return at > end && isLetter(text.charCodeAt(at)) ? at : -1
}

/** The marker that begins at `start`, where a word whose text and end are given does. */
export const markerAtWord = (text: string, start: number, word: string, wordEnd: number, { words }: Markers): Marker | undefined => {
  let node = words.get(word)
  let end = wordEnd
  let before = wordEnd
  let found: Marker | undefined
  for (;;) {
    if (node === undefined) return found
    for (const accepted of node.accepted) {
      if (isMet(accepted, text, start, end)) {
        found = { start, end: accepted.isAhead ? before : afterMark(accepted, text, end), kind: accepted.kind }
      }
    }
    if (node.next.size === 0) return found
    const at = nextWordAt(text, end)
    if (at < 0) return found
    const next = readWord(text, at)
    node = node.next.get(next.text)
    before = end
    end = next.end
  }
}

/** The marker that begins at `start` with a character that a literal phrase begins with. */
export const markerAtLiteral = (text: string, start: number, { literals }: Markers): Marker | undefined => {
  const code = text.charCodeAt(start)
  const candidates = literals.get(code)
  if (candidates === undefined) return undefined
  // A phrase of letters does not begin inside a word.
  if (CLASS_OF[code] !== CHARACTER.unspaced && isLetter(code) && start > 0 && isLetter(text.charCodeAt(start - 1))) return undefined
  for (const { expression, kind } of candidates) {
    if (holds(expression, text, start)) return { start, end: expression.lastIndex, kind }
  }
  return undefined
}

/** Finds all markers, in the order of the text. */
export const findMarkers = (text: string, markers: Markers): ReadonlyArray<Marker> => {
  const found: Array<Marker> = []
  let after = 0
  const take = (marker: Marker | undefined): void => {
    if (marker === undefined || marker.start < after) return
    found.push(marker)
    after = marker.end
  }
  forWords(text, markers.heads, {
    isSpecial: markers.asciiLiterals,
    onWord: (start) => {
      if (start < after) return
      const word = readWord(text, start)
      take(markerAtWord(text, start, word.text, word.end, markers) ?? markerAtLiteral(text, start, markers))
    },
    onSpecial: (at) => take(markerAtLiteral(text, at, markers))
  })
  return found
}
