/**
 * Texts without white space and markup, with the way back: for quotes that were copied by hand or by a model.
 *
 * @module
 */

/** A text folded: the characters that count, and where each stands in the text. */
export interface FoldedText {
  readonly folded: string
  readonly places: Int32Array
}

const MARKUP = new Set("*_`$\\~#>\u200b\u200c\u200d\ufeff")

const SAME: ReadonlyMap<string, string> = new Map([
  ...[..."“”„‟″"].map((sign) => [sign, "\""] as const),
  ...[..."‘’‚‛′"].map((sign) => [sign, "'"] as const),
  ...[..."‐‑‒–—−"].map((sign) => [sign, "-"] as const)
])

const SPACE = /\s/

/** Folds a text: white space, emphasis, mathematics signs and backslashes go, quotation marks and dashes of all kinds are one. Linear. */
export const foldText = (text: string): FoldedText => {
  const kept: Array<string> = []
  const places = new Int32Array(text.length)
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!
    if (MARKUP.has(sign) || SPACE.test(sign)) continue
    places[kept.length] = at
    kept.push(SAME.get(sign) ?? sign)
  }
  return { folded: kept.join(""), places: places.subarray(0, kept.length) }
}

/** The first folded character that stands at `at` or after it; their number where none does. */
export const foldedAt = ({ places }: FoldedText, at: number): number => {
  let low = 0
  let high = places.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (places[middle]! < at) low = middle + 1
    else high = middle
  }
  return low
}
