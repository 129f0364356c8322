/**
 * What the page looks at, kept up to date: sets of rollouts, runs, results and comparisons in the paths that were named; and the answers to the page's questions.
 *
 * @module
 */
import { mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Effect, Schedule, Schema, type Scope } from "effect"
import { ConfigError, FileError, type RowError } from "../../domain/Errors.ts"
import { Comparison } from "../../eval/calibration/Comparison.ts"
import { Results } from "../../eval/results/Results.ts"
import { makeTemporary } from "../../eval/transcripts/files/TemporaryFolder.ts"
import { failing } from "../../domain/Throws.ts"
import { calibrateTalliesWith } from "../../eval/transcripts/CalibrateTallies.ts"
import { describeTallies, NOTHING_READ, type ReadRows } from "../../eval/transcripts/DescribeTallies.ts"
import { type CalibrateFilesOptions, describeReading, specOf, threadsFor } from "../../eval/transcripts/files/CalibrateFiles.ts"
import type { CalibrateThreads } from "../../eval/transcripts/files/CalibrateThreads.ts"
import type { TranscriptCalibration } from "../../eval/transcripts/files/TranscriptCalibration.ts"
import { readTranscript } from "../../eval/transcripts/Grade.ts"
import { rolloutOfPattern } from "../../eval/transcripts/Pattern.ts"
import { type Reader, readerOf } from "../../eval/transcripts/Reader.ts"
import { attemptsShown } from "../../eval/transcripts/rows/AttemptWords.ts"
import type { RowColumns } from "../../eval/transcripts/rows/RowColumns.ts"
import { countsOf, type RowCounts } from "../../eval/transcripts/rows/RowCounts.ts"
import { selectRows } from "../../eval/transcripts/rows/RowFilter.ts"
import { makeRowSet, type RowSet } from "../../eval/transcripts/rows/RowSet.ts"
import { talliesOfRows } from "../../eval/transcripts/rows/RowTallies.ts"
import { fieldsOf, piecesOf, placeLogProbs } from "../../eval/transcripts/rows/RowText.ts"
import { SIGN } from "../../eval/transcripts/rows/Sign.ts"
import { findStepFiles, type StepFile } from "../../eval/transcripts/steps/StepFiles.ts"
import { compareSets, rowFilterOf, samplesAround, windowOf } from "../../view/Answers.ts"
import type { Api, Filter, Overview, RowDetail, RowInfo, RowsPage, RunInfo, SetInfo } from "../../view/Api.ts"
import type { StaticText } from "../../view/StaticData.ts"
import { rememberedByFile } from "./Remembered.ts"
import { readMetrics, readSettings, type RunMetrics } from "./RunMetrics.ts"
import { type DocumentSource, type RunSource, type SetSource, type Sources, sourcesFinder } from "./Sources.ts"

/** The answers, and what tells that something is new. */
export interface Library extends Omit<Api, "follow"> {
  /** The number that the overview's `edition` has now. */
  readonly edition: () => number
  /** Calls back with each new edition; gives what ends that. */
  readonly onNews: (listener: (edition: number) => void) => () => void
  /** All that the paths held when it was asked for has been read. */
  readonly settled: () => Promise<void>
  /** What filters and calibrations of a set are computed from. Throws `FileError` for an id that is none. */
  readonly columnsOf: (set: string) => SetColumns
  /** A rollout with all of its prompt and response. Throws `FileError` as `columnsOf` does, `ConfigError` for a row that is none. */
  readonly wholeRow: (set: string, row: number) => StaticText
}

/** A set's columns, the steps of its files, and what is said of a calibration of all of it. */
export interface SetColumns {
  readonly columns: RowColumns
  readonly stepOfFile: ReadonlyArray<number | undefined>
  readonly read: ReadRows
  /** Another number whenever numbers of rows mean other rows. */
  readonly edition: () => number
}

/** How paths are looked at. */
export interface LibraryOptions extends CalibrateFilesOptions {
  readonly version: string
  readonly mostRows?: number
  /** Milliseconds between two looks at the files. */
  readonly everyMs?: number
}

