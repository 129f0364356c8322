/**
 * The graders by name, and the choice between them by what the reference looks like. Nothing of Effect is loaded here: threads that read transcripts
 * start fast.
 *
 * @module
 */
import type { Gold, GraderService, Reference } from "../../domain/Grader.ts"
import { choice } from "./Choice.ts"
import { countdown } from "./CountdownAnswer.ts"
import { lacksEngine } from "./mathematics/Decide.ts"
import { looksMathematical, mathematics } from "./Mathematics.ts"
import { integer, number } from "./Numbers.ts"
import { boolean, text } from "./Text.ts"

/** All graders, by their kinds. */
export const GRADERS = { integer, number, mathematics, choice, boolean, text, countdown } as const satisfies Readonly<
  Record<string, GraderService>
>

/** What answers may be named: "auto" finds the kind from each reference. */
export const ANSWER_KINDS = ["auto", "integer", "number", "mathematics", "choice", "boolean", "text", "countdown"] as const
/** The name of a kind of answers, or "auto". */
export type AnswerKind = (typeof ANSWER_KINDS)[number]

/** The grader of a kind; undefined for "auto" and for names that are none. */
export const graderOf = (name: string): GraderService | undefined =>
  Object.hasOwn(GRADERS, name) ? GRADERS[name as keyof typeof GRADERS] : undefined

/** A grader and what it makes of a reference. */
export interface Graded {
  readonly grader: GraderService
  readonly reference: Reference
}

// No two parts beside each other may take the same spaces: a run of them that disappoints would be shared out in every way.
const severalLetters = /^[A-J](?:\s*(?:,(?:\s+and)?|(?<=\s)and|&)\s*[A-J])+\.?$/
const loneLetter = /^[\s$*]*(?:\\text\s*\{\s*)?\(?[A-J]\)?(?:\s*\})?[\s$*.]*$/

/** Which graders may read a reference, the first that does counts. */
const candidates = (gold: Gold): ReadonlyArray<GraderService> => {
  if (gold.numbers !== undefined) return [countdown]
  const isChoice = (gold.choices ?? []).length > 0 || loneLetter.test(gold.text) || severalLetters.test(gold.text)
  const usual = [integer, number, ...(looksMathematical(gold.text) ? [mathematics] : []), boolean, text]
  return isChoice ? [choice, ...usual] : usual
}

/** Plain digits are most references; they need no list. */
const digits = /^-?[1-9]\d{0,14}$/

/**
 * Finds the kind of a reference by its form, in this order: countdown where numbers are given; multiple choice where choices are, or where it is
 * one letter from A to J; a whole number; a number; mathematics; yes or no; text. undefined where it is none: nothing can be right.
 */
export const graderFor = (gold: Gold): Graded | undefined => {
  if (gold.numbers === undefined && gold.choices === undefined && gold.aliases === undefined && digits.test(gold.text)) {
    const reference = integer.reference(gold)
    if (reference !== undefined) return { grader: integer, reference }
  }
  // Compared as a text it would be wrong for every answer.
  if (lacksEngine(gold.text)) return undefined
  for (const grader of candidates(gold)) {
    const reference = grader.reference(gold)
    if (reference !== undefined) return { grader, reference: withAliases(gold, grader, reference) }
  }
  return undefined
}

/** Numbers and letters have aliases too: an alias is read by the reference's own grader. */
const withAliases = (gold: Gold, grader: GraderService, reference: Reference): Reference => {
  const { aliases = [], ...rest } = gold
  if (aliases.length === 0 || grader === mathematics || grader === text || grader === countdown) return reference
  const others = aliases.flatMap((alias) => grader.reference({ ...rest, text: alias }) ?? [])
  return {
    answer: reference.answer,
    check: (answer) => {
      const verdict = reference.check(answer)
      return verdict !== "Correct" && others.some((other) => other.check(answer) === "Correct") ? "Correct" : verdict
    }
  }
}
