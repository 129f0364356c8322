/**
 * A file of prompts: problems of any kind, one a line, in the fields that data sets have.
 *
 * @module
 */
import { Effect, Result, Stream } from "effect"
import { ConfigError, FileError, RowError } from "../domain/Errors.ts"
import * as Jsonl from "../domain/Jsonl.ts"
import { Line, promptRowOf } from "../tasks/PromptRow.ts"
import { rowName, type TextQuery } from "./WantedRows.ts"

/**
 * Reads JSON Lines of `{prompt | question | problem | messages, answer?, level?, id?}`; other fields are kept for the rows (as `prompt_…`
 * where some tool has responses under the name). Rows without an id are
 * called by their line, without a level they are all of one. Fails with RowError at the first line that is no prompt, ConfigError for an id that
 * is there twice, FileError for a file that cannot be read or has none.
 */
export const readPrompts = Effect.fn("Prompts.readPrompts")(function* (file: string) {
  const lines = yield* Stream.runCollect(Jsonl.read(file, Line))
  const queries: Array<TextQuery> = []
  const seen = new Set<string>()
  for (const [i, line] of lines.entries()) {
    const query = Result.map(line, (value) => promptRowOf(value, i + 1))
    if (Result.isFailure(query)) return yield* query.failure
    const found = query.success
    if (typeof found === "string") return yield* new RowError({ file, line: i + 1, problem: found })
    const name = rowName(found)
    if (seen.has(name)) {
      return yield* new ConfigError({
        field: `id of row ${i + 1} of ${file}`,
        value: JSON.stringify(found.id),
        expected: `an id that no row before it has: responses to both would be called ${JSON.stringify(name)}`
      })
    }
    seen.add(name)
    queries.push(found)
  }
  if (queries.length > 0) return queries
  return yield* new FileError({ file, problem: "no prompts", advice: "Give JSON Lines with a \"prompt\" in each" })
})
