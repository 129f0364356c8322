/**
 * The files of a run: in a folder that a trainer writes its rollouts to, of a series named with "{step}", or named one by one.
 *
 * @module
 */
import { type Dirent, readdirSync, statSync } from "node:fs"
import { basename, dirname, join, sep } from "node:path"
import { ConfigError, FileError } from "../../../domain/Errors.ts"
import { refused } from "../../../domain/Files.ts"
import { byCharacters } from "../../../domain/Order.ts"
import { matcherOf, STEP, stepOfPath } from "./StepPath.ts"

/** A file of a run. */
export interface StepFile {
  readonly file: string
  /** The step that its name says; undefined where the rows must. */
  readonly step: number | undefined
  /** What tells whether it has changed. */
  readonly size: number
  readonly modified: number
  readonly inode: number
}

/** Whether a file is as it was. */
export const isSameFile = (a: StepFile, b: StepFile): boolean => a.size === b.size && a.modified === b.modified && a.inode === b.inode

/** The files of a run, in the order of steps and names. */
export interface FoundFiles {
  readonly files: ReadonlyArray<StepFile>
  /** Files of the folders that are none of a step's: the first few names, and how many. */
  readonly leftOut: { readonly count: number; readonly names: ReadonlyArray<string> }
}

// What a trainer writes rollouts as. Other JSON in a run's folder is settings, and is read where it is named.
const ROLLOUTS = /\.(?:jsonl|ndjson|parquet)(?:\.gz|\.zst)?$/i
const DEEPEST = 6
const LISTED = 3

const entriesOf = (folder: string): ReadonlyArray<Dirent> => {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (cause) {
    throw refused(folder, "Is it a folder that may be read?")(cause)
  }
}

/** What is asked of a file or folder. Node's own type would ask for its types wherever these are read. */
export interface FileStats {
  readonly isFile: () => boolean
  readonly isDirectory: () => boolean
  readonly size: number
  /** Milliseconds since 1970. */
  readonly mtimeMs: number
  readonly ino: number
  readonly dev: number
}

/** What the system says of a file or folder; undefined where there is none, or none that may be seen. */
export const statsOf = (path: string): FileStats | undefined => {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

const isHidden = (name: string): boolean => name.startsWith(".") || /[~]$|\.(?:partial|tmp|swp|lock)$/i.test(name)

const placeOf = (folder: string): string => {
  const stats = statsOf(folder)
  return `${stats?.dev}:${stats?.ino}`
}

// Paths of all files below a folder, relative to it, with "/" between parts. A link to a folder that it lies in leads nowhere new.
const filesBelow = (folder: string, above: ReadonlyArray<string> = [placeOf(folder)]): ReadonlyArray<string> =>
  entriesOf(folder).filter(({ name }) => !isHidden(name)).flatMap((entry) => {
    const path = join(folder, entry.name)
    const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && statsOf(path)?.isDirectory() === true)
    if (!isFolder) return [entry.name]
    const place = placeOf(path)
    if (above.length > DEEPEST || above.includes(place)) return []
    return filesBelow(path, [...above, place]).map((below) => `${entry.name}/${below}`)
  })

const found = (file: string, step: number | undefined): ReadonlyArray<StepFile> => {
  const stats = statsOf(file)
  return stats === undefined ? [] : [{ file, step, size: stats.size, modified: stats.mtimeMs, inode: stats.ino }]
}

// What lies in a folder beside files: a pipe there would be waited for without end.
const foundBelow = (file: string, step: number | undefined): ReadonlyArray<StepFile> =>
  statsOf(file)?.isFile() === true ? found(file, step) : []

const severalSeries = (folder: string, series: ReadonlyMap<string, number>): ConfigError => {
  const listed = [...series].sort(([, a], [, b]) => b - a).slice(0, 6)
    .map(([name, files]) => `'${join(folder, name)}' (${files} file${files === 1 ? "" : "s"})`)
  return new ConfigError({
    field: `the run ${folder}`,
    value: `${series.size} series of step files`,
    expected: `one of them by its name, or several that belong together: ${listed.join(", ")}${series.size > 6 ? ", …" : ""}`
  })
}

