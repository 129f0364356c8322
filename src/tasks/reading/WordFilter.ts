/**
 * A filter of words: tells in a few operations that a word of a text is none of a list, which is what most words are.
 *
 * @module
 */
import { CHARACTER, CLASS_OF } from "./Characters.ts"

/** One bit for each hash of a word of ASCII letters. */
export type WordFilter = Uint8Array<ArrayBuffer>

const SIZE = 1 << 14

/**
 * The hash of the word codes[start, end), in any case: of its first three letters, its last one and its length. A chain through all letters would take
 * most of the time of reading.
 */
export const hashOf = (codes: Uint16Array, start: number, end: number): number => {
  const first = codes[start]! | 32
  const second = end - start > 1 ? codes[start + 1]! | 32 : 0
  const third = end - start > 2 ? codes[start + 2]! | 32 : 0
  const last = codes[end - 1]! | 32
  return ((first * 961 + second * 31 + third) * 37 + last * 7 + (end - start)) & (SIZE - 1)
}

/** False if no word of the filter has the hash. */
export const passes = (filter: WordFilter, hash: number): boolean => filter[hash] === 1

// The letters that a text begins with; undefined where one that is not of ASCII is among them.
const lettersOf = (text: string): Uint16Array | undefined => {
  const codes: Array<number> = []
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const found = CLASS_OF[code]
    if (found === CHARACTER.other || found === CHARACTER.digit) break
    if (found !== CHARACTER.letter) return undefined
    codes.push(code)
  }
  return Uint16Array.from(codes)
}

/** Makes a filter that lets the first word of every text pass, in any case, and with or without apostrophes and hyphens. */
export const makeWordFilter = (texts: Iterable<string>): WordFilter => {
  const filter = new Uint8Array(SIZE)
  for (const text of texts) {
    for (const variant of [text, text.replace(/['’ʼ`´‐‑-]/g, "")]) {
      const letters = lettersOf(variant)
      if (letters !== undefined && letters.length > 0) filter[hashOf(letters, 0, letters.length)] = 1
    }
  }
  return filter
}
