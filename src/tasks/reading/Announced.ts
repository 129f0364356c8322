/**
 * Candidates that are announced: "the answer is …", "\boxed{…}", "#### …".
 *
 * @module
 */
import type { Value } from "../../domain/Grader.ts"
import type { Candidate, Context } from "./Candidate.ts"
import { sentenceEnd, skipSpaces } from "./Characters.ts"
import { lastNumeral } from "./Numeral.ts"
import { joinBoxes, type Stretch } from "./Scan.ts"
import type { Segment } from "./Segments.ts"
import { looksLikeValue, valuesOfSentence } from "./Values.ts"

// "#### 3. Sum up" is a heading.
const HEADING = /^\s*[.):]\s*\S/
// Verbs stand last or have no word of their own there: the value of "答：小明有42颗糖" is its last number.
const VALUE_LAST = /[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]/u
const WORDED: ReadonlySet<string> = new Set(["choice", "text"])
const OWN_WRAPPERS: ReadonlySet<string> = new Set(["boxed", "tag"])

const skipTicks = (text: string, from: number, to: number): number => {
  let at = from
  while (at < to && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 96)) at++
  return at
}

// The value that a stretch announces: at its beginning, else stated by its sentence.
const valueOf = (context: Context, { from, how, isWrapped, to }: Stretch, limit: number): Value | undefined => {
  const { grader, text } = context
  const end = Math.min(to, limit)
  if (isWrapped && OWN_WRAPPERS.has(how)) return grader.value(text, from, end, "wrapped")
  if (isWrapped && looksLikeValue(grader, text.slice(from, end))) return grader.value(text, from, end, "wrapped")
  const begun = isWrapped ? undefined : grader.value(text, skipTicks(text, from, end), end, "begun")
  if (begun !== undefined) return begun
  if (how === "hash" || how === "boxed") return undefined
  const sentence = sentenceEnd(text, skipSpaces(text, from), end)
  const { last, linked } = valuesOfSentence(context, from, sentence)
  return linked ?? (VALUE_LAST.test(text.slice(from, sentence)) ? last : undefined)
}

const candidateOf = (context: Context, group: ReadonlyArray<Stretch>, limit: number): Candidate | undefined => {
  const { grader, text } = context
  const [first] = group
  const last = group.at(-1)
  if (first === undefined || last === undefined) return undefined
  const { at, strength } = { at: first.start, strength: first.isPart ? 1 : first.how === "result" ? 2 : 3 }
  if (group.length > 1) {
    const list = group.map(({ from, to }) => text.slice(from, to)).join(", ")
    const value = grader.value(list, 0, list.length, "wrapped")
    if (value !== undefined) return { answer: value.answer, start: first.from, end: last.to, strength, how: first.how, at, isAsked: false }
  }
  const value = valueOf(context, last, limit)
  if (value === undefined) return undefined
  if (last.how === "hash" && HEADING.test(text.slice(value.end, last.to))) return undefined
  return { ...value, strength, how: last.how, at, isAsked: false }
}

/** A segment, and the candidates that are announced in it: as the answer (`strong`), or as a result or a part (`results`). */
export interface Found {
  readonly segment: Segment
  readonly strong: ReadonlyArray<Candidate>
  readonly results: ReadonlyArray<Candidate>
}

/** The candidate that one announcement puts forward. */
export const announcedBy = (context: Context, stretch: Stretch, end: number): Candidate | undefined => candidateOf(context, [stretch], end)

// "Answer: The correct answer is B": words up to the next announcement of the same sentence are no answer.
const isLeadIn = ({ grader, text }: Context, { end }: Candidate, next: Stretch | undefined): boolean =>
  next !== undefined && WORDED.has(grader.kind) && next.start >= end && next.start - end < 8 &&
  /^[^\S\n*_]*$/.test(text.slice(end, next.start))

/** Finds what is announced in a segment. */
export const findIn = (context: Context, segment: Segment): Found => {
  const strong: Array<Candidate> = []
  const results: Array<Candidate> = []
  const groups = joinBoxes(context.text, segment.stretches)
  for (const [k, group] of groups.entries()) {
    // What is announced after the next announcement is that one's.
    const candidate = candidateOf(context, group, Math.min(segment.end, groups[k + 1]?.[0]?.start ?? segment.end))
    // A list before another announced value is what that was made of: "the roots are 3 and 5 … so the sum is 8".
    const isPart = group.length > 1 && k + 1 < groups.length
    if (candidate !== undefined && !isPart && !isLeadIn(context, candidate, groups[k + 1]?.[0])) {
      ;(candidate.strength === 3 ? strong : results).push(candidate)
    }
  }
  return { segment, strong, results }
}

/** The last number of a segment: only where nothing better is in the whole text. */
export const bareNumber = ({ grader, text }: Context, { end, start }: Segment): Candidate | undefined => {
  const last = lastNumeral(text, start, end)
  const value = last === undefined ? undefined : grader.value(text, last.start, end, "begun")
  return value === undefined ? undefined : { ...value, strength: 0.5, how: "number", at: value.start, isAsked: false }
}
