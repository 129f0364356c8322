/**
 * A filter of words: tells in a few operations that a word of a text is none of a list, which is what most words are.
 *
 * @module
 */
import { CHARACTER, CLASS_OF } from "./Characters.ts"

/** One bit for each hash of a word's ASCII letters. */
export type WordFilter = Uint8Array<ArrayBuffer>

const SIZE = 1 << 14

/** The hash before the first letter of a word. */
export const HASH_START = 7

/** The hash of a word after one more ASCII letter, in any case. */
export const hashOn = (hash: number, code: number): number => (Math.imul(hash, 31) + (code | 32)) | 0

/** False if no word of the filter has the hash. */
export const passes = (filter: WordFilter, hash: number): boolean => filter[hash & (SIZE - 1)] === 1

// The hash of the ASCII letters that a text begins with; undefined where a letter that is none is among them.
const hashOf = (text: string): number | undefined => {
  let hash = HASH_START
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const found = CLASS_OF[code]
    if (found === CHARACTER.other || found === CHARACTER.digit) break
    if (found !== CHARACTER.letter) return undefined
    hash = hashOn(hash, code)
  }
  return hash
}

/** Makes a filter that lets the first word of every text pass, in any case, and with or without apostrophes and hyphens. */
export const makeWordFilter = (texts: Iterable<string>): WordFilter => {
  const filter = new Uint8Array(SIZE)
  for (const text of texts) {
    for (const variant of [text, text.replace(/['’ʼ`´‐‑-]/g, "")]) {
      const hash = hashOf(variant)
      if (hash !== undefined) filter[hash & (SIZE - 1)] = 1
    }
  }
  return filter
}
