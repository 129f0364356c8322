/**
 * Writes what the page looks at as files for any web server: the page, and the answers to its questions.
 *
 * @module
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { FileError } from "../../domain/Errors.ts"
import { DATA, packColumns, ROWS_A_FILE, staticFile, type StaticSet, type StaticText, TEXTS_A_FILE } from "../../view/StaticData.ts"
import type { CalibrateOptions } from "../../eval/calibration/Calibrate.ts"
import type { Overview, RowDetail } from "../../view/Api.ts"
import type { Library } from "./Library.ts"

/** What was written. */
export interface Exported {
  readonly folder: string
  readonly files: number
  readonly bytes: number
}

const textOf = ({ others: _others, samples: _samples, ...text }: RowDetail): StaticText => text

const writeAll = async (
  library: Library,
  page: string,
  folder: string,
  options: CalibrateOptions,
  onRow: (done: number, total: number) => void
): Promise<Exported> => {
  let [files, bytes] = [0, 0]
  const data = join(folder, DATA)
  mkdirSync(data, { recursive: true })
  const put = (path: string, content: string | Uint8Array): void => {
    writeFileSync(path, content)
    files++
    bytes += content.length
  }
  const write = (name: string, value: unknown): void => put(join(data, name), JSON.stringify(value))
  for (const name of readdirSync(page)) {
    if (name !== "index.html") copyFileSync(join(page, name), join(folder, name))
  }
  const html = readFileSync(join(page, "index.html"), "utf8")
  const overview: Overview = await library.overview()
  const total = overview.sets.reduce((sum, { rows }) => sum + rows, 0)
  let done = 0
  for (const { id, rows } of overview.sets) {
    const { columns, read, stepOfFile } = library.columnsOf(id)
    const set: StaticSet = {
      length: columns.length,
      kinds: columns.kinds,
      stepOfFile: stepOfFile.map((step) => step ?? null),
      options,
      read
    }
    write(staticFile.set(id), set)
    put(join(data, staticFile.columns(id)), packColumns(columns))
    for (let row = 0; row < rows; row += ROWS_A_FILE) write(staticFile.rows(id, row), (await library.rows(id, {}, row, ROWS_A_FILE)).rows)
    for (let first = 0; first < rows; first += TEXTS_A_FILE) {
      const texts: Array<StaticText> = []
      for (let row = first; row < Math.min(rows, first + TEXTS_A_FILE); row++) texts.push(textOf(await library.row(id, row)))
      write(staticFile.texts(id, first), texts)
      done += texts.length
      onRow(done, total)
    }
  }
  for (const { id } of overview.runs) write(staticFile.metrics(id), await library.metrics(id))
  for (const { id } of overview.results) write(staticFile.document(id), await library.results(id))
  for (const { id } of overview.comparisons) write(staticFile.document(id), await library.comparison(id))
  write(staticFile.overview(), { ...overview, runs: overview.runs.map((run) => ({ ...run, isRunning: false })) })
  // Last: a folder with a page has its data.
  put(join(folder, "index.html"), html.replace("<title>", `<meta name="data" content="${DATA}">\n<title>`))
  return { folder, files, bytes }
}

/** Writes the page and all data into a folder that is empty or not there. Fails with `FileError` where it cannot. */
export const exportView = Effect.fnUntraced(function* (
  library: Library,
  page: string,
  folder: string,
  options: CalibrateOptions,
  onRow: (done: number, total: number) => void
) {
  const refused = (problem: string, advice: string) => new FileError({ file: folder, problem, advice })
  yield* Effect.try({
    try: () => {
      mkdirSync(folder, { recursive: true })
      if (readdirSync(folder).length > 0) throw new Error("the folder is not empty")
    },
    catch: (cause) => refused(cause instanceof Error ? cause.message : String(cause), "Name a folder that is empty or not there yet")
  })
  return yield* Effect.tryPromise({
    try: () => writeAll(library, page, folder, options, onRow),
    catch: (cause) =>
      cause instanceof FileError
        ? cause
        : refused(cause instanceof Error ? cause.message : String(cause), "Is there room, and may it be written to?")
  })
})
