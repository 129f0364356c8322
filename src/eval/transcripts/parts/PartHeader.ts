/**
 * What a part of a calibration says of itself: how its rows were read, what was counted, and of which files, so that only parts of one reading
 * are merged, and nothing twice.
 *
 * @module
 */
import { Schema } from "effect"
import { FileError } from "../../../domain/Errors.ts"
import { byCharacters } from "../../../domain/Order.ts"
import { ReaderReport } from "../../calibration/ReaderReport.ts"
import { NO_AGREEMENT } from "../Agreement.ts"
import { FileReading } from "../files/FileReading.ts"
import { LISTED_BAD_ROWS } from "../files/TallyFiles.ts"
import { PATTERN } from "../Pattern.ts"
import { addReadings, ReadingTally } from "../ReadingTally.ts"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** How the rows of a part were read: parts that differ in it are not merged. */
export const PartReading = Schema.Struct({
  /** The version of this package: another one may read the same text in another way. */
  package: Schema.String,
  /** What a decision to RESAMPLE begins with, beyond this version's own phrases; and a digest of all. */
  markers: Schema.Array(Schema.String),
  lexicon: Schema.String,
  /** The kind of answers. */
  answers: Schema.String,
  /** A grader of one's own: the name of its export, and the digest of its module. */
  grade: Schema.optionalKey(Schema.String),
  /** Whether the rows' own verdicts decide about last answers. */
  isScored: Schema.Boolean,
  /** The model that listed the candidates. */
  listedBy: Schema.optionalKey(Schema.String),
  /** The format that was told, and the field of verdicts. */
  format: Schema.optionalKey(Schema.String),
  scoreField: Schema.optionalKey(Schema.String),
  isStrict: Schema.Boolean
})

/** How the rows of a part were read. */
export type PartReading = typeof PartReading.Type

/** A file that was read: what was read of it, its bytes on the disk, and the digest of its beginning and end (`fingerprintOf`). */
export const PartInput = Schema.Struct({
  ...FileReading.fields,
  bytes: Count,
  /** Absent for standard input. */
  fingerprint: Schema.optionalKey(Schema.String)
})

/** A file that was read. */
export type PartInput = typeof PartInput.Type

/** What a part says of itself before its queries come. */
export const PartHeader = Schema.Struct({
  reading: PartReading,
  inputs: Schema.Array(PartInput),
  /** Digests of the parts, made from files, that were merged into this one, in one order; none where it was made from files itself. */
  merged: Schema.Array(Schema.String),
  badRowCount: Count,
  /** The first thousand by file and line. */
  badRows: Schema.Array(Schema.Struct({ file: Schema.String, line: Schema.Int, reason: Schema.String })),
  /** What was counted beside rollouts. */
  counted: ReadingTally,
  report: Schema.optionalKey(ReaderReport),
  /** Rollouts of each level by pattern (Pattern.ts), those with a broken reference among them; levels in the order of their characters. */
  levels: Schema.Array(Schema.Struct({
    level: Schema.String,
    patterns: Schema.Array(Schema.Tuple([Schema.String.check(Schema.isPattern(PATTERN)), Count]))
  }))
})

/** What a part says of itself before its queries come. */
export type PartHeader = typeof PartHeader.Type

/** A part as it is merged: where it lies, the digest of its bytes, and what it says of itself. */
export interface NamedHeader {
  readonly file: string
  readonly digest: string
  readonly header: PartHeader
}

const LISTED_IDS = 10

// The parts that were made from files, by their digests.
const partsIn = ({ digest, header }: Pick<NamedHeader, "digest" | "header">): ReadonlyArray<string> =>
  header.merged.length === 0 ? [digest] : header.merged

type BadRows = PartHeader["badRows"]

/** The first thousand bad rows, by file and line. */
export const firstBadRows = (rows: BadRows): BadRows =>
  rows
    .toSorted((a, b) => byCharacters(a.file, b.file) || a.line - b.line || byCharacters(a.reason, b.reason))
    .slice(0, LISTED_BAD_ROWS)

