/**
 * The grader of mathematics: fractions, roots, points, sets, intervals, matrices, equations, expressions, in LaTeX or plain. What counts as
 * the same says `mathematics/Compare.ts`.
 *
 * @module
 */
import type { GraderService, Value } from "../../domain/Grader.ts"
import { extentEnd } from "./Extent.ts"
import { leadEnd, saidAgain } from "./Lead.ts"
import { withinWrapper, withoutMarkup } from "./Markup.ts"
import { MOST_LENGTH } from "./mathematics/Clean.ts"
import { decide, isMathematics, normalForm, readMathematics } from "./mathematics/Decide.ts"

/** Longer stretches are no answer to anything. */
const MOST_WRAPPED = 4_000

const isProse = (part: string): boolean =>
  /(?:^|\s)(?:is|are|get|that|the|find|have|equals|[a-z]{3,}:)\s/i.test(part.replace(/\\[a-zA-Z]+\s*\{[^{}]*\}/g, ""))

/** "We find that $x < 3$.", "The answer is 3": the last that is said in prose. */
const withinProse = (text: string, from: number, to: number): Value | undefined => {
  const part = text.slice(from, to)
  const last = [...part.matchAll(/\b(?:is|are|that|get|equals|be)\b|:/g)].at(-1)
  return last === undefined ? undefined : begun(text, from + last.index + last[0].length, to)
}

const wrapped = (text: string, from: number, to: number): Value | undefined => {
  const { end, start } = withoutMarkup(text, from, to)
  if (start >= end || end - start > MOST_WRAPPED) return undefined
  const inside = leadEnd(text, start, end) ?? start
  const said = isProse(text.slice(inside, end)) ? withinProse(text, inside, end) : undefined
  if (said !== undefined) return said
  const answer = normalForm(readMathematics(text.slice(inside, end)))
  return answer === "" ? undefined : { start: inside, end, answer }
}

/** A word alone is no mathematics; a letter is one where nothing follows. */
const hasSign = (part: string): boolean => /[\d\\π∞√½¼¾^=<>+*/∅]|[([]\s*[a-zA-Z]\s*,/.test(part)

const beginning = (text: string, at: number, to: number): Value | undefined => {
  const inside = withinWrapper(text, at, to)
  if (inside !== undefined) return wrapped(text, inside.start, inside.end)
  const stretch = withoutMarkup(text, at, extentEnd(text, at, to))
  if (stretch.start >= stretch.end) return undefined
  const part = text.slice(stretch.start, stretch.end)
  const isLetter = /^[a-zA-Z]$/.test(part) && /^[$*\s]*(?:[.,;\n]|$)/.test(text.slice(stretch.end, Math.min(to, stretch.end + 8)))
  if (!hasSign(part) && !isLetter) return undefined
  const read = readMathematics(part)
  return isMathematics(read) ? { ...stretch, answer: normalForm(read) } : undefined
}

function begun(text: string, from: number, to: number): Value | undefined {
  const at = leadEnd(text, from, to)
  if (at === undefined) return undefined
  const found = beginning(text, at, to)
  if (found !== undefined) return found
  for (const next of saidAgain(text, at, to)) {
    const start = leadEnd(text, next, to)
    const value = start === undefined ? undefined : beginning(text, start, to)
    if (value !== undefined) return value
  }
  return undefined
}

/** Says whether a text has something that only mathematics has: a digit, a command, an operator; and no prose. */
export const looksMathematical = (text: string): boolean => {
  if (!hasSign(text) || text.length > MOST_LENGTH) return false
  const plain = text.replace(/_\{[^{}]*\}/g, "").replace(
    /\\(?:text|mathrm|mbox|textbf|operatorname)\s*\{[^{}]*\}|\\begin\s*\{[^{}]*\}|\\end\s*\{[^{}]*\}|\\[a-zA-Z]+/g,
    " "
  )
  return !/[a-zA-Z]{4,}/.test(plain.replace(/\b(?:sqrt|infinity|arc(?:sin|cos|tan)|degrees?|percent|sinh|cosh|tanh)\b/g, "")) &&
    // "\text{Evelyn}" has a command, and no mathematics.
    hasSign(readMathematics(text).cleaned) &&
    (hasSign(plain) || /\\(?!text|mathrm|mbox|textbf|operatorname)/.test(text) || /\{[^{}]*\d/.test(text))
}

/** Mathematics of every kind. */
export const mathematics: GraderService = {
  kind: "mathematics",
  reference: ({ aliases, text }) => {
    const texts = [text, ...(aliases ?? [])].map((each) => {
      const { end, start } = withoutMarkup(each, 0, each.length)
      return readMathematics(each.slice(start, end))
    })
    const [first] = texts
    if (first === undefined || first.cleaned === "" || !isMathematics(first)) return undefined
    return {
      answer: normalForm(first),
      check: (answer) => {
        const read = readMathematics(answer)
        const verdicts = texts.map((each) => decide(each, read))
        return verdicts.includes("Correct") ? "Correct" : verdicts[0]!
      }
    }
  },
  value: (text, from, to, announcement) => (announcement === "wrapped" ? wrapped(text, from, to) : begun(text, from, to))
}
