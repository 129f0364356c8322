/**
 * The rows of a rollouts file that a run wants, whoever answers: their ids and seeds, the row of an answer, and whether a row that is there is one
 * of them. `eval` and its batches write the same rows.
 *
 * @module
 */
import type { Query } from "../domain/Query.ts"
import { fold, type Seed } from "../domain/Seed.ts"
import type { ChatMessage, Completion, CompletionsService } from "./Completions.ts"
import { OWN_FIELDS, type TextRollout } from "./RolloutFile.ts"

/** What is asked, and what its rows carry along. */
export interface TextQuery extends Query {
  /** The chat in the prompt's place, which then only names it. */
  readonly messages?: ReadonlyArray<ChatMessage>
  /** Further fields of the rows. */
  readonly fields?: Readonly<Record<string, unknown>>
}

/** A row that is wanted: its id, which of the run it is (from 1), what is asked, and the seed of its response. */
export interface Wanted {
  readonly id: string
  readonly number: number
  readonly query: TextQuery
  readonly seed: Seed
}

/** Who answers: a name, and settings that its rows say. */
export type Answerer = Pick<CompletionsService, "name" | "settings">

/** The same, whose rows say the seed that they are drawn from: those of two seeds are two samples. */
export const drawnFrom = ({ name, settings }: Answerer, seed: Seed): Answerer => ({ name, settings: { ...settings, seed } })

/** What a row's id begins with. */
export const rowName = ({ id, level }: Pick<Query, "id" | "level">): string => `${level}/${id}`

/** The first name that two queries share, such as level `a/b` with id `c` and level `a` with id `b/c`: their rows could not be told apart. */
export const sharedName = (queries: ReadonlyArray<Pick<Query, "id" | "level">>): string | undefined => {
  const seen = new Set<string>()
  for (const query of queries) {
    const name = rowName(query)
    if (seen.has(name)) return name
    seen.add(name)
  }
  return undefined
}

/** Response `g` to query `q`: its id and its seed do not depend on what else is asked. */
export const wantedRow = (
  query: TextQuery,
  q: number,
  g: number,
  { generations, seed }: { readonly generations: number; readonly seed: Seed }
): Wanted => ({
  id: `${rowName(query)}#${g}`,
  number: q * generations + g + 1,
  query,
  seed: fold(seed, "remote", query.level, query.id, g)
})

/** The row of an answer. */
export const rowOf = ({ name, settings }: Answerer, { id, query }: Pick<Wanted, "id" | "query">, completion: Completion): TextRollout => ({
  ...Object.fromEntries(Object.entries(query.fields ?? {}).filter(([field]) => !OWN_FIELDS.has(field))),
  id,
  model: name,
  ...(settings === undefined ? {} : { settings }),
  level: query.level,
  prompt: query.prompt,
  response: completion.response,
  ...(query.answer === undefined ? {} : { answer: query.answer }),
  truncated: completion.truncated,
  ending: completion.truncated ? "truncated" : completion.hitCap === true ? "cap" : "stop",
  ...(completion.tokens === undefined ? {} : { tokens: completion.tokens }),
  ...(completion.logprobs === undefined ? {} : { logprobs: completion.logprobs })
})

// The first setting that differs, in words.
const otherSetting = (there: TextRollout["settings"], asked: Answerer["settings"]): string | undefined => {
  for (const field of new Set([...Object.keys(asked ?? {}), ...Object.keys(there ?? {})])) {
    const [before, now] = [there?.[field], asked?.[field]]
    // Rows did not always say it.
    if (field === "seed" && before === undefined) continue
    if (before !== now) return `${field} ${JSON.stringify(before) ?? "not given"}, not ${JSON.stringify(now) ?? "without"}`
  }
  return undefined
}

/** What to do where a file holds rows of another run. */
export const OTHER_RUN = "Resume with the settings of the run that began the file, or write to another file"

/** Why a row is none of a run's; undefined if it is. `query` is the run's under the row's id. What tells runs apart is the model's name, its settings and the prompt. */
export const rowProblem = ({ name, settings }: Answerer, row: TextRollout, query: TextQuery | undefined): string | undefined => {
  if (query === undefined) return `row ${JSON.stringify(row.id)} is none of this run's`
  if (row.model !== name) return `row ${JSON.stringify(row.id)} is of model ${JSON.stringify(row.model)}, not ${JSON.stringify(name)}`
  const other = otherSetting(row.settings, settings)
  if (other !== undefined) return `row ${JSON.stringify(row.id)} was sampled with ${other}`
  return row.prompt === query.prompt ? undefined : `row ${JSON.stringify(row.id)} has another prompt`
}
