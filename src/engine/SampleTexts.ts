/**
 * Samples a text policy on queries into a rollouts file: what is missing is asked for, what arrives is written at once.
 *
 * @module
 */
import { Effect, FileSystem } from "effect"
import { ConfigError, FileError } from "../domain/Errors.ts"
import type { Query } from "../domain/Query.ts"
import { fold, type Seed } from "../domain/Seed.ts"
import { openForAppending, readRows, type TextRollout } from "./RolloutFile.ts"
import { type Completion, Completions } from "./Completions.ts"

/** What is sampled, and into which file. */
export interface SampleTextsOptions {
  readonly queries: ReadonlyArray<Query>
  /** Responses to each query. */
  readonly generations: number
  readonly file: string
  /** Whether the file's rows are kept and only the missing ones asked for; otherwise the file must not exist. */
  readonly resume: boolean
  /** Requests under way at a time. */
  readonly concurrency: number
  readonly seed: Seed
  readonly onRow?: (done: number, total: number) => void
}

interface Wanted {
  readonly id: string
  readonly query: Query
  readonly seed: Seed
}

const wantedOf = ({ generations, queries, seed }: SampleTextsOptions): ReadonlyArray<Wanted> =>
  queries.flatMap((query) =>
    Array.from({ length: generations }, (_, g) => ({
      id: `${query.level}/${query.id}#${g}`,
      query,
      seed: fold(seed, "remote", query.level, query.id, g)
    }))
  )

const rowOf = (model: string, { id, query }: Wanted, completion: Completion): TextRollout => ({
  id,
  model,
  level: query.level,
  prompt: query.prompt,
  response: completion.response,
  ...(query.answer === undefined ? {} : { answer: query.answer }),
  truncated: completion.truncated,
  ending: completion.truncated ? "truncated" : completion.hitCap === true ? "cap" : "stop",
  ...(completion.tokens === undefined ? {} : { tokens: completion.tokens }),
  ...(completion.logprobs === undefined ? {} : { logprobs: completion.logprobs })
})

// Rows of another run would be counted as this one's; what tells them apart is the model's name, the prompt and the id.
const checkRow = (file: string, model: string, row: TextRollout, wanted: ReadonlyMap<string, Wanted>): FileError | undefined => {
  const want = wanted.get(row.id)
  const refuse = (problem: string) =>
    new FileError({ file, problem, advice: "Resume with the settings of the run that began the file, or write to another file" })
  if (want === undefined) return refuse(`row ${JSON.stringify(row.id)} is none of this run's`)
  if (row.model !== model) {
    return refuse(`row ${JSON.stringify(row.id)} is of model ${JSON.stringify(row.model)}, not ${JSON.stringify(model)}`)
  }
  if (row.prompt !== want.query.prompt) return refuse(`row ${JSON.stringify(row.id)} has another prompt`)
  return undefined
}

const rowsThere = Effect.fnUntraced(function* ({ file, resume }: SampleTextsOptions) {
  const files = yield* FileSystem.FileSystem
  const hasContent = yield* files.exists(file).pipe(
    Effect.flatMap((isThere) => (isThere ? Effect.map(files.stat(file), ({ size }) => size > 0n) : Effect.succeed(false))),
    Effect.mapError((cause) => new FileError({ file, problem: cause.message, advice: "May the folder be read?" }))
  )
  if (!hasContent) return []
  if (resume) return yield* readRows(file)
  return yield* new FileError({
    file,
    problem: "the file is there already",
    advice: "Pass --resume to ask only for what is missing, or write to another file"
  })
})

/**
 * Samples every query `generations` times and returns all rows in the order of the queries, those of earlier runs included.
 *
 * A response is in the file as soon as it is here, so a run that is stopped loses only what the server had not finished. A request
 * that fails for good stops the run; the rows stay.
 */
export const sampleTexts = Effect.fn("SampleTexts.sampleTexts")(function* (options: SampleTextsOptions) {
  const { concurrency, file, generations } = options
  for (const [field, value] of Object.entries({ concurrency, generations })) {
    if (!Number.isInteger(value) || value < 1) {
      return yield* new ConfigError({ field, value: String(value), expected: "a whole number from 1" })
    }
  }
  const policy = yield* Completions
  const wanted = wantedOf(options)
  const byId = new Map(wanted.map((want) => [want.id, want]))
  const rows = new Map<string, TextRollout>()
  for (const row of yield* rowsThere(options)) {
    const problem = checkRow(file, policy.name, row, byId)
    if (problem !== undefined) return yield* problem
    if (rows.has(row.id)) {
      return yield* new FileError({ file, problem: `row ${JSON.stringify(row.id)} is there twice`, advice: "Remove one of the two lines" })
    }
    rows.set(row.id, row)
  }
  const resumed = rows.size
  yield* Effect.scoped(Effect.gen(function* () {
    const append = yield* openForAppending(file)
    yield* Effect.forEach(
      wanted.filter(({ id }) => !rows.has(id)),
      (want) =>
        Effect.gen(function* () {
          const completion = yield* policy.complete({ id: want.id, prompt: want.query.prompt, seed: want.seed })
          const row = rowOf(policy.name, want, completion)
          yield* append(row)
          rows.set(row.id, row)
          options.onRow?.(rows.size, wanted.length)
        }),
      { concurrency, discard: true }
    )
  }))
  return { rows: wanted.map(({ id }) => rows.get(id)!), resumed }
})
