/**
 * One walk through a text, from word to word: the only loop that sees every character.
 *
 * @module
 */
import { CHARACTER, CLASS_OF } from "./Characters.ts"
import { hashOf, passes, type WordFilter } from "./WordFilter.ts"

/** What is called on the way. */
export interface WordVisitor {
  /** ASCII characters other than letters and digits that are of interest. */
  readonly isSpecial: Uint8Array
  /** Words of the filter that matter only where a sentence may begin: not between two words. */
  readonly atStart?: WordFilter
  /** Words of the filter that do not matter before a full stop. */
  readonly notAtEnd?: WordFilter
  /** A word begins that the filter lets pass, or that has letters outside ASCII, or a character of a script without spaces. */
  readonly onWord: (start: number) => void
  /** A character of interest; what is outside ASCII and no letter always is. */
  readonly onSpecial: (at: number) => void
  /** Asked after every call: the walk ends there. */
  readonly end?: () => number
}

// The codes of the text at hand. A typed array is read in less time than a string, and copying one into it takes next to none.
let codes = new Uint16Array(1 << 15)
const LARGEST_KEPT = 1 << 21

// Node copies a string faster than any loop; a browser has no Buffer.
const bytesOf = ({ buffer, byteLength, byteOffset }: Uint16Array): Buffer | undefined =>
  typeof Buffer === "undefined" ? undefined : Buffer.from(buffer, byteOffset, byteLength)

let bytes = bytesOf(codes)

// With one code more, of no letter, so that no loop over letters need ask where the text ends.
const copied = (text: string): Uint16Array => {
  const { length } = text
  let view = codes
  let target = bytes
  if (length >= codes.length) {
    view = new Uint16Array(2 ** Math.ceil(Math.log2(length + 1)))
    target = bytesOf(view)
    if (view.length <= LARGEST_KEPT) {
      codes = view
      bytes = target
    }
  }
  if (target === undefined) { for (let at = 0; at < length; at++) view[at] = text.charCodeAt(at) }
  else target.write(text, "utf16le")
  view[length] = 0
  return view
}

const { digit: DIGIT, letter: LETTER, other: OTHER, unspaced: UNSPACED } = CHARACTER
const SPACE = 32
const FULL_STOP = 46

/** Walks through a text. The visitor must not walk through another one. */
export const forWords = (text: string, filter: WordFilter, { atStart, end, isSpecial, notAtEnd, onSpecial, onWord }: WordVisitor): void => {
  const read = copied(text)
  // Bindings of this call: those of a module are looked up each time.
  const classOf = CLASS_OF
  let limit = text.length
  for (let at = 0; at < limit;) {
    let code = read[at]!
    let found = classOf[code]!
    if (found === OTHER) {
      if (code >= 128 || isSpecial[code] === 1) {
        onSpecial(at)
        if (end !== undefined) limit = Math.min(limit, end())
      }
      at++
      continue
    }
    const start = at
    if (found === LETTER) {
      // Nearly all words are letters of ASCII and nothing else.
      do {
        code = read[++at]!
        found = classOf[code]!
      } while (found === LETTER)
      if (found === OTHER) {
        const hash = hashOf(read, start, at)
        if (!passes(filter, hash)) continue
        if (code === FULL_STOP && notAtEnd !== undefined && passes(notAtEnd, hash)) continue
        // "… a by b": a letter or digit and one space before.
        const isAmid = atStart !== undefined && start > 1 && read[start - 1] === SPACE && classOf[read[start - 2]!] !== OTHER
        if (isAmid && passes(atStart, hash)) continue
        onWord(start)
        if (end !== undefined) limit = Math.min(limit, end())
        continue
      }
    }
    const isWord = classOf[read[start]!] !== DIGIT
    if (found === UNSPACED && at === start) at++
    else {
      while (at < limit && found !== OTHER && found !== UNSPACED) {
        found = ++at < limit
          ? classOf[read[at]!]!
          : OTHER
      }
    }
    if (isWord) {
      onWord(start)
      if (end !== undefined) limit = Math.min(limit, end())
    }
  }
}
