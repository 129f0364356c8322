/**
 * Writes what the page looks at as files for any web server: the page, and the answers to its questions.
 *
 * @module
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { FileError } from "../../domain/Errors.ts"
import { refused } from "../../domain/Files.ts"
import { DATA, packColumns, ROWS_A_FILE, staticFile, type StaticSet, TEXTS_A_FILE } from "../../view/StaticData.ts"
import type { CalibrateOptions } from "../../eval/calibration/Calibrate.ts"
import type { Overview } from "../../view/Api.ts"
import { fillFolder } from "../Destination.ts"
import type { Library } from "./Library.ts"

/** What was written. */
export interface Exported {
  readonly folder: string
  readonly files: number
  readonly bytes: number
}

const writeAll = async (
  library: Library,
  page: string,
  folder: string,
  options: CalibrateOptions,
  onRow: (done: number, total: number) => void,
  signal: AbortSignal
): Promise<Omit<Exported, "folder">> => {
  let [files, bytes] = [0, 0]
  const data = join(folder, DATA)
  mkdirSync(data, { recursive: true })
  const put = (path: string, content: string | Uint8Array): void => {
    writeFileSync(path, content)
    files++
    bytes += Buffer.byteLength(content)
  }
  const write = (name: string, value: unknown): void => put(join(data, name), JSON.stringify(value))
  for (const name of readdirSync(page)) {
    if (name !== "index.html") copyFileSync(join(page, name), join(folder, name))
  }
  const html = readFileSync(join(page, "index.html"), "utf8")
  const overview: Overview = await library.overview()
  // As they are now: what is written while this goes on is no part of the export.
  const sets = overview.sets.map((set) => ({ ...set, ...library.columnsOf(set.id), begun: set.edition }))
  const total = sets.reduce((sum, { columns }) => sum + columns.length, 0)
  let done = 0
  for (const { begun, columns, edition, id, path, read, stepOfFile } of sets) {
    const set: StaticSet = {
      length: columns.length,
      kinds: columns.kinds,
      stepOfFile: stepOfFile.map((step) => step ?? null),
      options,
      read
    }
    write(staticFile.set(id), set)
    put(join(data, staticFile.columns(id)), packColumns(columns))
    for (let row = 0; row < columns.length; row += ROWS_A_FILE) {
      const count = Math.min(ROWS_A_FILE, columns.length - row)
      write(staticFile.rows(id, row), (await library.rows(id, {}, row, count)).rows)
    }
    for (let first = 0; first < columns.length; first += TEXTS_A_FILE) {
      // Ctrl-C wants an answer too.
      await new Promise((resolve) => setImmediate(resolve))
      signal.throwIfAborted()
      if (edition() !== begun) {
        throw new FileError({
          file: path,
          problem: "its files were written anew during the export",
          advice: "Export it once they are written"
        })
      }
      const texts = Array.from({ length: Math.min(TEXTS_A_FILE, columns.length - first) }, (_, i) => library.wholeRow(id, first + i))
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
  return { files, bytes }
}

/** Writes the page and all data into a folder that is empty or not there. Fails with `FileError` where it cannot. */
export const exportView = Effect.fnUntraced(function* (
  library: Library,
  page: string,
  folder: string,
  options: CalibrateOptions,
  onRow: (done: number, total: number) => void
) {
  yield* Effect.try({
    try: () => {
      if (existsSync(folder) && readdirSync(folder).length > 0) throw new Error("the folder is not empty")
    },
    catch: refused(folder, "Name a folder that is empty or not there yet")
  })
  const counts = yield* fillFolder(folder, (at) =>
    Effect.tryPromise({
      try: (signal) => writeAll(library, page, at, options, onRow, signal),
      catch: (cause) => cause instanceof FileError ? cause : refused(folder, "Is there room, and may it be written to?")(cause)
    }))
  return { folder, ...counts } satisfies Exported
})