const EVERY_MS = 1000
const RUNNING_MS = 60_000
/** Characters of prompt and response in a list. */
const EXCERPT = 160
/** The most rows of a page. */
export const MOST_ROWS_AT_ONCE = 500
const LISTED_BAD = 20

interface OpenSet {
  readonly source: SetSource
  readonly rows: RowSet
  state: SetInfo["state"]
  share: number
  problem: string | null
  /** What was counted of the rows, and of which. */
  counted: { readonly of: string; readonly counts: RowCounts } | undefined
}

interface OpenRun {
  readonly source: RunSource
  readonly metrics: RunMetrics
  readonly settings: Readonly<Record<string, string>>
}

/** A choice of rows; of a text the rows are found while others look. */
interface Choice {
  /** The set's rows when they were chosen; its edition then. */
  readonly columns: RowColumns
  readonly edition: number
  readonly rows: () => Uint32Array
  readonly isComplete: () => boolean
  readonly done: Promise<void>
  readonly end: () => void
}

const unknown = (what: string, id: string): FileError =>
  new FileError({ file: id, problem: `no ${what} has this id`, advice: "Was it renamed, or are other paths named? Choose it anew" })

const filesOf = ({ path }: SetSource): ReadonlyArray<StepFile> => findStepFiles([path], true).files

const beginning = (text: string): string => text.slice(0, EXCERPT)

