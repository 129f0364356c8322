/**
 * Calibration of any number of responses in parts: each machine tallies some files into a part, and parts are merged and calibrated.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { closeSync, fstatSync, openSync, readFileSync, readSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect, type FileSystem, type Path, type Scope } from "effect"
import { makeTemporary } from "../files/TemporaryFolder.ts"
import { ConfigError, FileError } from "../../../domain/Errors.ts"
import * as Lock from "../../../domain/Lock.ts"
import { byCharacters } from "../../../domain/Order.ts"
import { failing, failingAsync } from "../../../domain/Throws.ts"
import { DEFAULT_MARKERS } from "../../../tasks/reading/Markers.ts"
import type { CalibrateOptions } from "../../calibration/Calibrate.ts"
import { bootstrapOf } from "../../statistics/Bootstrap.ts"
import { calibrateTallies, calibrateTalliesWith } from "../CalibrateTallies.ts"
import { describeTallies } from "../DescribeTallies.ts"
import { STANDARD_INPUT } from "../files/Blocks.ts"
import {
  assertLevels,
  type CalibrateFilesOptions,
  describeReading,
  type FilesError,
  foreseen,
  specOf,
  tally,
  threadsFor
} from "../files/CalibrateFiles.ts"
import { makeCalibrateThreads } from "../files/CalibrateThreads.ts"
import type { TranscriptCalibration } from "../files/TranscriptCalibration.ts"
import { DEFAULT_READER_SPEC, defaultReader, type ReaderSpec } from "../Reader.ts"
import { countQueries, mergeQueries } from "./MergeQueries.ts"
import { assertWritable, type OpenPart, openPart, writePart, type WrittenPart } from "./PartFile.ts"
import {
  addLevels,
  assertMergeable,
  assertOnce,
  firstBadRows,
  inOneOrder,
  mergeHeaders,
  type NamedHeader,
  type PartHeader,
  type PartReading
} from "./PartHeader.ts"

const KNOWN_MARKERS = new Set(DEFAULT_MARKERS)

// Read, not imported: the built modules lie in another folder of the same package, as deep as this one.
const packageVersion = (): string =>
  (JSON.parse(readFileSync(new URL("../../../../package.json", import.meta.url), "utf8")) as { readonly version: string }).version

const EDGE_BYTES = 1 << 20

/** The size of a file, and the SHA-256 of its size, its first and its last mebibyte: the same file under another name has the same. Throws. */
export const fingerprintOf = (file: string): { readonly bytes: number; readonly fingerprint: string } => {
  const open = openSync(file, "r")
  try {
    const { size } = fstatSync(open)
    const hash = createHash("sha256").update(`${size}\n`)
    const edge = Buffer.alloc(EDGE_BYTES)
    for (const from of size > EDGE_BYTES ? [0, Math.max(EDGE_BYTES, size - EDGE_BYTES)] : [0]) {
      hash.update(edge.subarray(0, readSync(open, edge, 0, EDGE_BYTES, from)))
    }
    return { bytes: size, fingerprint: hash.digest("hex").slice(0, 32) }
  } finally {
    closeSync(open)
  }
}

// The grader by what it is, not by where it lies, which is another place on another machine.
const graderOf = (reference: string): string => {
  const at = reference.lastIndexOf("#")
  const [module, name] = at < 0 ? [reference, "grader"] : [reference.slice(0, at), reference.slice(at + 1)]
  const path = module.startsWith("file:") ? fileURLToPath(module) : module
  try {
    return `${name}, SHA-256 ${createHash("sha256").update(readFileSync(path)).digest("hex").slice(0, 16)}`
  } catch {
    return reference
  }
}

const readingOf = ({ answers, grade, isScored = false, markers }: ReaderSpec, options: CalibrateFilesOptions): PartReading => {
  const { format, isStrict = false, modelReading, scoreField } = options
  return {
    package: packageVersion(),
    markers: [...new Set(markers)].filter((phrase) => !KNOWN_MARKERS.has(phrase)),
    lexicon: createHash("sha256").update(JSON.stringify([...new Set(markers)].toSorted(byCharacters))).digest("hex").slice(0, 16),
    answers,
    ...(grade === undefined ? {} : { grade: graderOf(grade) }),
    isScored,
    ...(modelReading === undefined ? {} : { listedBy: modelReading.report.model }),
    ...(format === undefined ? {} : { format }),
    ...(scoreField === undefined ? {} : { scoreField }),
    isStrict
  }
}

// One process at a time writes to a name.
const holdName = (out: string) =>
  Lock.holdFile(out, { doing: "writes this part", otherwise: "name another file: each task of a job array needs a part of its own" })

/** A part that was written, and what it holds. */
export interface MadePart extends WrittenPart {
  readonly rows: number
  readonly badRows: number
  readonly inputs: number
}

