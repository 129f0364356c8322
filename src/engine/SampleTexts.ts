/**
 * Samples a text policy on queries into a rollouts file: what is missing is asked for, what arrives is written at once.
 *
 * @module
 */
import { Effect, FileSystem, Result } from "effect"
import { ConfigError, FileError } from "../domain/Errors.ts"
import { refused } from "../domain/Files.ts"
import type { Seed } from "../domain/Seed.ts"
import * as Lock from "../domain/Lock.ts"
import { openForAppending, readRows, type TextRollout } from "./RolloutFile.ts"
import { Completions, type CompletionsError } from "./Completions.ts"
import { type Answerer, drawnFrom, OTHER_RUN, rowOf, rowProblem, type TextQuery, type Wanted, wantedRow } from "./WantedRows.ts"

export type { TextQuery } from "./WantedRows.ts"

/** A request whose response could not be had: the row's id, which request of the run it was (from 1), and why. */
export interface FailedRow {
  readonly id: string
  readonly number: number
  readonly reason: string
}

/** What is sampled, and into which file. */
export interface SampleTextsOptions {
  readonly queries: ReadonlyArray<TextQuery>
  /** Responses to each query. */
  readonly generations: number
  readonly file: string
  /** Whether the file's rows are kept and only the missing ones asked for; otherwise the file must not exist. */
  readonly resume: boolean
  /** Requests under way at a time. */
  readonly concurrency: number
  readonly seed: Seed
  /** Told before anything is asked for, how many responses are there from before. */
  readonly onResumed?: (there: number) => void
  /** Told after every response that is there or could not be had. */
  readonly onRow?: (done: number, total: number, failed: number) => void
}

/** So many responses go into one file: each takes some hundred bytes of memory before it is asked for. */
const MOST_REQUESTS = 5_000_000

/** So many requests may fail, and none succeed, until the run is given up: then it is not the requests. */
export const MOST_FAILED_FIRST = 16

const wantedOf = ({ generations, queries, seed }: SampleTextsOptions): ReadonlyArray<Wanted> =>
  queries.flatMap((query, q) => Array.from({ length: generations }, (_, g) => wantedRow(query, q, g, { generations, seed })))

// Rows of another run would be counted as this one's.
const checkRow = (
  file: string,
  answerer: Answerer,
  row: TextRollout,
  wanted: ReadonlyMap<string, Wanted>
): FileError | undefined => {
  const problem = rowProblem(answerer, row, wanted.get(row.id)?.query)
  return problem === undefined ? undefined : new FileError({ file, problem, advice: OTHER_RUN })
}

const rowsThere = Effect.fnUntraced(function* ({ file, resume }: SampleTextsOptions) {
  const files = yield* FileSystem.FileSystem
  const hasContent = yield* files.exists(file).pipe(
    Effect.flatMap((isThere) => (isThere ? Effect.map(files.stat(file), ({ size }) => size > 0n) : Effect.succeed(false))),
    Effect.mapError(refused(file, "May the folder be read?"))
  )
  if (!hasContent) return []
  if (resume) return yield* readRows(file)
  return yield* new FileError({
    file,
    problem: "the file is there already",
    advice: "Pass --resume to ask only for what is missing, or write to another file"
  })
})

/** What is wrong with one request or one answer says nothing of the next; and a server that answered others meanwhile is there. */
export const isOfOneRow = ({ reason }: CompletionsError, othersMeanwhile: boolean): boolean =>
  reason === "BadRequest" || reason === "Unreadable" || (reason === "Unavailable" && othersMeanwhile)

/**
 * Samples every query `generations` times and returns all rows in the order of the queries, those of earlier runs included, and the requests
 * whose responses could not be had: refused by the server, answered with something that is no answer, or not answered while others were. Those
 * are in no row, so that a resumed
 * run asks again.
 *
 * A response is in the file as soon as it is here, so a run that is stopped loses only what the server had not finished. A request
 * that fails for good for a reason that holds for all stops the run, and so do the first requests if none of them succeeds; the rows stay. One
 * run at a time writes to a file.
 */
export const sampleTexts = Effect.fn("SampleTexts.sampleTexts")(function* (options: SampleTextsOptions) {
  const { concurrency, file, generations } = options
  for (const [field, value] of Object.entries({ concurrency, generations })) {
    if (!Number.isInteger(value) || value < 1) {
      return yield* new ConfigError({ field, value: String(value), expected: "a whole number from 1" })
    }
  }
  if (generations * options.queries.length > MOST_REQUESTS) {
    const expected = `at most ${MOST_REQUESTS} responses in one file; ${options.queries.length} prompts were asked for`
    return yield* new ConfigError({ field: "generations", value: String(generations), expected })
  }
  const policy = yield* Completions
  const answerer = drawnFrom(policy, options.seed)
  const wanted = wantedOf(options)
  yield* Lock.holdFile(file, { doing: "samples into this file", otherwise: "write to another file" })
  const byId = new Map(wanted.map((want) => [want.id, want]))
  const rows = new Map<string, TextRollout>()
  for (const row of yield* rowsThere(options)) {
    const problem = checkRow(file, answerer, row, byId)
    if (problem !== undefined) return yield* problem
    if (rows.has(row.id)) {
      return yield* new FileError({ file, problem: `row ${JSON.stringify(row.id)} is there twice`, advice: "Remove one of the two lines" })
    }
    rows.set(row.id, row)
  }
  const resumed = rows.size
  options.onResumed?.(resumed)
  const failed: Array<FailedRow> = []
  const append = yield* openForAppending(file)
  yield* Effect.forEach(
    wanted.filter(({ id }) => !rows.has(id)),
    (want) =>
      Effect.gen(function* () {
        const { messages, prompt } = want.query
        const before = rows.size
        const asked = yield* Effect.result(
          policy.complete({ id: want.id, prompt, seed: want.seed, ...(messages === undefined ? {} : { messages }) })
        )
        if (Result.isFailure(asked)) {
          const error = asked.failure
          failed.push({ id: want.id, number: want.number, reason: error.message })
          if (!isOfOneRow(error, rows.size > before) || (rows.size === 0 && failed.length >= MOST_FAILED_FIRST)) return yield* error
        } else {
          const row = rowOf(answerer, want, asked.success)
          yield* append(row)
          rows.set(row.id, row)
        }
        options.onRow?.(rows.size + failed.length, wanted.length, failed.length)
      }),
    { concurrency, discard: true }
  )
  return {
    rows: wanted.flatMap(({ id }) => rows.get(id) ?? []),
    resumed,
    failed: failed.toSorted((a, b) => a.number - b.number)
  }
}, Effect.scoped)