const errorWords = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** Makes a library of paths, until the scope closes. Fails for options of reading that are none. */
export const makeLibrary = Effect.fnUntraced(
  function* (
    paths: ReadonlyArray<string>,
    options: LibraryOptions
  ): Effect.fn.Return<Library, FileError | ConfigError | RowError, Scope.Scope> {
    const threads: CalibrateThreads = yield* threadsFor(options)
    const spec = specOf(options)
    const reader: Reader = yield* Effect.promise(() => readerOf(spec))
    const spool = yield* Effect.acquireRelease(
      failing([FileError], () => makeTemporary("decision-sampling-view-")),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
    )
    const sets = new Map<string, OpenSet>()
    const runs = new Map<string, OpenRun>()
    const listeners = new Set<(edition: number) => void>()
    const choices = new Map<string, Choice>()
    let sources: Sources = { sets: [], runs: [], results: [], comparisons: [], leftOut: [] }
    let edition = 0
    let isClosed = false
    let wereRunning = 0
    const ending = new AbortController()
    const find = sourcesFinder(paths)

    const tell = (): void => {
      edition++
      for (const listener of listeners) listener(edition)
    }

    const openSet = (source: SetSource): OpenSet => {
      const known = sets.get(source.id)
      if (known !== undefined) return known
      const folder = join(spool, source.id)
      mkdirSync(folder)
      const set: OpenSet = {
        source,
        rows: makeRowSet({ ...options, threads, spool: folder }),
        state: "reading",
        share: 0,
        problem: null,
        counted: undefined
      }
      sets.set(source.id, set)
      return set
    }

    const settle = (set: OpenSet, state: SetInfo["state"], problem: string | null, isNew: boolean): void => {
      if (!isNew && set.state === state && set.problem === problem) return
      Object.assign(set, { state, problem, share: 1 })
      tell()
    }

    const readSet = async (set: OpenSet): Promise<void> => {
      const { rows, source } = set
      try {
        const files = filesOf(source)
        const total = files.reduce((sum, { size }) => sum + size, 0)
        let told = performance.now()
        const isNew = await rows.read(files, {
          signal: ending.signal,
          onProgress: (bytes) => {
            set.share = total === 0 ? 1 : Math.min(1, bytes / total)
            if (performance.now() - told < EVERY_MS) return
            told = performance.now()
            tell()
          }
        })
        const [problem = null] = rows.files().flatMap(({ file, problem }) =>
          problem === undefined ? [] : [problem.includes(file) ? problem : `${file}: ${problem}`]
        )
        settle(set, problem !== null && rows.columns().length === 0 ? "failed" : "ready", problem, isNew)
      } catch (cause) {
        if (!isClosed) settle(set, "failed", errorWords(cause), false)
      }
    }

    const metricsOf = rememberedByFile(({ metrics }: RunSource) => metrics, readMetrics)
    const settingsOf = rememberedByFile(({ settings }: RunSource) => settings, ({ settings }) => readSettings(settings))
    const readRun = (source: RunSource): boolean => {
      const [metrics, settings] = [metricsOf(source), settingsOf(source)]
      const before = runs.get(source.id)
      runs.set(source.id, { source, metrics, settings })
      return before?.metrics !== metrics || before.settings !== settings
    }

    const look = async (): Promise<void> => {
      const found = find()
      const isOther = JSON.stringify(found) !== JSON.stringify(sources)
      sources = found
      const running = found.runs.filter(({ id }) => isRunning(runs.get(id))).length
      const changed = found.runs.map(readRun)
      if (isOther || changed.includes(true) || running !== wereRunning) tell()
      wereRunning = running
      for (const set of found.sets.map(openSet)) {
        if (isClosed) return
        await readSet(set)
      }
    }

    let looking: Promise<void> = Promise.resolve()
    // One look that failed is no reason not to look again.
    const lookAgain = (): Promise<void> => (looking = looking.catch(() => undefined).then(look))

    yield* Effect.addFinalizer(() =>
      Effect.promise(async () => {
        isClosed = true
        ending.abort()
        for (const { end } of choices.values()) end()
        await looking.catch(() => undefined)
      })
    )
    yield* Effect.forkScoped(
      Effect.repeat(Effect.promise(() => lookAgain().catch(() => undefined)), Schedule.spaced(`${options.everyMs ?? EVERY_MS} millis`))
    )

    const setById = (id: string): OpenSet => {
      const set = sets.get(id)
      if (set === undefined) throw unknown("set of rollouts", id)
      return set
    }

    const assertRow = ({ rows }: OpenSet, field: string, row: number): void => {
      const { length } = rows.columns()
      if (row >= length) throw new ConfigError({ field, value: String(row), expected: `a row of the set's ${length}` })
    }

    const choose = (set: OpenSet, filter: Filter): Choice => {
      const { rows, source } = set
      const columns = rows.columns()
      const key = JSON.stringify([source.id, rows.edition(), columns.length, filter])
      const known = choices.get(key)
      if (known !== undefined) {
        // The last that was asked for is the last to be forgotten.
        choices.delete(key)
        choices.set(key, known)
        return known
      }
      if (filter.promptOf !== undefined) assertRow(set, "promptOf", filter.promptOf)
      const selected = selectRows(columns, rowFilterOf(columns, filter), rows.stepOfFile())
      const found = filter.text === undefined
        ? { rows: () => selected, isComplete: () => true, done: Promise.resolve(), end: () => undefined }
        : searching(rows, selected, filter.text, source.name)
      const choice: Choice = { columns, edition: rows.edition(), ...found }
      // What was asked for last is asked for again; a search that nobody looks at any more ends.
      choices.set(key, choice)
      for (const [name, { end }] of [...choices].slice(0, -8)) {
        end()
        choices.delete(name)
      }
      return choice
    }

    const readOf = ({ rows }: OpenSet): ReadRows => {
      const { count, listed } = rows.badRows()
      return describeReading({ badRowCount: count, badRows: listed, files: rows.files(), reading: rows.reading() }, spec, undefined)
    }

    const calibrationOf = async (set: OpenSet, filter: Filter): Promise<TranscriptCalibration> => {
      const choice = choose(set, filter)
      await choice.done
      const levels = talliesOfRows(choice.columns, choice.rows())
      if (levels.length === 0) {
        throw new FileError({ file: set.source.name, problem: "no rollout is like that", advice: "Take a part of the filter away" })
      }
      const calibration = await calibrateTalliesWith(threads.resample, levels, options)
      const isAll = choice.edition === set.rows.edition() && choice.rows().length === set.rows.columns().length
      return describeTallies(calibration, levels, isAll ? readOf(set) : NOTHING_READ)
    }

    const rowInfo = ({ rows }: OpenSet, row: number): RowInfo => {
      const columns = rows.columns()
      const { mark, level, pattern } = columns.kinds[columns.kind[row]!]!
      const rollout = rolloutOfPattern(pattern)
      const signs = columns.signs[row]!
      const found = rows.rollout(row)
      return {
        row,
        id: found.row.id,
        level,
        outcome: rollout.outcome,
        attempts: attemptsShown(rollout),
        hitCap: rollout.hitCap === true,
        confirmed: (signs & SIGN.confirmed) !== 0,
        unmarked: (signs & SIGN.unmarked) !== 0,
        contradicted: (signs & SIGN.contradicted) !== 0,
        step: rows.stepOfFile()[columns.file[row]!] ?? mark?.step ?? null,
        file: found.file,
        line: found.line,
        prompt: beginning(found.row.prompt),
        excerpt: beginning(found.row.response)
      }
    }

    const wholeOf = (set: OpenSet, row: number): StaticText => {
      const { rows, source } = set
      assertRow(set, "row", row)
      const found = rows.rollout(row)
      const graded = readTranscript(found.row, reader)
      const { prompt, response } = found.row
      return {
        ...rowInfo(set, row),
        set: source.id,
        format: found.format,
        promptText: prompt,
        promptLength: prompt.length,
        segments: piecesOf(graded, response.length).map(({ end, start, ...piece }) => ({
          ...piece,
          text: response.slice(start, end),
          start
        })),
        from: 0,
        length: response.length,
        answers: graded.rollout.attempts.map(({ answer }) => answer),
        reference: graded.reference ?? found.row.answer ?? null,
        kind: graded.counts.kind,
        reason: graded.reason(),
        checks: graded.counts.checks,
        logProbs: placeLogProbs(found.json, response) ?? null,
        fields: fieldsOf(found.json, new Set([prompt, response]))
      }
    }

    const detailOf = (set: OpenSet, row: number, from: number): RowDetail => {
      const whole = wholeOf(set, row)
      const { others, samples } = samplesAround(set.rows.columns(), row)
      return { ...windowOf(whole, from), samples, others: others.map((other) => rowInfo(set, other)) }
    }

    const pageOf = async (set: OpenSet, filter: Filter, from: number, count: number): Promise<RowsPage> => {
      const choice = choose(set, filter)
      // A text that is rare is found before anybody would ask again.
      if (!choice.isComplete()) await Promise.race([choice.done, new Promise((resolve) => setTimeout(resolve, 300))])
      // Meanwhile the files may have been written anew, and numbers of rows mean other rows.
      if (choice.edition !== set.rows.edition()) return pageOf(set, filter, from, count)
      const rows = choice.rows()
      return {
        set: set.source.id,
        edition: choice.edition,
        total: rows.length,
        isComplete: choice.isComplete(),
        from,
        rows: [...rows.subarray(from, from + Math.min(count, MOST_ROWS_AT_ONCE))].map((row) => rowInfo(set, row))
      }
    }

    return {
      edition: () => edition,
      onNews: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      settled: lookAgain,
      columnsOf: (id) => {
        const set = setById(id)
        return { columns: set.rows.columns(), stepOfFile: set.rows.stepOfFile(), read: readOf(set), edition: set.rows.edition }
      },
      overview: async (): Promise<Overview> => ({
        version: options.version,
        edition,
        sets: sources.sets.flatMap(({ id }) => sets.get(id) ?? []).map(setInfo),
        runs: sources.runs.flatMap(({ id }) => runs.get(id) ?? []).map((run) => runInfo(run, sources.sets)),
        results: sources.results,
        comparisons: sources.comparisons,
        leftOut: sources.leftOut
      }),
      metrics: async (id) => {
        const run = runs.get(id)
        if (run === undefined) throw unknown("run", id)
        const { every, series, steps } = run.metrics
        return { run: id, steps, series, every }
      },
      rows: async (id, filter, from, count) => pageOf(setById(id), filter, from, count),
      row: async (id, row, from = 0) => detailOf(setById(id), row, from),
      wholeRow: (id, row) => wholeOf(setById(id), row),
      calibration: async (id, filter) => calibrationOf(setById(id), filter),
      compare: async (from, to) => {
        const named = ({ rows, source }: OpenSet) => ({ name: source.name, columns: rows.columns() })
        const after = setById(to)
        return compareSets(named(setById(from)), named(after), options, async (row) => beginning(after.rows.rollout(row).row.prompt))
      },
      results: async (id) => readDocument(sources.results, id, Results, "results"),
      comparison: async (id) => readDocument(sources.comparisons, id, Comparison, "comparison")
    }
  }
)

