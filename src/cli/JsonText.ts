/**
 * What commands print as JSON: numbers are numbers. JSON has no word for one that is none and would write null, which says that there is nothing to tell.
 *
 * @module
 */
import { notFiniteIn } from "../domain/NotFinite.ts"

/** A number that is NaN or infinite where JSON is to be printed. The fields that may be undefined are null before they come here. */
export class NotFiniteError extends Error {
  override readonly name = "NotFiniteError"

  constructor(path: string, value: number) {
    super(`the result's ${path} is ${value}: it overflows, or is not defined. Are the inputs and coefficients of a size that makes sense?`)
  }
}

/** A value as JSON, indented by `space`. Throws `NotFiniteError` for a number that JSON cannot write; the program says it, and fails. */
export const jsonText = (value: unknown, space = 2): string => {
  const found = notFiniteIn(value)
  if (found !== undefined) throw new NotFiniteError(found.path, found.value)
  return JSON.stringify(value, null, space)
}
