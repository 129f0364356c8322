/**
 * What there is to look at in the paths that were named: runs, their rollouts, files of rollouts, results and comparisons.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { type Dirent, readdirSync, readFileSync } from "node:fs"
import { basename, dirname, join, relative, resolve, sep } from "node:path"
import { byCharacters } from "../../domain/Order.ts"
import { findStepFiles, isSeries, statsOf } from "../../eval/transcripts/steps/StepFiles.ts"
import { STEP, stepOfPath } from "../../eval/transcripts/steps/StepPath.ts"
import { rememberedByFile } from "./Remembered.ts"
import { isVerlLog } from "./RunMetrics.ts"

/** Rollouts in a file, a folder of step files, or a series. */
export interface SetSource {
  readonly id: string
  readonly name: string
  readonly path: string
  readonly run: string | undefined
}

/** A file of metrics. */
export interface RunSource {
  readonly id: string
  readonly name: string
  /** The folder. */
  readonly path: string
  readonly metrics: string
  /** The file that holds its settings. */
  readonly settings: string | undefined
  readonly by: string
}

/** A file that is read as a whole. */
export interface DocumentSource {
  readonly id: string
  readonly name: string
  readonly path: string
}

/** All that was found. */
export interface Sources {
  readonly sets: ReadonlyArray<SetSource>
  readonly runs: ReadonlyArray<RunSource>
  readonly results: ReadonlyArray<DocumentSource>
  readonly comparisons: ReadonlyArray<DocumentSource>
  readonly leftOut: ReadonlyArray<{ readonly path: string; readonly reason: string }>
}

const ROLLOUTS = /\.(?:jsonl|ndjson|json|parquet|eval)(?:\.gz|\.zst)?$/i
// Folders of folders of runs: no deeper.
const DEEPEST = 3
const MOST_ENTRIES = 2000
// Results of a large experiment are some megabytes; what is larger and one JSON document is rollouts.
const LARGEST_DOCUMENT = 64 << 20

/** The same path has the same id in every start: links stay good. */
export const idOf = (kind: string, path: string): string =>
  `${kind}${createHash("sha256").update(resolve(path)).digest("hex").slice(0, 10)}`

const entriesOf = (folder: string): ReadonlyArray<Dirent> => {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !name.startsWith(".")).sort((a, b) =>
      byCharacters(a.name, b.name)
    )
      .slice(0, MOST_ENTRIES)
  } catch {
    return []
  }
}

const isFile = (path: string): boolean => statsOf(path)?.isFile() === true
const isFolder = (path: string): boolean => statsOf(path)?.isDirectory() === true

/** What a JSON document is, by its fields. */
const documentKind = (path: string): Kind => {
  const stats = statsOf(path)
  if (stats === undefined || stats.size > LARGEST_DOCUMENT || !path.toLowerCase().endsWith(".json")) return undefined
  try {
    const value = JSON.parse(readFileSync(path, "utf8")) as unknown
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
    if ("models" in value && "preset" in value && "summary" in value) return "results"
    return "from" in value && "to" in value && "overall" in value ? "comparison" : undefined
  } catch {
    return undefined
  }
}

/** What a file is that does not say so by its name. */
type Kind = "results" | "comparison" | "verl" | undefined

const kindOf = (path: string): Kind => path.endsWith(".jsonl") && isVerlLog(path) ? "verl" : documentKind(path)

interface Found {
  readonly kindOf: (path: string) => Kind
  readonly sets: Array<SetSource>
  readonly runs: Array<RunSource>
  readonly results: Array<DocumentSource>
  readonly comparisons: Array<DocumentSource>
}

const setOf = (path: string, name: string, run?: string): SetSource => ({ id: idOf("s", path), name, path, run })

const runOf = (metrics: string, name: string, by: string, settings: string | undefined): RunSource => ({
  id: idOf("r", metrics),
  name,
  path: dirname(metrics),
  metrics,
  settings: settings !== undefined && isFile(settings) ? settings : undefined,
  by
})

const nameIn = (folder: string, more?: string): string => {
  const name = basename(resolve(folder))
  return more === undefined ? name : `${name} / ${more}`
}

/** A folder that `reproduce` wrote: a run and its rollouts for each model. */
const lookAtReproduced = (folder: string, into: Found): void => {
  const results = join(folder, "results.json")
  if (isFile(results)) into.results.push({ id: idOf("d", results), name: nameIn(folder), path: results })
  for (const { name } of entriesOf(join(folder, "metrics"))) {
    if (!name.endsWith(".jsonl") || !isFile(join(folder, "metrics", name))) continue
    into.runs.push(runOf(join(folder, "metrics", name), nameIn(folder, name.slice(0, -6)), "reproduce", join(folder, "preset.json")))
  }
  for (const { name } of entriesOf(join(folder, "rollouts"))) {
    if (!ROLLOUTS.test(name) || !isFile(join(folder, "rollouts", name))) continue
    const model = name.replace(ROLLOUTS, "")
    into.sets.push(setOf(join(folder, "rollouts", name), nameIn(folder, model), idOf("r", join(folder, "metrics", `${model}.jsonl`))))
  }
}

