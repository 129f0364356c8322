/**
 * One pass over a response: where something is announced, doubted, or concluded. What the values are is looked at later, where it matters.
 *
 * @module
 */
import {
  ANSWER_SIGNS,
  ANSWER_WORDS,
  CALLED_RIGHT,
  CONCLUSION_PAIRS,
  CONCLUSION_SIGNS,
  CONCLUSION_WORDS,
  CONDITIONAL,
  DENIED,
  NEEDS_RIGHT,
  OPEN,
  OWN_QUESTION,
  PART_LABEL,
  PARTIAL,
  PARTIAL_AFTER,
  RESULT_SIGNS,
  RESULT_WORDS,
  SUPPOSED
} from "./Announcements.ts"
import { beginsSentence, CHARACTER, CLASS_OF, readWord, sentenceEnd, skipSpaces } from "./Characters.ts"
import { forWords, type WordVisitor } from "./ForWords.ts"
import { type Marker, markerAtLiteral, markerAtWord, type Markers } from "./Markers.ts"
import {
  CLOSES_THOUGHT,
  closesAnswer,
  ENDS_TEXT,
  GOES_ON,
  NEXT_EXAMPLE,
  NEXT_QUESTION,
  OPENS_ANSWER,
  OPENS_SAID,
  OPENS_THOUGHT
} from "./Parts.ts"
import { makeWordFilter, type WordFilter } from "./WordFilter.ts"

/** How a candidate was put forward. */
export type Announced =
  | "boxed"
  | "tag"
  | "hash"
  | "words"
  | "result"
  | "conclusion"
  | "emphasis"
  | "equation"
  | "whole"
  | "number"
  | "model"

/** A stretch text[from, to) that holds a value, if it holds one. */
export interface Stretch {
  readonly type: "stretch"
  /** Where the announcement begins. */
  readonly start: number
  readonly from: number
  readonly to: number
  readonly how: Announced
  readonly isWrapped: boolean
  /** The answer to a part of the question, as the words around it say. */
  readonly isPart: boolean
}

/** What was found on the way through a text, in its order. */
export type Event =
  | Stretch
  | { readonly type: "marker"; readonly start: number; readonly marker: Marker }
  | { readonly type: "turn"; readonly start: number }
  | { readonly type: "said"; readonly start: number; readonly end: number }

/** A text, scanned. */
export interface Scan {
  /** Where the answer to the question ends: the rest belongs to another one. */
  readonly end: number
  /** Whether a thought was opened and never closed. */
  readonly isThinking: boolean
  /** Where the last thought ended; 0 where there was none. */
  readonly saidFrom: number
  readonly events: ReadonlyArray<Event>
  /** Places of "=", of openings of conclusions and of emphasis. */
  readonly equals: ReadonlyArray<number>
  readonly conclusions: ReadonlyArray<number>
  readonly emphases: ReadonlyArray<number>
}

const SLASH = 47
const LONGEST_LINK = 4
// The words of a supposition stand just before.
const SUPPOSED_WITHIN = 60
const LONGEST_BEGUN = 300
const LONGEST_WRAPPED = 2000
const BACK = 160

const codeOf = (character: string): number => character.charCodeAt(0)
const SPECIALS = [..."\\#<[=*$\n"].map(codeOf)
const [BACKSLASH, HASH, LESS, BRACKET, EQUALS, STAR, DOLLAR, LINE] = SPECIALS as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number
]

const OWN_WORDS = [...ANSWER_WORDS.keys(), ...RESULT_WORDS.keys(), ...CONCLUSION_WORDS, ...CONCLUSION_PAIRS.keys()]

const byCode = (signs: ReadonlyMap<string, RegExp>): ReadonlyMap<number, RegExp> =>
  new Map([...signs].map(([sign, expression]) => [codeOf(sign), expression]))
const answerSigns = byCode(ANSWER_SIGNS)
const resultSigns = byCode(RESULT_SIGNS)
const conclusionSigns = byCode(CONCLUSION_SIGNS)

