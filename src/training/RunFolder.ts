/**
 * The folder of a run: its settings, its metrics, and its last two checkpoints. Whatever moment a process dies at, the
 * folder holds a state to go on from.
 *
 *     run.json                     what decides the run's result
 *     metrics.jsonl                one row a step
 *     step-00000040.checkpoint     the whole state after step 40; the two newest are kept
 *     lock                         the process that trains here, while it does (RunLock)
 *
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import { Effect, FileSystem, Option, Path, Schema } from "effect"
import { writeAtomically } from "../domain/WholeFile.ts"
import { FileError } from "../domain/Errors.ts"
import { canSync, problemOf } from "../domain/Files.ts"
import { oneLine } from "../domain/OneLine.ts"
import { byCharacters } from "../domain/Order.ts"
import { PRODUCT_CHOICES } from "../model/device/Products.ts"
import * as Checkpoint from "./Checkpoint.ts"
import { RunError } from "./RunError.ts"
import type { TrainState } from "./TrainState.ts"

/** Settings as they stand in a JSON file. */
export type Settings = Readonly<Record<string, unknown>>

const KEPT = 2
const CHECKPOINT = /^step-(\d{8})\.checkpoint$/

const fileError = (file: string) => (cause: Error): FileError =>
  new FileError({
    file,
    problem: problemOf(cause),
    advice: "Is the folder writable, and is there room on the disk? The last checkpoint is whole: go on with --resume"
  })

/** The path of the first field in which two JSON values differ; undefined where they are equal. */
export const firstDifference = (left: unknown, right: unknown, path = ""): string | undefined => {
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) {
    return Object.is(left, right) ? undefined : path
  }
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])]
  for (const key of keys) {
    const found = firstDifference((left as Settings)[key], (right as Settings)[key], path === "" ? key : `${path}.${key}`)
    if (found !== undefined) return found
  }
  return undefined
}

/** The name of the checkpoint after a step. */
export const checkpointName = (step: number): string => `step-${String(step).padStart(8, "0")}.checkpoint`

/** The steps of the folder's checkpoints, newest first; a folder that is not there has none. */
export const checkpointSteps = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const names = (yield* files.exists(folder)) ? yield* files.readDirectory(folder) : []
  return names.flatMap((name) => CHECKPOINT.exec(name)?.slice(1).map(Number) ?? []).toSorted((a, b) => b - a)
}, (effect, folder) => Effect.mapError(effect, fileError(folder)))

// Fields in one order: JSON of the same settings may have another.
const inOrder = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(inOrder)
    : typeof value !== "object" || value === null
    ? value
    : Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => byCharacters(a, b)).map(([key, inner]) => [key, inOrder(inner)]))

/** A digest of a run's settings as run.json has them, 16 hexadecimal digits, that its checkpoints bear. */
export const settingsDigest = (settings: Settings): string =>
  bytesToHex(sha256(new TextEncoder().encode(JSON.stringify(inOrder(JSON.parse(JSON.stringify(settings))))))).slice(0, 16)

/** Saves the state after a step of the run of that digest, then removes all but the newest checkpoints. Returns the file. */
export const saveCheckpoint = Effect.fnUntraced(function* (folder: string, state: TrainState, run: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const saved = path.join(folder, checkpointName(state.step))
  yield* Checkpoint.save(saved, state, run)
  for (const step of (yield* checkpointSteps(folder)).slice(KEPT)) {
    const file = path.join(folder, checkpointName(step))
    yield* Effect.mapError(files.remove(file, { force: true }), fileError(file))
  }
  return saved
})

/** Whether the folder has what a run cannot go on without. */
export const isWhole = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const there = yield* Effect.forEach(["run.json", "metrics.jsonl"], (name) => files.exists(path.join(folder, name)))
  return there.every((isThere) => isThere)
}, (effect, folder) => Effect.mapError(effect, fileError(folder)))

const decodeJson = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)))

/** The key of run.json under which stands what is noted and not compared. */
const NOTED = "noted"

