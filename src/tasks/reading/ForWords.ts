/**
 * One walk through a text, from word to word: the only loop that sees every character.
 *
 * @module
 */
import { CHARACTER, CLASS_OF } from "./Characters.ts"
import { HASH_START, hashOn, passes, type WordFilter } from "./WordFilter.ts"

/** What is called on the way. */
export interface WordVisitor {
  /** ASCII characters other than letters and digits that are of interest. */
  readonly isSpecial: Uint8Array
  /** A word begins that the filter lets pass, or that has letters outside ASCII, or a character of a script without spaces. */
  readonly onWord: (start: number) => void
  /** A character of interest; what is outside ASCII and no letter always is. */
  readonly onSpecial: (at: number) => void
  /** Asked after every call: the walk ends there. */
  readonly end?: () => number
}

/** Walks through a text. */
export const forWords = (text: string, filter: WordFilter, { end, isSpecial, onSpecial, onWord }: WordVisitor): void => {
  let limit = text.length
  for (let at = 0; at < limit;) {
    let code = text.charCodeAt(at)
    let found = CLASS_OF[code]
    if (found === CHARACTER.other) {
      if (code >= 128 || isSpecial[code] === 1) {
        onSpecial(at)
        if (end !== undefined) limit = Math.min(limit, end())
      }
      at++
      continue
    }
    const start = at
    if (found === CHARACTER.unspaced) {
      at++
      onWord(start)
      if (end !== undefined) limit = Math.min(limit, end())
      continue
    }
    const isWord = found !== CHARACTER.digit
    let isForeign = false
    let hash = HASH_START
    while (at < limit && (found === CHARACTER.letter || found === CHARACTER.digit || found === CHARACTER.foreign)) {
      if (found === CHARACTER.foreign) isForeign = true
      hash = hashOn(hash, code)
      code = text.charCodeAt(++at)
      found = CLASS_OF[code]
    }
    if (isWord && (isForeign || passes(filter, hash))) {
      onWord(start)
      if (end !== undefined) limit = Math.min(limit, end())
    }
  }
}
