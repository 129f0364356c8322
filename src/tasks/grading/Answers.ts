/**
 * How the answers of a set of transcripts are graded: by the kind that each reference shows, or all by one grader. Pure, so that any thread may
 * make it from a name.
 *
 * @module
 */
import type { Gold, GraderService } from "../../domain/Grader.ts"
import { type Graded, graderFor, graderOf } from "./Graders.ts"
import { number } from "./Numbers.ts"

/** How answers are graded. */
export interface Answers {
  /** "auto", the kind, or the name of a grader of one's own. */
  readonly name: string
  /** The grader of a reference; undefined where the reference is of no use to it. */
  readonly gradedBy: (gold: Gold) => Graded | undefined
  /** Reads the candidates of responses without a sound reference. */
  readonly fallback: GraderService
}

/** Grades all answers by one grader. */
export const answersBy = (grader: GraderService): Answers => ({
  name: grader.kind,
  gradedBy: (gold) => {
    const reference = grader.reference(gold)
    return reference === undefined ? undefined : { grader, reference }
  },
  fallback: grader
})

/** Grades each answer by the kind that its reference shows. */
export const autoAnswers: Answers = { name: "auto", gradedBy: graderFor, fallback: number }

/** The answers of a name of `ANSWER_KINDS`; undefined for another name. */
export const answersOf = (name: string): Answers | undefined => {
  const grader = graderOf(name)
  return name === "auto" ? autoAnswers : grader === undefined ? undefined : answersBy(grader)
}