/** What run.json says: the settings of the folder's run, and what was noted beside them. Fails with FileError. */
export const readRun = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = path.join(folder, "run.json")
  const text = yield* Effect.mapError(files.readFileString(file), fileError(file))
  return yield* Effect.mapError(
    decodeJson(text),
    () => new FileError({ file, problem: "not JSON", advice: "Put the run's settings back, or start anew in another folder" })
  )
})

/** What was noted when the folder's run began; undefined where there is no run. */
export const noted = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = path.join(folder, "run.json")
  if (!(yield* Effect.mapError(files.exists(file), fileError(file)))) return undefined
  return (yield* readRun(folder))[NOTED] as Settings | undefined
})

/** Before products were recorded, the device wasm had the relaxed ones. */
const withProducts = (settings: Settings): Settings =>
  settings["device"] === "wasm" && settings["products"] === undefined ? { ...settings, products: "relaxed" } : settings

/**
 * Makes the folder of a new run, or checks that the one there is of a run with the same settings. What is noted beside them is written
 * once, and not compared.
 */
export const claim = Effect.fnUntraced(function* (folder: string, settings: Settings, isResumed: boolean, toNote: Settings = {}) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = path.join(folder, "run.json")
  const plain = JSON.parse(JSON.stringify(settings)) as Settings
  if (!(yield* Effect.mapError(files.exists(file), fileError(file)))) {
    return yield* writeAtomically(
      file,
      new TextEncoder().encode(JSON.stringify({ ...plain, ...(Object.keys(toNote).length > 0 ? { [NOTED]: toNote } : {}) }, null, 2) + "\n")
    )
  }
  const [step = 0] = yield* checkpointSteps(folder)
  if (!isResumed) {
    return yield* new RunError({
      folder,
      reason: "FolderInUse",
      step,
      problem: "the folder holds a run already",
      advice: "Go on with it by --resume, or choose another folder"
    })
  }
  const { [NOTED]: _noted, ...compared } = yield* readRun(folder)
  const made = withProducts(compared)
  const field = firstDifference(made, plain)
  if (field === "products") {
    const pinned = made["products"]
    return yield* new RunError({
      folder,
      reason: "Mismatch",
      step,
      problem: `the run was made with ${
        oneLine(typeof pinned === "string" ? pinned : JSON.stringify(pinned ?? "no"), 100)
      } products, and here they are ${plain["products"] ?? "none"}: its last bits would differ`,
      advice: PRODUCT_CHOICES.some((choice) => choice === pinned)
        ? `Go on with --products ${pinned} (in the configuration: "products": "${pinned}"), or start anew in another folder`
        : "Go on where the run began, or start anew in another folder"
    })
  }
  if (field !== undefined) {
    return yield* new RunError({
      folder,
      reason: "Mismatch",
      step,
      problem: `the run was made with another ${oneLine(field)}`,
      advice: "Resume with the settings of run.json, or start anew in another folder"
    })
  }
})

/**
 * Loads the newest checkpoint of the run of that digest; undefined where there is none yet. A damaged one, and one of another run, is a CheckpointError,
 * never skipped in silence.
 */
export const latest = Effect.fnUntraced(function* (folder: string, fresh: TrainState, run?: string) {
  const path = yield* Path.Path
  const [step] = yield* checkpointSteps(folder)
  if (step === undefined) return undefined
  const state = yield* Checkpoint.load(path.join(folder, checkpointName(step)), run)
  const refuse = (problem: string) =>
    new RunError({ folder, reason: "Mismatch", step, problem, advice: "Resume with the model and the seed of the run" })
  if (state.parameters.length !== fresh.parameters.length) {
    return yield* refuse(`the checkpoint has ${state.parameters.length} parameters where the model has ${fresh.parameters.length}`)
  }
  if (state.step !== step) return yield* refuse(`the checkpoint is of step ${state.step}, and called that of ${step}`)
  if (state.seed !== fresh.seed) return yield* refuse(`the checkpoint has seed ${state.seed}, the run ${fresh.seed}`)
  return state
})