const isRunFolder = (folder: string): boolean =>
  ["results.json", "metrics.jsonl"].some((name) => isFile(join(folder, name))) ||
  (isFolder(join(folder, "metrics")) && isFolder(join(folder, "rollouts")))

/**
 * Where the files that are named by the steps of a run lie: in a folder, or in its folders that are; further below, in a folder of some other name, which may be
 * one of several runs'; or nowhere.
 */
const stepsIn = (folder: string): "here" | "below" | "nowhere" => {
  try {
    const file = findStepFiles([folder]).files.find(({ step }) => step !== undefined)?.file
    if (file === undefined) return "nowhere"
    const path = relative(folder, file).replaceAll(sep, "/")
    const [first = ""] = path.split("/")
    const isHere = stepOfPath(path)?.series.split("/")[0]!.includes(STEP) === true
    // Runs may be called by numbers, too.
    return isHere && !isRunFolder(join(folder, first)) ? "here" : "below"
  } catch {
    return "nowhere"
  }
}

const placeOf = (folder: string): string => {
  const stats = statsOf(folder)
  return `${stats?.dev}:${stats?.ino}`
}

/** A folder; `above`: those that it was come to through. A link to one of them leads nowhere new. */
const lookAtFolder = (folder: string, into: Found, above: ReadonlyArray<string>): void => {
  const [depth, here] = [above.length, placeOf(folder)]
  if (above.includes(here)) return
  const has = (name: string): boolean => isFile(join(folder, name))
  if (has("results.json") || (isFolder(join(folder, "metrics")) && isFolder(join(folder, "rollouts")))) {
    return lookAtReproduced(folder, into)
  }
  if (has("metrics.jsonl")) {
    const run = runOf(join(folder, "metrics.jsonl"), nameIn(folder), has("run.json") ? "train" : "metrics", join(folder, "run.json"))
    into.runs.push(run)
    for (const name of ["rollouts", "completions", "validation"]) {
      if (isFolder(join(folder, name))) into.sets.push(setOf(join(folder, name), nameIn(folder, name), run.id))
    }
    return
  }
  // The Trainer of transformers, which TRL's trainers are.
  if (has("trainer_state.json")) into.runs.push(runOf(join(folder, "trainer_state.json"), nameIn(folder), "trl", undefined))
  const takeAll = (): void => void into.sets.push(setOf(folder, depth === 0 ? nameIn(folder) : nameIn(dirname(folder), basename(folder))))
  const steps = stepsIn(folder)
  if (steps === "here") return takeAll()
  const count = (): number => into.sets.length + into.runs.length
  const before = count()
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name)
    if (isFolder(path)) {
      if (depth < DEEPEST && !entry.name.startsWith("checkpoint-")) lookAtFolder(path, into, [...above, here])
    } else if (isFile(path)) lookAtFile(path, into, false)
  }
  // They lie deeper than was looked.
  if (steps === "below" && count() === before) takeAll()
}

/** A file; `isNamed`: the user did, so that it is taken for rollouts whatever it is called. */
const lookAtFile = (path: string, into: Found, isNamed: boolean): void => {
  const kind = into.kindOf(path)
  const document = { id: idOf("d", path), name: isNamed ? basename(path) : nameIn(dirname(path), basename(path)), path }
  if (kind === "results") into.results.push(document)
  else if (kind === "comparison") into.comparisons.push(document)
  else if (kind === "verl") {
    into.runs.push(runOf(path, isNamed ? basename(path) : document.name, "verl", undefined))
  } else if (basename(path) === "metrics.jsonl") {
    into.runs.push(runOf(path, nameIn(dirname(path)), "metrics", join(dirname(path), "run.json")))
  } else if (isNamed || /\.(?:jsonl|ndjson|parquet|eval)(?:\.gz|\.zst)?$/i.test(path)) into.sets.push(setOf(path, document.name))
}

/** Looks through the paths, each time that it is called: what is found depends on what is there then. A file's content is looked at when it has changed. */
export const sourcesFinder = (paths: ReadonlyArray<string>): () => Sources => {
  const remembered = rememberedByFile((path: string) => path, kindOf)
  return () => findSources(paths, remembered)
}

const findSources = (paths: ReadonlyArray<string>, kindOf: Found["kindOf"]): Sources => {
  const found: Found = { kindOf, sets: [], runs: [], results: [], comparisons: [] }
  const count = (): number => found.sets.length + found.runs.length + found.results.length + found.comparisons.length
  const leftOut: Array<{ readonly path: string; readonly reason: string }> = []
  for (const path of paths) {
    const before = count()
    if (isSeries(path)) found.sets.push(setOf(path, path))
    else if (isFolder(path)) lookAtFolder(path, found, [])
    else if (isFile(path)) lookAtFile(path, found, true)
    if (count() > before) continue
    const isThere = statsOf(path) !== undefined
    leftOut.push({ path, reason: isThere ? "neither rollouts nor metrics nor results were found in it" : "no such file or folder" })
  }
  const once = <A extends { readonly id: string }>(
    all: ReadonlyArray<A>
  ): ReadonlyArray<A> => [...new Map(all.map((one) => [one.id, one])).values()]
  return {
    sets: once(found.sets),
    runs: once(found.runs),
    results: once(found.results),
    comparisons: once(found.comparisons),
    leftOut
  }
}
