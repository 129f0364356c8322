/**
 * Candidates that sentences state: conclusions ("So she pays 29"), last sentences, and a yes or no in front.
 *
 * @module
 */
import { CONDITIONAL } from "./Announcements.ts"
import { backwards, type Candidate, type Context, isBare, LONGEST_SENTENCE } from "./Candidate.ts"
import { sentenceEnd, skipSpaces } from "./Characters.ts"
import { saidValue, valuesOfSentence } from "./Values.ts"

/** The last conclusion of text[from, to) that has a value; one that ends the stretch is about the whole. */
export const concludedCandidate = (context: Context, from: number, to: number): Candidate | undefined => {
  const { grader, scan, text } = context
  // Any words could be the value of "So …".
  if (grader.kind === "text") return undefined
  for (const [at] of backwards(scan.conclusions, from, to)) {
    const end = sentenceEnd(text, at, Math.min(to, at + LONGEST_SENTENCE))
    if (CONDITIONAL.test(text.slice(at, end))) continue
    const said = valuesOfSentence(context, at, end)
    const value = saidValue(context, said)
    if (value === undefined) continue
    return { ...value, strength: said.isWhole || isBare(text, end, to) ? 2 : 1.5, how: "conclusion", at, isAsked: false }
  }
  return undefined
}

const SENTENCE_BEFORE = /[.!?。！？\n:](?=[\s*_"”')\]]|$)|[。！？]/gu

// Where the answer is a name, the first sentence gives it and the others tell about it.
const firstStated = (context: Context, from: number, to: number): Candidate | undefined => {
  const { text } = context
  const start = skipSpaces(text, from)
  const end = sentenceEnd(text, start, Math.min(to, start + LONGEST_SENTENCE))
  const { linked } = CONDITIONAL.test(text.slice(start, end)) ? { linked: undefined } : valuesOfSentence(context, start, end)
  return linked === undefined ? undefined : { ...linked, strength: 1.5, how: "conclusion", at: start, isAsked: false }
}

/** What the last sentence of text[from, to) states, if it states a value and asks nothing: 2 if it says so by a link or emphasis, else 0.9. */
export const statedCandidate = (context: Context, from: number, to: number): Candidate | undefined => {
  const { grader, text } = context
  if (grader.kind === "text") return firstStated(context, from, to)
  let end = to
  while (end > from && /[\s*_"”')\]}$\\.。]/u.test(text[end - 1]!)) end--
  if (end === from || /[?？]/.test(text[end - 1]!)) return undefined
  const window = Math.max(from, end - LONGEST_SENTENCE)
  const before = [...text.slice(window, end).matchAll(SENTENCE_BEFORE)].at(-1)
  const start = before === undefined ? window : window + before.index + before[0].length
  const sentence = text.slice(start, end)
  // What an equation comes to is looked at where equations are.
  if (sentence.includes("=") || CONDITIONAL.test(sentence)) return undefined
  const said = valuesOfSentence(context, start, Math.min(to, end + 3))
  const value = saidValue(context, said)
  if (value === undefined) return undefined
  return { ...value, strength: said.linked === undefined ? 0.9 : 2, how: "conclusion", at: start, isAsked: false }
}

const YES_OR_NO = /^[\s*_"“>#]{0,8}(yes|no|true|false)\b/iu

/** "Yes, …" at the beginning of an answer to a yes-or-no question. */
export const openingCandidate = ({ grader, text }: Context, from: number): Candidate | undefined => {
  if (grader.kind !== "boolean") return undefined
  const match = YES_OR_NO.exec(text.slice(from, from + 16))
  const word = match?.[1]
  if (match === null || word === undefined) return undefined
  const end = from + match[0].length
  const value = grader.value(text, end - word.length, end, "wrapped")
  return value === undefined ? undefined : { ...value, strength: 2, how: "whole", at: from, isAsked: false }
}
