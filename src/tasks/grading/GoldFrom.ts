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

const between = /^(?:[\s$,.;&]|\\[,;() ]|\\q?quad|\\text\s*\{\s*(?:and|or)\s*\}|and|or)*$/

/** The boxes right before one, with nothing but "and" between: an answer of several parts. */
const boxesBefore = (text: string, marks: ReadonlyArray<RegExpExecArray>, at: number): ReadonlyArray<string> => {
  const parts: Array<string> = []
  let next = at
  for (const mark of marks.filter(({ index }) => index < at).slice(-20).toReversed()) {
    const start = mark.index + mark[0].length
    const end = mark[0].endsWith("{") ? groupEnd(text, start - 1, "{", "}", next) : -1
    if (end < 0 || next - end > 40 || !between.test(text.slice(end, next))) break
    parts.unshift(text.slice(start, end - 1).trim())
    next = mark.index
  }
  return parts
}

/**
 * What a solution gives as its answer; the text itself, trimmed, where it announces none. The last mark of the text counts, from the end, so that
 * the time is linear also where none closes.
 */
export const goldFrom = (text: string): string => {
  // Most references are a number and nothing else.
  if (/^-?[\d.,]+$/.test(text)) return text
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
      if (inside !== "") return [...boxesBefore(text, found, mark.index), inside].join(", ")
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
