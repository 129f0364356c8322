/**
 * The families of pretrained models that are computed, and what both forms of their files say about themselves.
 *
 * @module
 */
import type { LlamaConfig } from "../architecture/LlamaConfig.ts"
import { ModelFileError } from "./ModelFileError.ts"
import { shownValue } from "../../domain/ShownValue.ts"

/** Llama 2 and 3 and what is built like them (SmolLM2); Qwen2 and 2.5; Qwen3. */
export type Family = "Llama" | "Qwen2" | "Qwen3"

/** What a model's files say before any weight is read. */
export interface ModelFacts {
  readonly family: Family
  readonly config: LlamaConfig
  /** The id of the token that begins a text, where there is one. It is not put before texts by itself. */
  readonly beginning?: number
  /** The ids of the tokens that end a response. */
  readonly ends: ReadonlyArray<number>
}

/** What is wrong with a field of a file; throws are caught where the file is opened. */
export const settingError = (file: string, field: string, found: unknown, expected: string): ModelFileError =>
  new ModelFileError({
    reason: "Setting",
    file,
    found: `${field} is ${shownValue(found, 120)}`,
    expected,
    advice: found === undefined
      ? "Nothing is guessed: is it the file that was published with the model?"
      : "Computed otherwise, every number would be another model's, so it is refused; take a model without it"
  })

/** A model of another family. */
export const unknownArchitecture = (file: string, found: string, known: ReadonlyArray<string>): ModelFileError =>
  new ModelFileError({
    reason: "Architecture",
    file,
    found,
    expected: `one of ${known.join(", ")}`,
    advice:
      "Models of other families are not computed here; their rollouts can still be calibrated and attributed from log-probabilities of their own"
  })

/** Fields of a file by name, each checked; an absent one has its default, or is refused where it has none. Messages put `prefix` before names. */
export const fieldReader = (file: string, valueOf: (field: string) => unknown, prefix = "") => {
  const number = (field: string, fallback: number | undefined, isRight: (value: number) => boolean, expected: string): number => {
    const value = valueOf(field) ?? fallback
    if (typeof value !== "number" || !isRight(value)) throw settingError(file, `${prefix}${field}`, value, expected)
    return value
  }
  return {
    count: (field: string, fallback?: number): number =>
      number(field, fallback, (value) => Number.isSafeInteger(value) && value >= 1 && value < 2 ** 31, "a whole number from 1 on"),
    positive: (field: string, fallback?: number): number =>
      number(field, fallback, (value) => Number.isFinite(value) && value > 0, "a number above 0"),
    flag: (field: string, fallback: boolean): boolean => {
      const value = valueOf(field) ?? fallback
      if (typeof value !== "boolean") throw settingError(file, `${prefix}${field}`, value, "true or false")
      return value
    }
  }
}

/** Refuses sizes that contradict each other. */
export const checkSizes = (file: string, { headWidth, heads, keyHeads }: LlamaConfig): void => {
  if (heads % keyHeads !== 0) throw settingError(file, "the number of key heads", keyHeads, `a divisor of the ${heads} heads`)
  if (headWidth % 2 !== 0) throw settingError(file, "the width of a head", headWidth, "an even number: dimensions turn in pairs")
}

/** Refuses ids that are no tokens. */
export const checkIds = (file: string, field: string, ids: ReadonlyArray<unknown>, vocabulary: number): ReadonlyArray<number> =>
  ids.map((id) => {
    if (!Number.isSafeInteger(id) || (id as number) < 0 || (id as number) >= vocabulary) {
      throw settingError(file, field, id, `ids from 0 to ${vocabulary - 1}`)
    }
    return id as number
  })