const madePart = (written: WrittenPart, { badRowCount, inputs }: PartHeader): MadePart => ({
  ...written,
  rows: inputs.reduce((sum, { rows }) => sum + rows, 0),
  badRows: badRowCount,
  inputs: inputs.length
})

/**
 * Tallies files into a part at `out` instead of calibrating them: the same reading as `calibrateFiles`, nothing computed. Statistics are
 * chosen when parts are merged. Fails as `calibrateFiles` does, and with `FileError` if `out` is a file that is no part, cannot be written, or
 * if a file is given twice.
 */
export const writeFilesPart = Effect.fn("Parts.writeFilesPart")(function* (
  files: ReadonlyArray<string>,
  out: string,
  options: CalibrateFilesOptions = {}
): Effect.fn.Return<MadePart, FilesError, FileSystem.FileSystem | Path.Path | Scope.Scope> {
  yield* failing(foreseen, () => assertWritable(out))
  yield* holdName(out)
  const prints = new Map(
    yield* failing(foreseen, () =>
      [...new Set(files)].filter((file) => file !== STANDARD_INPUT).map((file) => {
        try {
          return [file, fingerprintOf(file)] as const
        } catch (cause) {
          throw new FileError({
            file,
            problem: cause instanceof Error ? cause.message : String(cause),
            advice: "Does the file exist, and may it be read?"
          })
        }
      }))
  )
  const standing = files.map((file) => ({ file, rows: 0, badRows: 0, formats: {}, notes: [], ...(prints.get(file) ?? { bytes: 0 }) }))
  yield* failing(foreseen, () => assertOnce([{ file: out, header: { inputs: standing } }]))
  const threads = yield* threadsFor(options)
  // Files of the same name on two machines are two files.
  const read = yield* tally(files, threads, { ...options, sourceOf: (file) => prints.get(file)?.fingerprint ?? file })
  const levels = read.tallies.levels().toSorted((a, b) => byCharacters(a.level, b.level))
  const header: PartHeader = {
    reading: readingOf(specOf(options), options),
    inputs: inOneOrder(read.files.map((each) => ({ ...each, ...(prints.get(each.file) ?? { bytes: 0 }) }))),
    merged: [],
    badRowCount: read.badRowCount,
    badRows: firstBadRows(read.badRows),
    counted: read.reading,
    ...(options.modelReading === undefined ? {} : { report: options.modelReading.report }),
    levels: addLevels(levels.map(({ level, patterns }) => ({ level, patterns: [...patterns] })))
  }
  const written = yield* failing(foreseen, () => writePart(out, header, levels.map(({ level, sorted }) => ({ level, queries: sorted() }))))
  read.forget()
  return madePart(written, header)
}, Effect.scoped)

/** So many parts are open at a time; more are merged in groups first, by files in the folder for temporary ones. */
export const MOST_OPEN_PARTS = 256

const named = ({ digest, file, header }: OpenPart): NamedHeader => ({ digest, file, header })

const withParts = <A>(files: ReadonlyArray<string>, use: (parts: ReadonlyArray<OpenPart>) => A): A => {
  const open: Array<OpenPart> = []
  try {
    for (const file of files) open.push(openPart(file))
    return use(open)
  } finally {
    for (const { close } of open) close()
  }
}

const headerOf = (file: string): NamedHeader => withParts([file], ([part]) => named(part!))

const levelNames = ({ levels }: PartHeader): ReadonlyArray<string> => levels.map(({ level }) => level)

// Merges so many parts as may be open, into one, and gives it to `use`.
const mergeOpen = <A>(
  files: ReadonlyArray<string>,
  header: PartHeader,
  use: (levels: ReturnType<typeof mergeQueries>) => A
): A => withParts(files, (parts) => use(mergeQueries(parts, levelNames(header))))

