/**
 * A filter of words: tells in a few operations that a word of a text is none of a list, which is what most words are.
 *
 * @module
 */
import { CHARACTER, CLASS_OF } from "./Characters.ts"

/** One bit for each hash of a word: of its first three letters, in any case, and its length. */
export type WordFilter = Uint8Array<ArrayBuffer>

const SIZE = 1 << 14

/** How many letters of a word are looked at. */
export const HASHED_LETTERS = 3

/** The hash of a beginning after one more ASCII letter, in any case; 0 is that of nothing. */
export const hashOn = (hash: number, code: number): number => (hash << 5) ^ (code | 32)

/** The hash of a word from that of its beginning and its length. */
export const hashOfWord = (beginning: number, length: number): number => (beginning * 31 + length) & (SIZE - 1)

/** False if no word of the filter has the hash. */
export const passes = (filter: WordFilter, hash: number): boolean => filter[hash] === 1

// The hash of the ASCII letters that a text begins with; undefined where a letter that is none is among them.
const hashOf = (text: string): number | undefined => {
  let hash = 0
  let length = 0
  for (; length < text.length; length++) {
    const code = text.charCodeAt(length)
    const found = CLASS_OF[code]
    if (found === CHARACTER.other || found === CHARACTER.digit) break
    if (found !== CHARACTER.letter) return undefined
    if (length < HASHED_LETTERS) hash = hashOn(hash, code)
  }
  return hashOfWord(hash, length)
}

/** Makes a filter that lets the first word of every text pass, in any case, and with or without apostrophes and hyphens. */
export const makeWordFilter = (texts: Iterable<string>): WordFilter => {
  const filter = new Uint8Array(SIZE)
  for (const text of texts) {
    for (const variant of [text, text.replace(/['’ʼ`´‐‑-]/g, "")]) {
      const hash = hashOf(variant)
      if (hash !== undefined) filter[hash] = 1
    }
  }
  return filter
}
