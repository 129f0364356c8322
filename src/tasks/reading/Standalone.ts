/**
 * Candidates that stand alone: in bold, as a formula, as a line or as all of a text.
 *
 * @module
 */
import { backwards, type Candidate, type Context } from "./Candidate.ts"
import { EMPHASIS, looksLikeValue } from "./Values.ts"

const DISPLAY = /\$\$([^$]{1,400})\$\$|\\\[((?:(?!\\\])[\s\S]){1,400})\\\]/y

/** The last value of text[from, to) that stands alone in bold or as a formula, and ends a sentence or a line. */
export const emphasisedCandidate = ({ grader, scan, text }: Context, from: number, to: number): Candidate | undefined => {
  for (const [at] of backwards(scan.emphases, from, to)) {
    const expression = text.charCodeAt(at) === 42 ? EMPHASIS : DISPLAY
    expression.lastIndex = at
    const match = expression.exec(text)
    const end = expression.lastIndex
    if (match === null || end > to) continue
    const value = looksLikeValue(grader, text.slice(at + 2, end - 2)) ? grader.value(text, at + 2, end - 2, "wrapped") : undefined
    if (value === undefined || !/^[^\n.!?]{0,24}(?:$|[\n.!?])/.test(text.slice(end, Math.min(to, end + 40)))) continue
    return { ...value, strength: 2, how: "emphasis", at, isAsked: false }
  }
  return undefined
}

const LONGEST_WHOLE = 120
/** text[from, to) where that is a value and nothing else. */
export const wholeCandidate = ({ grader, text }: Context, from: number, to: number): Candidate | undefined => {
  if (to - from > 2 * LONGEST_WHOLE) return undefined
  const part = text.slice(from, to)
  if (part.trim().length > LONGEST_WHOLE || !looksLikeValue(grader, part)) return undefined
  const value = grader.value(text, from, to, "wrapped")
  return value === undefined ? undefined : { ...value, strength: 3, how: "whole", at: from, isAsked: false }
}

/** The last line of text[from, to), if it is a value and nothing else. */
export const lastLineCandidate = (context: Context, from: number, to: number): Candidate | undefined => {
  const { text } = context
  let end = to
  while (end > from && /\s/.test(text[end - 1]!)) end--
  const window = Math.max(from, end - LONGEST_WHOLE)
  const line = text.slice(window, end).lastIndexOf("\n")
  if (line < 0) return undefined
  const candidate = wholeCandidate(context, window + line + 1, end)
  return candidate === undefined ? undefined : { ...candidate, strength: 2 }
}

const PROSE = /[^\S\n]*\n\s*[*_#>("“]{0,4}\p{L}{2}/uy

/** The first line of text[from, to), if it is a value and nothing else, and prose follows that explains it. */
export const firstLineCandidate = (context: Context, from: number, to: number): Candidate | undefined => {
  const { grader, text } = context
  if (grader.kind === "text" || grader.kind === "boolean" || grader.kind === "countdown") return undefined
  let start = from
  while (start < to && /\s/.test(text[start]!)) start++
  const length = text.slice(start, Math.min(to, start + LONGEST_WHOLE)).indexOf("\n")
  if (length < 0) return undefined
  PROSE.lastIndex = start + length
  if (!PROSE.test(text) || (text.slice(start, start + length).match(/(?<!\\)\p{L}{2,}/gu) ?? []).length > 1) return undefined
  const candidate = wholeCandidate(context, start, start + length)
  const isOne = candidate !== undefined && (grader.kind === "choice" ? /^[A-J]$/.test(candidate.answer) : !candidate.answer.includes("="))
  return isOne ? { ...candidate, strength: 2.5 } : undefined
}
