/**
 * Candidate answers in a response: `\boxed{…}`, "the answer is …", "Final answer: …", "#### …", and a closing "= …".
 *
 * @module
 */
import { numeralPattern, readNumeral } from "./Numeral.ts"

/** A candidate answer: where its number stands, and the number in normal form. */
export interface Candidate {
  readonly start: number
  readonly end: number
  readonly answer: string
}

// "answer" may be followed by what it answers: "the answer to 12 × 34 is 408".
const introductions = /\\boxed\s*\{|####|\banswer\b[^.\n=:]{0,80}?(?:\bis\b|\bbe\b|:|=)/gi
// What may stand between an introduction and its number: markup, brackets, LaTeX commands that print nothing.
const filler = /(?:[\s*_$:=([{]|\\[([,;! ]|\\(?:boxed|text|textbf|mathbf|mathrm|displaystyle|bf)\b)*/y
const operator = String.raw`(?:[-+*/×·⋅÷−]|x(?=\s*\d)|\\times|\\cdot|\\div)`
const operation = new RegExp(String.raw`\s*${operator}\s*${numeralPattern("factor")}`, "y")
// Up to the number on its right-hand side.
const equation = new RegExp(String.raw`(?:\s*${operator}\s*${numeralPattern("factor")})*[\s$]*=[\s$*{]*(?=[-−–]?\d)`, "y")
// After a closing number: markup, then the end of the line or of the sentence.
const closes = /^[$*_)\]} \\]*(?:$|[\n.!?;,](?!\d))/
const CLOSES_WITHIN = 16

const FULL_STOP = 46

// Most numbers end a sentence or the text; then no equation goes on, and no expression is needed to see that.
const endsHere = (text: string, at: number): boolean => at === text.length || text.charCodeAt(at) === FULL_STOP

/**
 * Reads the number after an introduction that ends at `at`. An equation gives its right-hand side; a product that is not worked out
 * gives nothing, because it restates the problem.
 */
const readValue = (text: string, at: number): Candidate | undefined => {
  filler.lastIndex = at
  filler.test(text)
  const first = readNumeral(text, Math.max(at, filler.lastIndex))
  if (first === undefined) return undefined
  let value: Candidate = { start: first.start, end: first.end, answer: first.value }
  if (endsHere(text, value.end)) return value
  for (;;) {
    equation.lastIndex = value.end
    const result = equation.test(text) ? readNumeral(text, equation.lastIndex) : undefined
    if (result === undefined) break
    value = { start: result.start, end: result.end, answer: result.value }
  }
  operation.lastIndex = value.end
  return operation.test(text) ? undefined : value
}

/** Finds all candidates that are announced as such, in the order of the text. */
export const announcedCandidates = (text: string): ReadonlyArray<Candidate> => {
  const found: Array<Candidate> = []
  introductions.lastIndex = 0
  while (introductions.test(text)) {
    const value = readValue(text, introductions.lastIndex)
    // "The answer is \boxed{408}" is found twice, at one place.
    if (value !== undefined && value.end !== found.at(-1)?.end) found.push(value)
  }
  return found
}

/** Finds the last "= …" of text[from, to) whose number ends a sentence or a line. */
export const closingCandidate = (text: string, from: number, to: number): Candidate | undefined => {
  for (let at = text.lastIndexOf("=", to - 1); at >= from; at = at === 0 ? -1 : text.lastIndexOf("=", at - 1)) {
    const value = readValue(text, at + 1)
    if (value !== undefined && value.end <= to && closes.test(text.slice(value.end, Math.min(to, value.end + CLOSES_WITHIN)))) return value
  }
  return undefined
}