// What a word of the filter may be, looked up once.
interface Entry {
  readonly isMarker: boolean
  readonly answer: RegExp | undefined
  readonly result: RegExp | undefined
  readonly isConclusion: boolean
  readonly seconds: ReadonlySet<string> | undefined
}

interface Prepared {
  readonly filter: WordFilter
  readonly entries: ReadonlyMap<string, Entry>
  /** Words of the filter that matter at the beginning of a sentence only, or set off. */
  readonly atStart: WordFilter
  /** Words that announce something only with words or signs after them. */
  readonly notAtEnd: WordFilter
  readonly isSpecial: Uint8Array
}

// Words that matter anywhere.
const ANYWHERE = [...ANSWER_WORDS.keys(), ...RESULT_WORDS.keys()]

const prepare = (markers: Markers): Prepared => {
  const anywhere = makeWordFilter([...ANYWHERE, ...[...markers.words.keys()].filter((word) => !markers.openings.has(word))])
  const filter = makeWordFilter(OWN_WORDS)
  const atStart = new Uint8Array(filter.length)
  const notAtEnd = makeWordFilter(ANYWHERE)
  const others = makeWordFilter([...CONCLUSION_WORDS, ...CONCLUSION_PAIRS.keys()])
  for (let hash = 0; hash < filter.length; hash++) {
    if (markers.heads[hash] === 1) filter[hash] = 1
    if (filter[hash] === 1 && anywhere[hash] === 0) atStart[hash] = 1
    if (markers.heads[hash] === 1 || others[hash] === 1) notAtEnd[hash] = 0
  }
  const isSpecial = Uint8Array.from(markers.asciiLiterals)
  for (const code of SPECIALS) isSpecial[code] = 1
  const entries = new Map(
    [...OWN_WORDS, ...markers.words.keys()].map((word): [string, Entry] => [word, {
      isMarker: markers.words.has(word),
      answer: ANSWER_WORDS.get(word),
      result: RESULT_WORDS.get(word),
      isConclusion: CONCLUSION_WORDS.has(word),
      seconds: CONCLUSION_PAIRS.get(word)
    }])
  )
  return { filter, entries, atStart, notAtEnd, isSpecial }
}

const test = (expression: RegExp, text: string, at: number): number => {
  expression.lastIndex = at
  return expression.test(text) ? expression.lastIndex : -1
}

// The end of text that "{" at `open` closes, exclusive; −1 if it does not within a value's length.
const closingBrace = (text: string, open: number): number => {
  let depth = 0
  const limit = Math.min(text.length, open + LONGEST_WRAPPED)
  for (let at = open; at < limit; at++) {
    const code = text.charCodeAt(at)
    if (code === BACKSLASH) at++
    else if (code === 123) depth++
    else if (code === 125 && --depth === 0) return at
  }
  return -1
}