const Row = Schema.fromJsonString(Schema.Struct({ step: Schema.Int }))

/** Cuts the metrics file back to the rows of steps `from` + 1 … `step`, and removes what a killed process left half-written. */
export const rewind = Effect.fnUntraced(function* (folder: string, from: number, step: number) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = path.join(folder, "metrics.jsonl")
  for (const name of yield* Effect.mapError(files.readDirectory(folder), fileError(folder))) {
    if (name.endsWith(".partial")) yield* Effect.mapError(files.remove(path.join(folder, name), { force: true }), fileError(name))
  }
  const exists = yield* Effect.mapError(files.exists(file), fileError(file))
  const lines = exists ? (yield* Effect.mapError(files.readFileString(file), fileError(file))).split("\n") : []
  const decode = Schema.decodeUnknownOption(Row)
  const kept = lines.slice(0, step - from)
  const wrong = Array.from({ length: step - from }, (_, i) => {
    const row = kept[i] === undefined ? undefined : decode(kept[i])
    return row?._tag === "Some" && row.value.step === from + i + 1
  }).indexOf(false)
  if (wrong >= 0) {
    return yield* new RunError({
      folder,
      reason: "MetricsIncomplete",
      step,
      problem: `metrics.jsonl has no row of step ${from + wrong + 1}`,
      advice: "Delete the newest checkpoint to go on from the one before, or start anew in another folder"
    })
  }
  yield* writeAtomically(file, new TextEncoder().encode(kept.map((line) => line + "\n").join("")))
})

/** Opens the metrics file for appending; `append` writes a row, `sync` waits until all rows are on the disk. */
export const openMetrics = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = path.join(folder, "metrics.jsonl")
  const handle = yield* Effect.mapError(files.open(file, { flag: "a" }), fileError(file))
  return {
    append: (row: Readonly<Record<string, number>>) =>
      Effect.mapError(handle.writeAll(new TextEncoder().encode(JSON.stringify(row) + "\n")), fileError(file)),
    sync: canSync() ? Effect.mapError(handle.sync, fileError(file)) : Effect.void
  }
})

/** The metrics of the last step that the metrics file has, by name; undefined where it has none, or its last row is broken. */
export const lastMetrics = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = path.join(folder, "metrics.jsonl")
  const text = yield* Effect.mapError(files.readFileString(file), fileError(file))
  return Option.getOrUndefined(decodeNumbers(text.trimEnd().split("\n").at(-1) ?? ""))
})

const Numbers = Schema.fromJsonString(Schema.Record(Schema.String, Schema.Finite))

const decodeNumbers = Schema.decodeUnknownOption(Numbers)

/**
 * The rows of steps `from` + 1 … `to`, which are all that the metrics file may hold: two processes that trained in one folder at once have
 * both written there, and neither's rows are to be trusted.
 */
export const readMetrics = Effect.fnUntraced(function* (folder: string, from: number, to: number) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = path.join(folder, "metrics.jsonl")
  const text = yield* Effect.mapError(files.readFileString(file), fileError(file))
  const lines = text.split("\n").filter((line) => line !== "")
  const rows = yield* Effect.forEach(lines, (line, i) =>
    Effect.mapError(
      Schema.decodeUnknownEffect(Numbers)(line),
      () => new FileError({ file, problem: `line ${i + 1} is no row of numbers`, advice: "Start the run anew in another folder" })
    ))
  const wrong = Array.from({ length: Math.max(rows.length, to - from) }, (_, i) => i).find((i) => rows[i]?.step !== from + i + 1)
  if (wrong === undefined && rows.length === to - from) return rows
  return yield* new RunError({
    folder,
    reason: "MetricsIncomplete",
    step: to,
    problem: `line ${(wrong ?? 0) + 1} of metrics.jsonl is not the row of step ${from + (wrong ?? 0) + 1}`,
    advice: "Delete the folder and train anew, with one process at a time"
  })
})
