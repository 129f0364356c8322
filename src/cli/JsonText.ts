/**
 * What commands print as JSON: numbers are numbers. JSON has no word for one that is none and would write null, which says that there is nothing to tell.
 *
 * @module
 */

/** A number that is NaN or infinite where JSON is to be printed. The fields that may be undefined are null before they come here. */
export class NotFiniteError extends Error {
  override readonly name = "NotFiniteError"

  constructor(path: string, value: number) {
    super(`the result's ${path} is ${value}: it overflows, or is not defined. Are the inputs and coefficients of a size that makes sense?`)
  }
}

interface NotFinite {
  readonly keys: ReadonlyArray<string>
  readonly value: number
}

const find = (value: unknown): NotFinite | undefined => {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : { keys: [], value }
  if (typeof value !== "object" || value === null) return undefined
  for (const [key, inner] of Object.entries(value)) {
    const found = find(inner)
    if (found !== undefined) return { keys: [key, ...found.keys], value: found.value }
  }
  return undefined
}

const step = (path: string, key: string): string => /^\d+$/.test(key) ? `${path}[${key}]` : `${path === "" ? "" : `${path}.`}${key}`

/** The path of the first number that is NaN or infinite, and the number; undefined where all are numbers. */
export const notFiniteIn = (value: unknown): { readonly path: string; readonly value: number } | undefined => {
  const found = find(value)
  return found && { path: found.keys.reduce(step, "") || "number", value: found.value }
}

/** A value as JSON, indented by `space`. Throws `NotFiniteError` for a number that JSON cannot write; the program says it, and fails. */
export const jsonText = (value: unknown, space = 2): string => {
  const found = notFiniteIn(value)
  if (found !== undefined) throw new NotFiniteError(found.path, found.value)
  return JSON.stringify(value, null, space)
}
