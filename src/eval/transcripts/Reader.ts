/**
 * How transcripts are read and graded: as plain data that any thread can be told, and as what it stands for.
 *
 * @module
 */
import { ConfigError } from "../../domain/Errors.ts"
import { type Answers, answersBy, answersOf, autoAnswers } from "../../tasks/grading/Answers.ts"
import { ANSWER_KINDS } from "../../tasks/grading/Graders.ts"
import { compileMarkers, DEFAULT_MARKERS, defaultMarkers, type Markers } from "../../tasks/reading/Markers.ts"
import type { ReadingOptions as TakeApartOptions, TakenApart } from "../../tasks/reading/TakeApart.ts"

/** How transcripts are read, as data. */
export interface ReaderSpec {
  /** What a decision to RESAMPLE begins with. */
  readonly markers: ReadonlyArray<string>
  /** A name of `ANSWER_KINDS`. */
  readonly answers: string
  /** A grader of one's own, "module.ts#export"; it takes the place of `answers`. */
  readonly grade?: string
  /** Whether the row's own verdict decides about the last answer. */
  readonly isScored?: boolean
  /** Who lists the candidates, where it is not the rules: its name, version and cache. Its lists are not data. */
  readonly listedBy?: string
}

/** Takes a response apart in another way than by the rules; undefined where it cannot. */
export type TakeResponse = (
  row: { readonly prompt: string; readonly response: string },
  markers: Markers,
  options: TakeApartOptions
) => TakenApart | undefined

/** How transcripts are read and graded. */
export interface Reader {
  readonly markers: Markers
  readonly answers: Answers
  readonly isScored?: boolean
  /** Asked before the rules, which read what it cannot. */
  readonly take?: TakeResponse
}

/** The lexicon, and the kind of answers that each reference shows. */
export const DEFAULT_READER_SPEC: ReaderSpec = { markers: DEFAULT_MARKERS, answers: "auto" }

/** `DEFAULT_READER_SPEC`, made. */
export const defaultReader: Reader = { markers: defaultMarkers, answers: autoAnswers }

const answersFor = async ({ answers, grade }: ReaderSpec): Promise<Answers> => {
  if (grade !== undefined) {
    // Loaded on demand: it brings what imports modules, and who grades by kind needs none of that.
    const { loadGrader } = await import("../../tasks/grading/OwnGrader.ts")
    return answersBy(await loadGrader(grade))
  }
  const known = answersOf(answers)
  if (known === undefined) {
    throw new ConfigError({ field: "answers", value: JSON.stringify(answers), expected: `one of ${ANSWER_KINDS.join(", ")}` })
  }
  return known
}

/** Makes a reader. Rejects with `ConfigError` for an unknown kind, an empty lexicon, or a module that has no grader. */
export const readerOf = async (spec: ReaderSpec): Promise<Reader> => {
  if (spec.markers.every((phrase) => phrase.trim() === "")) {
    throw new ConfigError({ field: "markers", value: "no phrase", expected: "at least one revision marker" })
  }
  const answers = await answersFor(spec)
  return { markers: compileMarkers(spec.markers), answers, ...(spec.isScored === true ? { isScored: true } : {}) }
}
