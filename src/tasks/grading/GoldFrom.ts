/**
 * From a worked solution to its answer: the last "#### …", "\boxed{…}" or "<answer>…</answer>", else what "the answer is" says.
 *
 * @module
 */
import { groupEnd } from "./mathematics/Clean.ts"
import { number } from "./Numbers.ts"

const marks = /####|\\f?boxed\s*\{|<answer>/gi
const says = /\banswer\b[^.\n=:]{0,80}?(?:\bis\b|\bbe\b|:|=)/gi

const lineFrom = (text: string, at: number): string => {
  const end = text.indexOf("\n", at)
  return text.slice(at, end < 0 ? text.length : end).trim()
}

/**
 * What a solution gives as its answer; the text itself, trimmed, where it announces none. The last mark of the text counts, from the end, so that
 * the time is linear also where none closes.
 */
export const goldFrom = (text: string): string => {
  const found = [...text.matchAll(marks)]
  // An unclosed brace before the last mark would be searched to the end each time.
  for (const mark of found.slice(-4).toReversed()) {
    const at = mark.index + mark[0].length
    if (mark[0] === "####") {
      const line = lineFrom(text, at)
      if (line !== "") return line
    } else if (mark[0].endsWith("{")) {
      const end = groupEnd(text, at - 1, "{", "}")
      const inside = end < 0 ? "" : text.slice(at, end - 1).trim()
      if (inside !== "") return inside
    } else {
      const end = text.toLowerCase().indexOf("</answer>", at)
      const inside = text.slice(at, end < 0 ? text.length : end).trim()
      if (inside !== "") return inside
    }
  }
  const last = [...text.matchAll(says)].at(-1)
  const line = last === undefined ? "" : lineFrom(text, last.index + last[0].length)
  if (line.split(" ", 6).length > 5) {
    const value = number.value(line, 0, line.length, "begun")
    if (value !== undefined) return line.slice(value.start, value.end)
  }
  // "The answer is 14." ends a sentence; "3.5" does not.
  return (line === "" ? text : line.replace(/\.(?=\s|$)[^]*$/, "")).trim()
}
