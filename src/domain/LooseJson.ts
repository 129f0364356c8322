/**
 * JSON as Python writes it: NaN, Infinity and -Infinity stand bare in it.
 *
 * @module
 */

const QUOTE = 34
const BACKSLASH = 92

// The offset after the text that opens at `open`; the end of all where it does not close.
const afterText = (text: string, open: number): number => {
  for (let close = text.indexOf("\"", open + 1); close >= 0; close = text.indexOf("\"", close + 1)) {
    let slashes = 0
    while (text.charCodeAt(close - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return close + 1
  }
  return text.length
}

// Numbers out of range are infinite when they are read; NaN has no number that stands for it.
const WRITTEN: ReadonlyArray<readonly [bare: string, json: string]> = [["NaN", "\"NaN\""], ["Infinity", "1e999"]]

// Time is linear: every character is passed once, and backslashes once more.
const withoutBareNumbers = (text: string): string => {
  const parts: Array<string> = []
  let from = 0
  for (let at = 0; at < text.length;) {
    if (text.charCodeAt(at) === QUOTE) {
      at = afterText(text, at)
      continue
    }
    const found = WRITTEN.find(([bare]) => text.startsWith(bare, at))
    if (found === undefined) {
      at++
      continue
    }
    const [bare, json] = found
    parts.push(text.slice(from, at), json)
    at += bare.length
    from = at
  }
  parts.push(text.slice(from))
  return parts.join("")
}

/**
 * Reads JSON in which numbers may be bare: Infinity and -Infinity become the infinite numbers, NaN the text "NaN". Throws `SyntaxError` for
 * what is no JSON otherwise, `RangeError` for what is nested too deeply.
 */
export const parseLoose = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const changed = withoutBareNumbers(text)
    if (changed === text) throw error
    return JSON.parse(changed) as unknown
  }
}
