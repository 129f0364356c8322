/**
 * The advantage of a row: one number, also where a trainer wrote it once a token.
 *
 * The surrogate pays one advantage a response, at its end (Theorem 3.1). A list is therefore read where it is one number, repeated on the tokens
 * that somebody chose; a list that differs from token to token (GAE) has no such reading, and the row says so.
 *
 * @module
 */
import { Result } from "effect"
import type { RawRow, RawValue } from "./RawRow.ts"

/** A row's advantage and where it came from. */
export interface RowAdvantage {
  readonly advantage: number | undefined
  readonly advantageFrom: "advantage" | "score" | undefined
}

const refusal = (name: string, value: unknown): string =>
  `${name} is ${
    value === "NaN" ? "NaN" : typeof value === "number" ? String(value) : value === null ? "null" : `a ${typeof value}`
  }, expected a finite number`

const fromList = (
  { field }: RawValue,
  values: ReadonlyArray<unknown>,
  isOwned: (token: number) => boolean,
  tokens: number
): Result.Result<number, string> => {
  if (values.length !== tokens && values.length !== 1) {
    return Result.fail(`"${field}" has ${values.length} entries for ${tokens} tokens; give one number, or one a token`)
  }
  const first = values.length === 1 ? 0 : values.findIndex((_, token) => isOwned(token))
  const value = values[first]
  for (let token = first; token < values.length; token++) {
    const other = values[token]
    if (token > first && !isOwned(token)) continue
    if (typeof other !== "number" || !Number.isFinite(other)) return Result.fail(refusal(`${field}[${token}]`, other))
    if (other !== value) {
      return Result.fail(
        `"${field}" differs from token to token (${
          String(value)
        } at ${first}, ${other} at ${token}); the surrogate pays one advantage a response, so give one`
      )
    }
  }
  return Result.succeed(value as number)
}

/** Reads the advantage, else the score in its place. Fails with what is wrong with a field that is there. */
export const advantageOf = (
  { advantage, score }: Pick<RawRow, "advantage" | "score">,
  isOwned: (token: number) => boolean,
  tokens: number
): Result.Result<RowAdvantage, string> => {
  const given = advantage ?? score
  if (given === undefined) return Result.succeed({ advantage: undefined, advantageFrom: undefined })
  const { field, value } = given
  const number = Array.isArray(value)
    ? fromList(given, value, isOwned, tokens)
    : typeof value === "number" && Number.isFinite(value)
    ? Result.succeed(value)
    : Result.fail(refusal(`"${field}"`, value))
  return Result.map(number, (found) => ({ advantage: found, advantageFrom: advantage === undefined ? "score" : "advantage" }))
}
