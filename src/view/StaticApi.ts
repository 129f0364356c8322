/**
 * The page's questions answered from exported files: filters and calibrations are computed here, by the functions that the server computes them with.
 *
 * @module
 */
import { calibrateTallies } from "../eval/transcripts/CalibrateTallies.ts"
import { describeTallies, NOTHING_READ } from "../eval/transcripts/DescribeTallies.ts"
import type { RowColumns } from "../eval/transcripts/rows/RowColumns.ts"
import { selectRows } from "../eval/transcripts/rows/RowFilter.ts"
import { talliesOfRows } from "../eval/transcripts/rows/RowTallies.ts"
import { compareSets, rowFilterOf, samplesAround, windowOf } from "./Answers.ts"
import type { Api, Filter, RowInfo } from "./Api.ts"
import { ApiError } from "./HttpApi.ts"
import { ROWS_A_FILE, staticFile, type StaticSet, type StaticText, TEXTS_A_FILE, unpackColumns } from "./StaticData.ts"

interface OpenSet extends StaticSet {
  readonly id: string
  readonly columns: RowColumns
}

// Files of rows that are held.
const MOST_HELD = 40

/** Calls a function once for each key, and holds the last answers. */
const remembered = <A>(ask: (key: string) => Promise<A>, most: number): (key: string) => Promise<A> => {
  const held = new Map<string, Promise<A>>()
  return (key) => {
    const known = held.get(key)
    if (known !== undefined) return known
    const answer = ask(key)
    held.set(key, answer)
    // A failure is asked for again.
    answer.catch(() => held.delete(key))
    for (const old of [...held.keys()].slice(0, -most)) held.delete(old)
    return answer
  }
}

/** The answers from the files in a folder, fetched with `read`. */
export const staticApi = (folder: string, read: (url: string) => Promise<Response> = (url) => fetch(url)): Api => {
  const get = async (name: string): Promise<Response> => {
    const response = await read(`${folder}/${name}`).catch(() => undefined)
    if (response?.ok === true) return response
    throw new ApiError({ problem: `${name} is not among the exported files`, advice: "Was all of the folder copied? Export it anew" })
  }
  const json = async <A>(name: string): Promise<A> => (await get(name)).json() as Promise<A>
  const file = remembered((name) => json<unknown>(name), MOST_HELD)
  const openSet = remembered(async (id): Promise<OpenSet> => {
    const set = await json<StaticSet>(staticFile.set(id))
    return { ...set, id, columns: unpackColumns(set, await (await get(staticFile.columns(id))).arrayBuffer()) }
  }, MOST_HELD)
  const rowOf = async (set: string, row: number): Promise<RowInfo> => {
    const rows = await file(staticFile.rows(set, row)) as ReadonlyArray<RowInfo>
    return rows[row % ROWS_A_FILE]!
  }
  const textOf = async (set: string, row: number): Promise<StaticText> => {
    const texts = await file(staticFile.texts(set, row)) as ReadonlyArray<StaticText>
    const text = texts[row % TEXTS_A_FILE]
    if (text === undefined) throw new ApiError({ problem: `row is ${row}`, advice: "The set has fewer" })
    return text
  }
  const stepsOf = ({ stepOfFile }: StaticSet) => stepOfFile.map((step) => step ?? undefined)

  const searched = remembered(async (key): Promise<Uint32Array> => {
    const [id, text, filter] = JSON.parse(key) as [string, string, Filter]
    const set = await openSet(id)
    const found: Array<number> = []
    for (const row of selectRows(set.columns, rowFilterOf(set.columns, filter), stepsOf(set))) {
      const { promptText, segments } = await textOf(id, row)
      if (promptText.includes(text) || segments.map((segment) => segment.text).join("").includes(text)) found.push(row)
    }
    return Uint32Array.from(found)
  }, 4)

  const choose = async (set: OpenSet, { text, ...filter }: Filter): Promise<Uint32Array> =>
    text === undefined
      ? selectRows(set.columns, rowFilterOf(set.columns, filter), stepsOf(set))
      : searched(JSON.stringify([set.id, text, filter]))

  return {
    overview: () => json(staticFile.overview()),
    metrics: (run) => json(staticFile.metrics(run)),
    results: (id) => json(staticFile.document(id)),
    comparison: (id) => json(staticFile.document(id)),
    follow: () => () => undefined,
    rows: async (id, filter, from, count) => {
      const rows = await choose(await openSet(id), filter)
      return {
        set: id,
        edition: 0,
        total: rows.length,
        isComplete: true,
        from,
        rows: await Promise.all([...rows.subarray(from, from + count)].map((row) => rowOf(id, row)))
      }
    },
    row: async (id, row, from = 0) => {
      const { columns } = await openSet(id)
      const text = await textOf(id, row)
      const { others, samples } = samplesAround(columns, row)
      return { ...windowOf(text, from), samples, others: await Promise.all(others.map((other) => rowOf(id, other))) }
    },
    calibration: async (id, filter) => {
      const set = await openSet(id)
      const rows = await choose(set, filter)
      if (rows.length === 0) throw new ApiError({ problem: "No rollout is like that", advice: "Take a part of the filter away" })
      const levels = talliesOfRows(set.columns, rows)
      return describeTallies(calibrateTallies(levels, set.options), levels, rows.length === set.length ? set.read : NOTHING_READ)
    },
    compare: async (from, to) => {
      const [before, after] = [await openSet(from), await openSet(to)]
      const { sets } = await json<Awaited<ReturnType<Api["overview"]>>>(staticFile.overview())
      const named = ({ columns, id }: OpenSet) => ({ name: sets.find((set) => set.id === id)?.name ?? id, columns })
      return compareSets(named(before), named(after), after.options, async (row) => (await rowOf(to, row)).prompt)
    }
  }
}