interface Listed {
  readonly files: ReadonlyArray<StepFile>
  readonly leftOut: ReadonlyArray<string>
}

const NOTHING: Listed = { files: [], leftOut: [] }

const inFolder = (folder: string): Listed => {
  const names = filesBelow(folder)
  const rollouts = names.filter((name) => ROLLOUTS.test(name))
  const paths = rollouts.map((name) => ({ name, path: stepOfPath(name) }))
  const series = new Map<string, number>()
  for (const { path } of paths) if (path !== undefined) series.set(path.series, (series.get(path.series) ?? 0) + 1)
  // "7.jsonl" and "007.jsonl.gz" differ in their series; several kinds of files would be pooled without a word.
  if (series.size > 1) throw severalSeries(folder, series)
  const ofSteps = paths.filter(({ path }) => path !== undefined)
  // Without a file that is named by its step, the rows say theirs.
  const taken = ofSteps.length > 0 ? ofSteps : paths
  const used = new Set(taken.map(({ name }) => name))
  return {
    files: taken.flatMap(({ name, path }) => foundBelow(join(folder, name), path?.step)),
    leftOut: names.filter((name) => !used.has(name)).map((name) => join(folder, name))
  }
}

// The folder that a series begins in: its parts before the first that varies.
const rootOf = (series: string): string => {
  const parts = series.split("/")
  const varying = parts.findIndex((part) => part.includes(STEP) || part.includes("*"))
  return parts.slice(0, varying).join("/") || (series.startsWith("/") ? "/" : ".")
}

const ofSeries = (series: string): Listed => {
  const root = rootOf(series)
  const match = matcherOf(series)
  const prefix = series.startsWith("/")
    ? (root === "/" ? "/" : `${root}/`)
    : root === "."
    ? (series.startsWith("./") ? "./" : "")
    : `${root}/`
  const files = filesBelow(root).flatMap((name) => {
    const step = match(prefix + name)
    return step === undefined ? [] : foundBelow(prefix + name, step)
  })
  return { files, leftOut: [] }
}

const byStep = (a: StepFile, b: StepFile): number => (a.step ?? -1) - (b.step ?? -1) || byCharacters(a.file, b.file)

/** Whether an input names a series. */
export const isSeries = (input: string): boolean => input.includes(STEP)

/** Whether an input is a folder, or names a series: many files, of steps. */
export const isRun = (input: string): boolean => isSeries(input) || statsOf(input)?.isDirectory() === true

/**
 * Finds the files of a run. An input is a folder (looked through with its subfolders), a series such as "run/step_{step}/train/traces.jsonl" (`*` in it stands
 * for anything within a part of the path), or a file. Of a folder JSON Lines and Parquet files count that are named by their step, or all if none is.
 *
 * Throws `ConfigError` where a folder has several series, `FileError` for an input that is not there; with `isAwaited` one whose folder is there may still come.
 * Nothing found is no failure: a run may be about to begin.
 */
export const findStepFiles = (inputs: ReadonlyArray<string>, isAwaited = false): FoundFiles => {
  const listed = inputs.map((input): Listed => {
    const path = sep === "/" ? input : input.replaceAll(sep, "/")
    const place = isSeries(path) ? rootOf(path) : input
    const stats = statsOf(place)
    if (stats === undefined) {
      if (isAwaited && statsOf(dirname(place)) !== undefined) return NOTHING
      throw new FileError({
        file: place,
        problem: "no such file or folder",
        advice: `Give a run's folder of rollouts, a file, or a series such as run/${STEP}.jsonl`
      })
    }
    if (isSeries(path)) return ofSeries(path)
    // Where a file's own name says nothing its folders may.
    return stats.isDirectory()
      ? inFolder(input)
      : { files: found(input, (stepOfPath(basename(input)) ?? stepOfPath(path))?.step), leftOut: [] }
  })
  const files = new Map(listed.flatMap((each) => each.files).map((file) => [file.file, file]))
  const leftOut = listed.flatMap((each) => each.leftOut)
  return { files: [...files.values()].sort(byStep), leftOut: { count: leftOut.length, names: leftOut.slice(0, LISTED) } }
}