const inputKey = ({ bytes, file, fingerprint = "" }: PartInput): string => JSON.stringify([file, fingerprint, bytes])

/** Inputs in one order: by name, then by what they hold. */
export const inOneOrder = (inputs: ReadonlyArray<PartInput>): ReadonlyArray<PartInput> =>
  inputs.map((input) => [inputKey(input), input] as const).toSorted(([a], [b]) => byCharacters(a, b)).map(([, input]) => input)

// As `addReadings`, with what depends on the order of reading put into one order.
const addCounts = (a: ReadingTally, b: ReadingTally): ReadingTally => {
  const sum = addReadings(a, { ...b, contradictions: [] })
  return {
    ...sum,
    kinds: Object.fromEntries(Object.entries(sum.kinds).toSorted(([x], [y]) => byCharacters(x, y))),
    contradictions: [...a.contradictions, ...b.contradictions].toSorted(byCharacters).slice(0, LISTED_IDS)
  }
}

type Sums = { readonly [key: string]: unknown }

// Adds what are numbers, at any depth; names are those of the first.
const addNumbers = <T extends Sums>(a: T, b: T): T =>
  Object.fromEntries(
    Object.entries(a).map(([key, value]) => {
      const other = b[key]
      return [
        key,
        typeof value === "number" ? value + Number(other) : typeof value === "object" ? addNumbers(value as Sums, other as Sums) : value
      ]
    })
  ) as T

const addReports = (a: ReaderReport | undefined, b: ReaderReport | undefined): ReaderReport | undefined =>
  a === undefined || b === undefined
    ? a ?? b
    : addNumbers({ ...a, agreement: { ...NO_AGREEMENT, ...a.agreement } }, b)

type HeaderLevels = PartHeader["levels"]

/** Levels and their patterns, each in the order of its characters; counts of the same add. */
export const addLevels = (...all: ReadonlyArray<HeaderLevels>): HeaderLevels => {
  const levels = new Map<string, Map<string, number>>()
  for (const { level, patterns } of all.flat()) {
    const counts = levels.get(level) ?? new Map<string, number>()
    levels.set(level, counts)
    for (const [pattern, count] of patterns) counts.set(pattern, (counts.get(pattern) ?? 0) + count)
  }
  return [...levels]
    .toSorted(([a], [b]) => byCharacters(a, b))
    .map(([level, counts]) => ({ level, patterns: [...counts].toSorted(([a], [b]) => byCharacters(a, b)) }))
}

/**
 * The header of what several parts are together: counts add, lists are those of all in one order. Commutative and associative, also where
 * lists are cut to their first entries. The parts must have been read in one way (`assertMergeable`).
 */
export const mergeHeaders = (parts: readonly [NamedHeader, ...ReadonlyArray<NamedHeader>]): PartHeader => {
  const headers = parts.map(({ header }) => header)
  const report = headers.map((header) => header.report).reduce(addReports)
  return {
    // The same markers may stand in another order.
    reading: headers.map(({ reading }) => [JSON.stringify(reading), reading] as const).toSorted(([a], [b]) => byCharacters(a, b))[0]![1],
    inputs: inOneOrder(headers.flatMap(({ inputs }) => inputs)),
    merged: parts.flatMap(partsIn).toSorted(byCharacters),
    badRowCount: headers.reduce((sum, { badRowCount }) => sum + badRowCount, 0),
    badRows: firstBadRows(headers.flatMap(({ badRows }) => badRows)),
    counted: headers.map(({ counted }) => counted).reduce(addCounts),
    ...(report === undefined ? {} : { report }),
    levels: addLevels(...headers.map(({ levels }) => levels))
  }
}