const isRunning = (run: OpenRun | undefined): boolean => run !== undefined && Date.now() - run.metrics.modified < RUNNING_MS

const givenUp = (file: string): FileError =>
  new FileError({ file, problem: "the search was given up, as others were asked for since", advice: "Ask for it again" })

const searching = (rows: RowSet, selected: Uint32Array, text: string, name: string): Omit<Choice, "columns" | "edition"> => {
  const found: Array<number> = []
  let isComplete = false
  const ending = new AbortController()
  const done = (async () => {
    for await (const some of rows.search(selected, text, ending.signal)) found.push(...some)
    isComplete = true
  })()
  // Whoever waits for it is told.
  done.catch(() => undefined)
  return { rows: () => Uint32Array.from(found), isComplete: () => isComplete, done, end: () => ending.abort(givenUp(name)) }
}

const countsFor = (set: OpenSet): RowCounts => {
  const { counted, rows } = set
  const columns = rows.columns()
  const of = `${rows.edition()} ${columns.length}`
  if (counted?.of === of) return counted.counts
  const counts = countsOf(columns, rows.stepOfFile())
  set.counted = { of, counts }
  return counts
}

const setInfo = (set: OpenSet): SetInfo => {
  const { problem, rows, share, source, state } = set
  const { count, listed } = rows.badRows()
  return {
    id: source.id,
    name: source.name,
    path: source.path,
    run: source.run ?? null,
    files: rows.files().map(({ badRows, bytes, file, formats, notes, problem: wrong, rows: count, step }) => ({
      file,
      step: step ?? null,
      bytes,
      rows: count,
      badRows,
      formats,
      problem: wrong ?? null,
      notes
    })),
    rows: rows.columns().length,
    badRows: count,
    bad: listed.slice(0, LISTED_BAD),
    state,
    share,
    problem,
    edition: rows.edition(),
    ...countsFor(set)
  }
}