const BOXED = /\\(?:boxed|fbox|framebox)\s{0,3}/y
const BETWEEN_BOXES = /^[\s$,;.]{0,6}(?:\\(?:text|quad|;|,| )\s*\{?\s*)?(?:and|or|und|oder|et|ou|y|o|和|或)?\s*\}?[\s$,;]{0,6}$/iu
const MOST_BETWEEN_BOXES = 24
// What a label of a question may begin with.
const MAY_ASK = new Set([..."QqPpEeHhUuIiFfDdNnBb*#问题用質問ВвПп"].map(codeOf))
const LABEL_ONLY = /[^\S\n]*(?:[*_:]+[^\S\n]*)?(?:\n[^\S\n]*)+/y
const LABEL_BEFORE = /^[\s#*_>-]*(?:(?:the|my|your|final|correct|endgültige|finale|réponse|respuesta)\s+)*$/iu
const FINAL_BEFORE = /\bfinal\s+$/iu
// All that was said so far is one short line that begins with a value.
const VALUE_FIRST = /^\s*[-−–*_$]*\d[^\n]{0,80}\s*$/u
const RULE = /^[\s*_#-]*$/u

// Looked for within bounds: a text may be one line of a megabyte.
const lineBefore = (text: string, at: number): string => {
  const before = text.slice(Math.max(0, at - BACK), at)
  return before.slice(before.lastIndexOf("\n") + 1)
}

const lineEnd = (text: string, from: number): number => {
  const length = text.slice(from, from + LONGEST_BEGUN).indexOf("\n")
  return length < 0 ? Math.min(text.length, from + LONGEST_BEGUN) : from + length
}

type Scanner = (text: string, turns: ReadonlyArray<number>) => Scan

// The functions are made once for a lexicon and their state is set anew for each text: a million texts need no million closures.
const makeScanner = (markers: Markers): Scanner => {
  const { atStart, entries, filter, isSpecial, notAtEnd } = prepare(markers)
  let text = ""
  let turns: ReadonlyArray<number> = []
  let events: Array<Event> = []
  let equals: Array<number> = []
  let conclusions: Array<number> = []
  let emphases: Array<number> = []
  let closes = new Map<string, number>()
  let end = 0
  let after = 0
  let isThinking = false
  let saidFrom = 0
  let nextTurn = 0
  let boxedEnd = 0
  let blankEnd = 0
  let hasStretch = false
  let hasAnswer = false

  const passTurns = (at: number): void => {
    while (nextTurn < turns.length && turns[nextTurn]! <= at) events.push({ type: "turn", start: turns[nextTurn++]! })
  }
  const push = (event: Event): void => {
    passTurns(event.start)
    events.push(event)
  }
  const stretch = (start: number, from: number, to: number, how: Announced, isWrapped: boolean, isPart = false): void => {
    hasStretch = true
    hasAnswer ||= how !== "result" && !isPart
    push({ type: "stretch", start, from, to, how, isWrapped, isPart })
  }
  const onMarker = (marker: Marker | undefined): boolean => {
    // "</second_try>" closes what a marker opened.
    if (marker === undefined || marker.start < after || text.charCodeAt(marker.start - 1) === SLASH) return false
    push({ type: "marker", start: marker.start, marker })
    after = marker.end
    return true
  }

  const begun = (start: number, linkStart: number, from: number, how: Announced): void => {
    const before = lineBefore(text, start)
    const between = text.slice(linkStart, from)
    // A bare link, as in most announcements, says nothing more.
    const isBare = between.length <= LONGEST_LINK
    if (SUPPOSED.test(before.slice(-SUPPOSED_WITHIN)) || (!isBare && DENIED.test(between))) return
    const isOpen = !isBare && OPEN.test(between)
    if (isOpen && CONDITIONAL.test(text.slice(from, sentenceEnd(text, from, Math.min(text.length, from + LONGEST_BEGUN))))) return
    const isAsked = before.includes("?") && OWN_QUESTION.test(before)
    const isPart = (!isBare && PARTIAL.test(between)) || PART_LABEL.test(before) || isAsked
    // A label that stands alone speaks of the line below, if that is nothing but a value. Under "Solution:" mostly the working follows.
    const below = test(LABEL_ONLY, text, from)
    if (below < 0) return stretch(start, from, lineEnd(text, from), how, false, isPart)
    const to = lineEnd(text, below)
    const isLast = text.slice(to, to + BACK).trim() === ""
    if (isLast || (how === "words" && !text.slice(below, to).includes("="))) stretch(start, below, to, how, true, isPart)
  }

  const onAnswerWord = (start: number, word: string, wordEnd: number, expression: RegExp): boolean => {
    // "<answer>" is a tag.
    if (text.charCodeAt(wordEnd) === 62) return false
    const from = test(expression, text, wordEnd)
    const isAlone = from < 0 && test(LABEL_ONLY, text, wordEnd) >= 0
    if (from < 0 && !isAlone) return false
    const before = lineBefore(text, start)
    if (NEEDS_RIGHT.has(word) && !CALLED_RIGHT.test(before)) return false
    if (isAlone && !LABEL_BEFORE.test(before)) return false
    begun(start, wordEnd, from < 0 ? wordEnd : from, "words")
    return true
  }

  const onResultWord = (start: number, wordEnd: number, expression: RegExp): boolean => {
    const from = test(expression, text, wordEnd)
    if (from < 0) return false
    const isFinal = FINAL_BEFORE.test(text.slice(Math.max(0, start - 8), start))
    begun(start, wordEnd, from, isFinal ? "words" : "result")
    return true
  }

  const onSign = (start: number, signs: ReadonlyMap<number, RegExp>, how: Announced): boolean => {
    const expression = signs.get(text.charCodeAt(start))
    const from = expression === undefined ? -1 : test(expression, text, start)
    if (from < 0) return false
    begun(start, start, from, how)
    return true
  }

  const onWord = (start: number): void => {
    const code = text.charCodeAt(start)
    if (CLASS_OF[code] === CHARACTER.unspaced) {
      if (onMarker(markerAtLiteral(text, start, markers)) || onSign(start, answerSigns, "words") || onSign(start, resultSigns, "result")) {
        return
      }
      const expression = conclusionSigns.get(code)
      if (expression !== undefined && test(expression, text, start) >= 0) conclusions.push(start)
      return
    }
    const word = readWord(text, start)
    const entry = entries.get(word.text)
    if (entry === undefined) {
      if (code >= 128 || markers.asciiLiterals[code] === 1) onMarker(markerAtLiteral(text, start, markers))
      return
    }
    if (entry.isMarker && onMarker(markerAtWord(text, start, word.text, word.end, markers))) return
    if (entry.answer !== undefined && onAnswerWord(start, word.text, word.end, entry.answer)) return
    if (entry.result !== undefined && onResultWord(start, word.end, entry.result)) return
    const { isConclusion, seconds } = entry
    if (!isConclusion && seconds === undefined) return
    if (beginsSentence(text, start) && (isConclusion || seconds!.has(readWord(text, skipSpaces(text, word.end)).text))) {
      conclusions.push(start)
    }
  }

  const onBoxed = (at: number): void => {
    const open = test(BOXED, text, at)
    if (open < 0 || at < boxedEnd) return
    if (text.charCodeAt(open) !== 123) {
      // "\boxed 5", as TeX allows.
      if (CLASS_OF[text.charCodeAt(open)] === CHARACTER.digit) stretch(at, open, Math.min(text.length, open + 40), "boxed", false)
      return
    }
    const close = closingBrace(text, open)
    if (close < 0) return
    boxedEnd = close + 1
    const tail = text.slice(boxedEnd, boxedEnd + BACK)
    stretch(at, open + 1, close, "boxed", true, PARTIAL_AFTER.test(tail) || PART_LABEL.test(lineBefore(text, at)))
  }

  const onHash = (at: number): void => {
    if (!text.startsWith("####", at) || text.charCodeAt(at + 4) === HASH || text.charCodeAt(at - 1) === HASH) return
    stretch(at, at + 4, lineEnd(text, at + 4), "hash", false)
  }

  const closeOf = (tag: string, from: number): number => {
    const known = closes.get(tag)
    if (known !== undefined && (known < 0 || known >= from)) return known
    const found = text.indexOf(closesAnswer(tag), from)
    closes.set(tag, found)
    return found
  }

  const onTag = (at: number): void => {
    const opened = test(OPENS_THOUGHT, text, at)
    if (opened >= 0) {
      isThinking = true
      return
    }
    const closed = test(CLOSES_THOUGHT, text, at)
    if (closed >= 0) {
      isThinking = false
      saidFrom = closed
      push({ type: "said", start: at, end: closed })
      return
    }
    const solution = test(OPENS_SAID, text, at)
    if (solution >= 0) {
      isThinking = false
      saidFrom = solution
      push({ type: "said", start: at, end: solution })
      return
    }
    OPENS_ANSWER.lastIndex = at
    const tag = OPENS_ANSWER.exec(text)
    if (tag !== null) {
      const from = OPENS_ANSWER.lastIndex
      const close = closeOf(tag[1] ?? "", from)
      if (close < 0) return
      // An answer is no thought any more, whether or not that was closed.
      if (isThinking) {
        isThinking = false
        saidFrom = at
        push({ type: "said", start: at, end: at })
      }
      if (close - from <= LONGEST_WRAPPED) stretch(at, from, close, "tag", true)
      return
    }
    const over = test(ENDS_TEXT, text, at)
    if (over < 0 || test(GOES_ON, text, over) >= 0) return
    if (hasText(at)) end = at
  }
  // A role's own opening before anything was said is no end.
  const hasText = (at: number): boolean =>
    !RULE.test(text.slice(Math.max(0, at - 40), at).replace(/<\|im_start\|>\s*assistant|<\|[a-z_]+\|>/gi, ""))

  const onLine = (at: number): void => {
    // Of blank lines after each other the first has seen what comes after all.
    if (isThinking || at < blankEnd) return
    if (!(equals.length > 0 || conclusions.length > 0 || hasStretch || (at < BACK && VALUE_FIRST.test(text.slice(0, at))))) return
    const next = skipSpaces(text, at + 1)
    blankEnd = next
    if (
      MAY_ASK.has(text.charCodeAt(next)) && (test(NEXT_QUESTION, text, next) >= 0 || (hasAnswer && test(NEXT_EXAMPLE, text, next) >= 0))
    ) {
      end = at
    }
  }

  const visitor: WordVisitor = {
    atStart,
    notAtEnd,
    isSpecial,
    end: () => end,
    onWord,
    onSpecial: (at) => {
      const code = text.charCodeAt(at)
      if (code === EQUALS) equals.push(at)
      else if (code === LINE) onLine(at)
      else if (code === BACKSLASH) {
        if (text.charCodeAt(at + 1) === 91) emphases.push(at)
        else onBoxed(at)
      } else if (code === STAR || code === DOLLAR) {
        if (text.charCodeAt(at + 1) === code) emphases.push(at)
      } else if (code === HASH) onHash(at)
      else if (code === LESS || code === BRACKET || code === 0x25c1) onTag(at)
      else if (code >= 128 || markers.asciiLiterals[code] === 1) onMarker(markerAtLiteral(text, at, markers))
    }
  }

  return (given, givenTurns) => {
    text = given
    turns = givenTurns
    events = []
    equals = []
    conclusions = []
    emphases = []
    if (closes.size > 0) closes = new Map()
    end = text.length
    after = 0
    isThinking = false
    saidFrom = 0
    nextTurn = 0
    boxedEnd = 0
    blankEnd = 0
    hasStretch = false
    hasAnswer = false
    forWords(text, filter, visitor)
    passTurns(text.length)
    // No text is kept.
    text = ""
    return {
      end,
      isThinking,
      saidFrom,
      events: end < given.length ? events.filter(({ start }) => start < end) : events,
      equals,
      conclusions,
      emphases
    }
  }
}

const scanners = new WeakMap<Markers, Scanner>()
const NO_TURNS: ReadonlyArray<number> = []

/** Scans a response. `turns` are the offsets at which further turns of the model begin. */
export const scan = (text: string, markers: Markers, turns: ReadonlyArray<number> = NO_TURNS): Scan => {
  const known = scanners.get(markers)
  if (known !== undefined) return known(text, turns)
  const made = makeScanner(markers)
  scanners.set(markers, made)
  return made(text, turns)
}

/** Joins boxed values that stand in one list: "\boxed{3} and \boxed{5}". */
export const joinBoxes = (text: string, stretches: ReadonlyArray<Stretch>): ReadonlyArray<ReadonlyArray<Stretch>> => {
  const groups: Array<Array<Stretch>> = []
  for (const stretch of stretches) {
    const last = groups.at(-1)?.at(-1)
    const gap = last === undefined || last.how !== "boxed" || stretch.how !== "boxed" ? undefined : text.slice(last.to + 1, stretch.start)
    if (
      gap !== undefined && gap.length <= MOST_BETWEEN_BOXES && !gap.includes("\n") && BETWEEN_BOXES.test(gap) && /[,a-z和或]/i.test(gap)
    ) groups.at(-1)!.push(stretch)
    else groups.push([stretch])
  }
  return groups
}
