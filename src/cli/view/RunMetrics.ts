/**
 * What runs measured, read from their files: ours, TRL's and verl's, a line or an entry a step.
 *
 * @module
 */
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs"
import { isRow, type Row } from "../../eval/transcripts/formats/Row.ts"
import type { Metrics } from "../../view/Api.ts"
import type { RunSource } from "./Sources.ts"

/** What is known of a run's metrics. */
export interface RunMetrics {
  readonly steps: ReadonlyArray<number>
  readonly series: Metrics["series"]
  readonly every: number
  readonly planned: number | null
  readonly modified: number
  readonly problem: string | null
}

// Of longer runs every k-th step is told.
const MOST_STEPS = 20_000
const MOST_BYTES = 256 << 20
const FIRST_LINE = 1 << 17
// The difference of two larger ones is no number any more: they cannot be drawn, as infinite ones cannot.
const LARGEST = 1e300

const stepOf = (row: Row): number | undefined => {
  const step = row["step"] ?? row["global_step"]
  return typeof step === "number" && Math.abs(step) <= LARGEST ? step : undefined
}

/** Whether a file's first line is a step of verl's file logger: a step and what was measured, `{"step": 1, "data": {…}}`. */
export const isVerlLog = (file: string): boolean => {
  try {
    const descriptor = openSync(file, "r")
    try {
      const bytes = Buffer.alloc(FIRST_LINE)
      const [line = ""] = bytes.toString("utf8", 0, readSync(descriptor, bytes, 0, FIRST_LINE, 0)).split("\n")
      const value = JSON.parse(line) as unknown
      return isRow(value) && stepOf(value) !== undefined && isRow(value["data"]) && Object.keys(value).length === 2
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return false
  }
}

// A last line that is being written is no row yet; any other line that is none is a fault of the file.
const rowsOfLines = (text: string): { readonly rows: ReadonlyArray<Row>; readonly bad: number } => {
  const rows: Array<Row> = []
  let bad = 0
  const lines = text.split("\n")
  lines.forEach((line, i) => {
    if (line.trim() === "") return
    try {
      const value = JSON.parse(line) as unknown
      if (isRow(value) && stepOf(value) !== undefined) {
        rows.push(isRow(value["data"]) ? { step: stepOf(value), ...value["data"] } : value)
      } else bad++
    } catch {
      if (i < lines.length - 1) bad++
    }
  })
  return { rows, bad }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0

const rowsOfTrainer = (
  text: string
): { readonly rows: ReadonlyArray<Row>; readonly planned: number | null } => {
  const state = JSON.parse(text) as unknown
  if (!isRow(state)) return { rows: [], planned: null }
  const history = Array.isArray(state["log_history"]) ? state["log_history"] : []
  // Several entries of one step (training and evaluation) are one row.
  const byStep = new Map<number, Record<string, unknown>>()
  for (const entry of history as ReadonlyArray<unknown>) {
    const step = isRow(entry) ? stepOf(entry) : undefined
    if (isRow(entry) && step !== undefined) byStep.set(step, { ...byStep.get(step), ...entry })
  }
  return { rows: [...byStep.values()], planned: isCount(state["max_steps"]) ? state["max_steps"] : null }
}

const columnsOf = (rows: ReadonlyArray<Row>): Pick<RunMetrics, "steps" | "series" | "every"> => {
  // A run that was resumed may say a step twice: the later one counts.
  const byStep = new Map(rows.map((row) => [stepOf(row)!, row]))
  const all = [...byStep.keys()].sort((a, b) => a - b)
  const every = Math.ceil(all.length / MOST_STEPS)
  const steps = every === 1 ? all : all.filter((_, i) => i % every === 0 || i === all.length - 1)
  const names = new Set<string>()
  for (const row of rows) for (const [name, value] of Object.entries(row)) if (typeof value === "number" && name !== "step") names.add(name)
  const seriesOf = (name: string): ReadonlyArray<number | null> =>
    steps.map((step) => {
      const value = byStep.get(step)![name]
      return typeof value === "number" && Math.abs(value) <= LARGEST ? value : null
    })
  // Entries: a metric may be called "__proto__".
  const series = Object.fromEntries([...names].map((name) => [name, seriesOf(name)]))
  return { steps, series, every: Math.max(1, every) }
}

const NOTHING = { steps: [], series: {}, every: 1, planned: null }

/** Reads a run's metrics as they are now. */
export const readMetrics = ({ by, metrics }: RunSource): RunMetrics => {
  try {
    const { mtimeMs, size } = statSync(metrics)
    if (size > MOST_BYTES) return { ...NOTHING, modified: mtimeMs, problem: `${metrics} has more than ${MOST_BYTES >> 20} MB` }
    const text = readFileSync(metrics, "utf8")
    if (by === "trl") {
      const { planned, rows } = rowsOfTrainer(text)
      return { ...columnsOf(rows), planned, modified: mtimeMs, problem: null }
    }
    const { bad, rows } = rowsOfLines(text)
    return { ...columnsOf(rows), planned: null, modified: mtimeMs, problem: bad === 0 ? null : `${bad} lines of ${metrics} are no step's` }
  } catch (cause) {
    return { ...NOTHING, modified: 0, problem: `${metrics}: ${cause instanceof Error ? cause.message : String(cause)}` }
  }
}

const LONGEST_SETTING = 200

/** A run's settings, flattened; none where its file has none that can be read. */
export const readSettings = (file: string | undefined): Readonly<Record<string, string>> => {
  if (file === undefined) return {}
  const flat = new Map<string, string>()
  const add = (name: string, value: unknown): void => {
    if (isRow(value)) { for (const [key, inner] of Object.entries(value)) add(name === "" ? key : `${name}.${key}`, inner) }
    else if (name !== "") {
      const text = typeof value === "string" ? value : JSON.stringify(value) ?? ""
      flat.set(name, text.length > LONGEST_SETTING ? `${text.slice(0, LONGEST_SETTING)}…` : text)
    }
  }
  try {
    add("", JSON.parse(readFileSync(file, "utf8")))
  } catch {
    return {}
  }
  return Object.fromEntries(flat)
}