const NAMES: Readonly<Record<keyof PartReading, string>> = {
  package: "version of decision-sampling",
  markers: "markers (--markers)",
  lexicon: "markers (--markers)",
  answers: "kind of answers (--answers)",
  grade: "grader (--grade)",
  isScored: "use of the rows' own verdicts",
  listedBy: "reader (--reader)",
  format: "format (--format)",
  scoreField: "field of verdicts (--score-field)",
  isStrict: "strictness (--strict)"
}

const SHOWN = 5

const listed = (phrases: ReadonlyArray<string>): string =>
  phrases.slice(0, SHOWN).map((phrase) => JSON.stringify(phrase)).join(", ") +
  (phrases.length > SHOWN ? ` and ${phrases.length - SHOWN} more` : "")

const shown = (value: PartReading[keyof PartReading]): string => (value === undefined ? "none" : JSON.stringify(value))

// What differs between two readings, in words; undefined where nothing does.
const differenceOf = (a: PartReading, b: PartReading): string | undefined => {
  for (const field of Object.keys(NAMES) as Array<keyof PartReading>) {
    if (field === "markers") {
      const [here, there] = [new Set(b.markers), new Set(a.markers)]
      const [added, missing] = [b.markers.filter((phrase) => !there.has(phrase)), a.markers.filter((phrase) => !here.has(phrase))]
      if (added.length + missing.length === 0) continue
      const parts = [added.length > 0 ? `it has ${listed(added)}` : "", missing.length > 0 ? `it lacks ${listed(missing)}` : ""]
      return `other ${NAMES.markers}: ${parts.filter((part) => part !== "").join(", ")}`
    }
    if (a[field] !== b[field]) return `another ${NAMES[field]}: ${shown(b[field])}, not ${shown(a[field])}`
  }
  return undefined
}

/**
 * Refuses parts that were read in different ways, and what would be counted twice: the same part, a part that another one already holds, the
 * same file in two parts. Throws `FileError` that names both and what it is.
 */
export const assertMergeable = (parts: ReadonlyArray<NamedHeader>): void => {
  const [first] = parts
  const holders = new Map<string, string>()
  for (const part of parts) {
    const { file, header } = part
    const difference = first === undefined ? undefined : differenceOf(first.header.reading, header.reading)
    if (difference !== undefined) {
      throw new FileError({
        file,
        problem: `it was read in another way than ${first!.file}: ${difference}`,
        advice: "Make all parts with the same program and the same flags"
      })
    }
    for (const id of partsIn(part)) {
      const other = holders.get(id)
      if (other !== undefined) {
        throw new FileError({
          file,
          problem: `${other === file ? "it holds a part twice" : `${other} holds the same part`}: its rows would count twice`,
          advice: "Leave one of the two out"
        })
      }
      holders.set(id, file)
    }
  }
  // Compressed, even a file without a row has bytes.
  const hasRows = ({ badRows, rows }: PartInput): boolean => rows + badRows > 0
  assertOnce(parts.map(({ file, header }) => ({ file, header: { inputs: header.inputs.filter(hasRows) } })))
}

/** Refuses a file that is read twice, under whatever name. Throws `FileError`. */
export const assertOnce = (parts: ReadonlyArray<Pick<NamedHeader, "file"> & { readonly header: Pick<PartHeader, "inputs"> }>): void => {
  const holders = new Map<string, { readonly part: string; readonly input: string }>()
  for (const { file: part, header } of parts) {
    for (const { bytes, file: input, fingerprint } of header.inputs) {
      // Files without a byte are all alike, and count nothing.
      if (fingerprint === undefined || bytes === 0) continue
      const key = `${bytes} ${fingerprint}`
      const other = holders.get(key)
      if (other !== undefined) {
        const same = other.input === input ? input : `${input} (the same bytes as ${other.input})`
        throw new FileError({
          file: part,
          problem: other.part === part
            ? `${same} is read twice: its rows would count twice`
            : `it holds ${same}, and so does ${other.part}: its rows would count twice`,
          advice: "Leave one of the two out"
        })
      }
      holders.set(key, { part, input })
    }
  }
}
