/**
 * One walk through a text, from word to word: the only loop that sees every character.
 *
 * @module
 */
import { CHARACTER, CLASS_OF } from "./Characters.ts"
import { HASHED_LETTERS, hashOfWord, hashOn, passes, type WordFilter } from "./WordFilter.ts"

/** What is called on the way. */
export interface WordVisitor {
  /** ASCII characters other than letters and digits that are of interest. */
  readonly isSpecial: Uint8Array
  /** Words of the filter that matter only where a sentence may begin: not between two words. */
  readonly atStart?: WordFilter
  /** A word begins that the filter lets pass, or that has letters outside ASCII, or a character of a script without spaces. */
  readonly onWord: (start: number) => void
  /** A character of interest; what is outside ASCII and no letter always is. */
  readonly onSpecial: (at: number) => void
  /** Asked after every call: the walk ends there. */
  readonly end?: () => number
}

// "… a by b": a letter or digit and one space before.
const followsWord = (text: string, start: number): boolean =>
  text.charCodeAt(start - 1) === 32 && start > 1 && CLASS_OF[text.charCodeAt(start - 2)] !== CHARACTER.other

/** Walks through a text. */
export const forWords = (text: string, filter: WordFilter, { atStart, end, isSpecial, onSpecial, onWord }: WordVisitor): void => {
  let limit = text.length
  for (let at = 0; at < limit;) {
    let code = text.charCodeAt(at)
    let found = CLASS_OF[code]!
    if (found === CHARACTER.other) {
      if (code >= 128 || isSpecial[code] === 1) {
        onSpecial(at)
        if (end !== undefined) limit = Math.min(limit, end())
      }
      at++
      continue
    }
    const start = at
    if (found === CHARACTER.letter) {
      // Nearly all words are letters of ASCII and nothing else, and the first three and the length tell most of them apart.
      let hash = 0
      const hashed = Math.min(limit, start + HASHED_LETTERS)
      while (at < hashed && found === CHARACTER.letter) {
        hash = hashOn(hash, code)
        code = text.charCodeAt(++at)
        found = at < limit ? CLASS_OF[code]! : CHARACTER.other
      }
      while (found === CHARACTER.letter) found = ++at < limit ? CLASS_OF[text.charCodeAt(at)]! : CHARACTER.other
      hash = hashOfWord(hash, at - start)
      if (found === CHARACTER.other) {
        if (passes(filter, hash) && !(atStart !== undefined && passes(atStart, hash) && followsWord(text, start))) {
          onWord(start)
          if (end !== undefined) limit = Math.min(limit, end())
        }
        continue
      }
    }
    if (found === CHARACTER.unspaced && at === start) {
      at++
      onWord(start)
      if (end !== undefined) limit = Math.min(limit, end())
      continue
    }
    const isWord = CLASS_OF[text.charCodeAt(start)] !== CHARACTER.digit
    while (at < limit && found !== CHARACTER.other && found !== CHARACTER.unspaced) {
      found = ++at < limit
        ? CLASS_OF[text.charCodeAt(at)]!
        : CHARACTER.other
    }
    if (isWord) {
      onWord(start)
      if (end !== undefined) limit = Math.min(limit, end())
    }
  }
}