// Groups of parts become parts of a temporary folder until few enough are left. Sums of headers were checked by then.
const mergeMany = <A>(
  files: ReadonlyArray<string>,
  header: PartHeader,
  mostOpen: number,
  use: (levels: ReturnType<typeof mergeQueries>) => A
): A => {
  if (files.length <= mostOpen) return mergeOpen(files, header, use)
  const folder = makeTemporary("decision-sampling-merge-")
  try {
    const groups = Array.from({ length: Math.ceil(files.length / mostOpen) }, (_, g) => files.slice(g * mostOpen, (g + 1) * mostOpen))
    const merged = groups.map((group, g) => {
      const headers = group.map(headerOf)
      const sum = mergeHeaders([headers[0]!, ...headers.slice(1)])
      return mergeOpen(group, sum, (levels) => writePart(join(folder, `${g}.part`), sum, levels)).file
    })
    return mergeMany(merged, header, mostOpen, use)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** How parts are merged. */
export interface MergeOptions {
  /** The most parts that are open at a time; `MOST_OPEN_PARTS` unless told, at least 2. */
  readonly mostOpen?: number
}

const mergedHeader = (files: ReadonlyArray<string>): PartHeader => {
  const headers = files.map(headerOf)
  const [first, ...others] = headers
  if (first === undefined) throw new ConfigError({ field: "parts", value: "none", expected: "at least one part of calibrate --partial" })
  assertMergeable(headers)
  return mergeHeaders([first, ...others])
}

const mostOpenOf = ({ mostOpen = MOST_OPEN_PARTS }: MergeOptions): number => {
  if (Number.isInteger(mostOpen) && mostOpen >= 2) return mostOpen
  throw new ConfigError({ field: "mostOpen", value: String(mostOpen), expected: "a whole number from 2" })
}

// A part that is replaced by what holds it can no longer be merged with others.
const assertNone = (parts: ReadonlyArray<string>, out: string): void => {
  const placeOf = (file: string): string | undefined => {
    const stats = statSync(file, { bigint: true, throwIfNoEntry: false })
    return stats === undefined ? undefined : `${stats.dev} ${stats.ino}`
  }
  const place = placeOf(out)
  if (place === undefined || !parts.some((part) => placeOf(part) === place)) return
  throw new ConfigError({ field: "out", value: JSON.stringify(out), expected: "a file that is none of the parts" })
}

/**
 * Merges parts into one at `out`, in one pass and bounded memory. Fails with `FileError` where a part is missing, cut off or damaged, was read in
 * another way than the first, or holds what another one holds; with `ConfigError` for no part, and where
 * `out` is one of them.
 */
export const mergeParts = (
  parts: ReadonlyArray<string>,
  out: string,
  options: MergeOptions = {}
): Effect.Effect<MadePart, FilesError, FileSystem.FileSystem | Path.Path> =>
  Effect.andThen(
    holdName(out),
    failing(foreseen, () => {
      const mostOpen = mostOpenOf(options)
      assertWritable(out)
      assertNone(parts, out)
      const header = mergedHeader(parts)
      return madePart(mergeMany(parts, header, mostOpen, (levels) => writePart(out, header, levels)), header)
    })
  ).pipe(Effect.scoped)

// So many signatures that drawing rounds takes longer than threads take to start, and so many that a copy is more than a thread's memory.
const MANY_SIGNATURES = 20_000
const TOO_MANY_SIGNATURES = 100_000

const drawingInThreads = (levels: Parameters<typeof calibrateTalliesWith>[1], options: CalibrateOptions) =>
  Effect.acquireUseRelease(
    Effect.sync(() => makeCalibrateThreads(DEFAULT_READER_SPEC, defaultReader, { atOnce: true })),
    ({ resample }) => failingAsync(foreseen, () => calibrateTalliesWith(resample, levels, options)),
    ({ close }) => Effect.promise(close)
  )

/**
 * Calibrates parts: all that `calibrateFiles` gives for their files together, to the last bit, whatever parts the rows were divided into and in
 * whatever order they come. Files are listed by name; of more than a thousand bad rows, and of more than ten responses whose own verdict is
 * another one, the first by name are listed. Fails as `mergeParts` does, and with `ConfigError` for options that do not fit the responses.
 */
export const calibrateParts = (
  parts: ReadonlyArray<string>,
  options: CalibrateOptions & MergeOptions = {}
): Effect.Effect<{ readonly calibration: TranscriptCalibration; readonly isStrict: boolean }, FilesError> =>
  Effect.gen(function* () {
    const { header, levels } = yield* failing(foreseen, () => {
      bootstrapOf(options)
      const mostOpen = mostOpenOf(options)
      const header = mergedHeader(parts)
      const name = parts.length === 1 ? parts[0]! : `${parts[0]} and ${parts.length - 1} more`
      return { header, levels: mergeMany(parts, header, mostOpen, (merged) => countQueries(name, header, merged)) }
    })
    const { trainLevels } = options
    yield* assertLevels(trainLevels ?? [], levels)
    const signatures = levels.reduce((sum, level) => sum + level.signatures.size, 0)
    const calibration = signatures < MANY_SIGNATURES || signatures > TOO_MANY_SIGNATURES
      ? yield* failing(foreseen, () => calibrateTallies(levels, options))
      : yield* drawingInThreads(levels, options)
    const read = { badRowCount: header.badRowCount, badRows: header.badRows, files: header.inputs, reading: header.counted }
    return {
      calibration: describeTallies(calibration, levels, {
        ...describeReading(read, header.reading, header.report),
        ...(trainLevels === undefined ? {} : { trainLevels })
      }),
      isStrict: header.reading.isStrict
    }
  })