// What a run's settings ask for, where they say it.
const plannedSteps = (settings: OpenRun["settings"]): number | null => {
  const said = settings["steps"] ?? settings["schedule.total"] ?? ""
  return /^[1-9]\d*$/.test(said) ? Number(said) : null
}

const runInfo = (run: OpenRun, sets: ReadonlyArray<SetSource>): RunInfo => {
  const { metrics, settings, source } = run
  return {
    id: source.id,
    name: source.name,
    path: source.path,
    by: source.by,
    metrics: Object.keys(metrics.series),
    points: metrics.steps.length,
    lastStep: metrics.steps.at(-1) ?? null,
    steps: metrics.planned ?? plannedSteps(settings),
    isRunning: isRunning(run),
    settings,
    sets: sets.flatMap(({ id, run: of }) => (of === source.id ? [id] : [])),
    problem: metrics.problem
  }
}

const readDocument = <A>(all: ReadonlyArray<DocumentSource>, id: string, schema: Schema.Codec<A, unknown>, what: string): A => {
  const document = all.find((one) => one.id === id)
  if (document === undefined) throw unknown(what, id)
  try {
    return Schema.decodeUnknownSync(Schema.fromJsonString(schema))(readFileSync(document.path, "utf8"))
  } catch (cause) {
    throw new FileError({ file: document.path, problem: errorWords(cause), advice: `Is it the ${what} of this version?` })
  }
}
