/**
 * Letters, words and sentences in running text, by character codes: the innermost loop of all reading.
 *
 * @module
 */

/** What a UTF-16 code is to a reader. */
export const CHARACTER = {
  other: 0,
  letter: 1,
  digit: 2,
  /** A letter outside ASCII, whose case must be looked up. */
  foreign: 3,
  /** Of a script that is written without spaces, or whose words go on with endings (Korean). */
  unspaced: 4
} as const

const isUnspaced = (code: number): boolean =>
  (code >= 0x1100 && code <= 0x11ff) || (code >= 0x3040 && code <= 0xd7ff) || (code >= 0xf900 && code <= 0xfaff)

// Of what is beyond ASCII only signs and punctuation of frequent blocks are told from letters.
const classOf = (code: number): number => {
  if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90)) return CHARACTER.letter
  if (code >= 48 && code <= 57) return CHARACTER.digit
  if (isUnspaced(code)) return CHARACTER.unspaced
  const isSign = code < 0xc0 || code === 0xd7 || code === 0xf7 || (code >= 0x2000 && code <= 0x2bff) ||
    (code >= 0x3000 && code <= 0x303f) ||
    (code >= 0xd800 && code <= 0xf8ff) || code >= 0xfe00
  return isSign ? CHARACTER.other : CHARACTER.foreign
}

/** The class of every code: a table, because this is asked of every character of gigabytes. */
export const CLASS_OF: Uint8Array<ArrayBuffer> = Uint8Array.from({ length: 65_536 }, (_, code) => classOf(code))

/** Tells whether a code is of a letter. */
export const isLetter = (code: number): boolean => {
  const found = CLASS_OF[code]
  return found === CHARACTER.letter || found === CHARACTER.foreign || found === CHARACTER.unspaced
}

/** Tells whether a code is of a digit from 0 to 9. */
export const isDigit = (code: number): boolean => code >= 48 && code <= 57

const isApostrophe = (code: number): boolean => code === 39 || code === 0x2019 || code === 0x2bc || code === 96 || code === 0xb4

const isHyphen = (code: number): boolean => code === 45 || code === 0x2010 || code === 0x2011

/** A word of a text, lower-case, without apostrophes and hyphens. */
export interface Word {
  readonly text: string
  readonly end: number
}

const LONGEST_WORD = 40

/** Reads the word that begins at a letter. "re-check", "Re‑check" and "recheck" are one word, and so are "let's" and "lets". */
export const readWord = (text: string, at: number): Word => {
  let end = at
  let isPlain = true
  const limit = Math.min(text.length, at + LONGEST_WORD)
  while (end < limit) {
    const code = text.charCodeAt(end)
    if (!isLetter(code)) {
      if (!(isApostrophe(code) || isHyphen(code)) || end + 1 >= limit || !isLetter(text.charCodeAt(end + 1))) break
      isPlain = false
    }
    end++
  }
  const word = text.slice(at, end).toLowerCase()
  return { text: isPlain ? word : word.replace(/[^\p{L}\p{M}]/gu, ""), end }
}

const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || code === 0x3000

/** The first place at or after `at` that is no space. */
export const skipSpaces = (text: string, at: number): number => {
  let end = at
  while (isSpace(text.charCodeAt(end))) end++
  return end
}

const MARKUP = new Set([..."*_\"'“”‘’«»([>#$\\~`"].map((character) => character.charCodeAt(0)))
const ENDS_BEFORE = new Set([..."\n.!?:;)]}>…—–。！？：；，、|"].map((character) => character.charCodeAt(0)))
const LOOK_BACK = 12

/** Tells whether a sentence, a line or a clause after a dash begins at `at`, but for quotes and markup before it. */
export const beginsSentence = (text: string, at: number): boolean => {
  for (let before = at - 1; before >= at - LOOK_BACK; before--) {
    if (before < 0) return true
    const code = text.charCodeAt(before)
    if (ENDS_BEFORE.has(code)) return true
    if (!isSpace(code) && !MARKUP.has(code)) return false
  }
  return true
}

const isSentenceEnd = (code: number): boolean =>
  code === 10 || code === 33 || code === 63 || code === 0x3002 || code === 0xff01 || code === 0xff1f

/** The end of the sentence or line that text[from …) goes on in, within `limit`; a full stop inside a number ends none. */
export const sentenceEnd = (text: string, from: number, limit: number): number => {
  for (let at = from; at < limit; at++) {
    const code = text.charCodeAt(at)
    if (isSentenceEnd(code)) return at
    if (code === 46) {
      const next = text.charCodeAt(at + 1)
      if (at + 1 >= limit || !(isDigit(next) || isLetter(next))) return at
    }
  }
  return limit
}
