/**
 * The grader of words and phrases, and of yes and no.
 *
 * @module
 */
import type { GraderService, Value } from "../../domain/Grader.ts"
import { withoutMarkup } from "./Markup.ts"

/** Longer answers are no short answers; only their writing could be compared. */
const MOST_LENGTH = 2_000

/**
 * Folds what does not make another answer: letters in compatible form (NFKC) and lower case, quotes, punctuation, articles, spaces, markup.
 * Commas stay, each with one space.
 */
export const foldText = (text: string): string => {
  const bare = text
    .slice(0, MOST_LENGTH)
    .replace(/\\(?:text|textbf|textit|mathrm|mathbf|mbox)\s*\{([^{}]*)\}/g, "$1")
    .replace(/\\[,;:! ]|~/g, " ")
    .normalize("NFKC")
    .toLowerCase()
    .replace(/(\d)[.,](?=\d)/g, "$1\u0000")
    .replace(/['’‘`]/g, "")
    .replace(/,/g, " , ")
    .replace(/[^\p{L}\p{N}\p{M}\p{S},#%@&+\0]|[$~^<=>|`]/gu, " ")
    .replace(/\0/g, ".")
  const words = bare.split(" ").filter((word) => word !== "")
  const kept = words.filter((word, i) => i === words.length - 1 || (word !== "a" && word !== "an" && word !== "the"))
  return (kept.some((word) => word !== ",") ? kept : words).join(" ").replace(/^[ ,]+/, "").replace(/ , /g, ", ").replace(/ ,$/, "")
}

const withoutCommas = (text: string): string => text.replaceAll(",", "")

/** Says whether two folded texts are the same answer. */
export const sameText = (gold: string, answer: string): boolean => gold === answer || withoutCommas(gold) === withoutCommas(answer)

const sentence =
  /[\n;(—]|[.!?](?:\s|$|\*)| – | - | (?:because|since|which|as it|so that)\b|, (?:an?|the|which|who|where|since|because|as|so|in|located)\b/

/** The stretch from the first word to the end of the sentence or the line, without markup. */
export const sentenceFrom = (text: string, from: number, to: number): { readonly start: number; readonly end: number } => {
  const window = Math.min(to, from + MOST_LENGTH)
  let at = from
  while (at < window && /[\s*_:=#"“”'>-]/.test(text[at]!)) at++
  const stop = text.slice(at, window).search(sentence)
  return withoutMarkup(text, at, stop < 0 ? window : at + stop)
}

const value = (text: string, from: number, to: number, isWrapped: boolean): Value | undefined => {
  const { end, start } = isWrapped ? withoutMarkup(text, from, to) : sentenceFrom(text, from, to)
  if (start >= end || end - start > MOST_LENGTH) return undefined
  const answer = foldText(text.slice(start, end))
  return answer === "" ? undefined : { start, end, answer }
}

/** Words and phrases: case, articles, punctuation and quotes say nothing; aliases are as right. */
export const text: GraderService = {
  kind: "text",
  reference: ({ aliases, text }) => {
    const folded = [text, ...(aliases ?? [])].map(foldText).filter((each) => each !== "")
    const [first] = folded
    if (first === undefined || text.length > MOST_LENGTH) return undefined
    return {
      answer: first,
      check: (answer) => {
        const other = foldText(answer)
        return other === "" ? "Unparsable" : folded.some((gold) => sameText(gold, other)) ? "Correct" : "Wrong"
      }
    }
  },
  value: (text, from, to, announcement) => value(text, from, to, announcement === "wrapped")
}

const TRUTH: ReadonlyMap<string, string> = new Map([["yes", "yes"], ["true", "yes"], ["no", "no"], ["false", "no"]])

const truthOf = (text: string): string | undefined => TRUTH.get(text.toLowerCase())

const firstWord =
  /(?:[\s*_:=#"“”'$({]|\\(?:text|textbf|mathrm|boxed)\s*\{|\b(?:indeed|therefore|thus|clearly|definitely|simply)\b,?)*([a-zA-Z]+)(?![\w])/iy

/** Yes and no, true and false: the first word of the answer. */
export const boolean: GraderService = {
  kind: "boolean",
  reference: ({ text }) => {
    const truth = truthOf(foldText(text))
    return truth === undefined
      ? undefined
      : {
        answer: truth,
        check: (answer) => (truthOf(answer) === undefined ? "Unparsable" : truthOf(answer) === truth ? "Correct" : "Wrong")
      }
  },
  value: (text, from, to) => {
    const window = text.slice(from, Math.min(to, from + 200))
    firstWord.lastIndex = 0
    const [, word] = firstWord.exec(window) ?? []
    const truth = word === undefined ? undefined : truthOf(word)
    if (word === undefined || truth === undefined) return undefined
    return { start: from + firstWord.lastIndex - word.length, end: from + firstWord.lastIndex, answer: truth }
  }
}
