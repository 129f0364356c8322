/**
 * A run of training in a folder: any trainer's stream of steps, with metrics and checkpoints, that can be killed at any
 * moment and goes on as if it had not been.
 *
 * @module
 */
import { Effect, Stream } from "effect"
import { PolicyError } from "../domain/Errors.ts"
import type { AttributionRow } from "./GradientAttribution.ts"
import * as RolloutLog from "./RolloutLog.ts"
import { RunError } from "./RunError.ts"
import * as RunFolder from "./RunFolder.ts"
import { hold } from "./RunLock.ts"
import type { StepReport } from "./StepReport.ts"
import type { Metrics, TrainState } from "./TrainState.ts"

/** A run: what is trained, for how long, and where it is kept. */
export interface RunOptions<E extends { readonly message: string }, R> {
  readonly folder: string
  /** All that decides the result, as JSON; a run is resumed with the same only. How far it goes is not part of it. */
  readonly settings: RunFolder.Settings
  /** What is noted beside them and not compared, such as a library's version. */
  readonly noted?: RunFolder.Settings
  /** The step to end at, counted from the first. */
  readonly steps: number
  /** Save a checkpoint after every so many steps, and after the last. */
  readonly checkpointEvery: number
  /** The state that a new run starts from. */
  readonly start: TrainState
  /** A trainer's stream from a state on, as `SupervisedTrainer.train` and `GroupRelativeTrainer.train` make it. */
  readonly train: (start: TrainState) => Stream.Stream<StepReport, E, R>
  /** Go on with the folder's run, if it holds one. */
  readonly isResumed: boolean
  /** Called once, with the state from which the run goes on. */
  readonly onStart?: (from: TrainState) => Effect.Effect<void>
  /** Called after every step, before the next. */
  readonly onStep?: (report: StepReport) => Effect.Effect<void>
}

// The cosine of two sub-policies needs no names; of more, each pair has its own.
const attributionRow = ({ cosines, norms, part, signals, tokens, variances }: AttributionRow): Readonly<Record<string, number>> => {
  const named = (kind: string, values: Readonly<Record<string, number>>) =>
    Object.entries(values).map(([name, value]) => [`attribution/${part}/${kind}_${name}`, value] as const)
  const pairs = cosines.flatMap(({ cosine, covariance, first, product, second }) =>
    Object.entries({ cosine, product, covariance }).flatMap(([kind, value]) =>
      value === undefined ? [] : [[`attribution/${part}/${kind}${cosines.length === 1 ? "" : `_${first}_${second}`}`, value] as const]
    )
  )
  return Object.fromEntries([
    ...named("norm", norms),
    ...pairs,
    ...named("tokens", tokens),
    ...named("signal", signals ?? {}),
    ...named("variance", variances ?? {})
  ])
}

/** The row of a step in metrics.jsonl: its number, its metrics, and the gradient's parts where they were measured. */
export const metricsRow = ({ attribution, metrics, state }: StepReport): Readonly<Record<string, number>> =>
  Object.assign({ step: state.step }, metrics, ...attribution.map(attributionRow))

/** What a row of metrics.jsonl says of a step: its metrics, and the gradient's parts where they were measured. */
export interface ReadRow {
  readonly step: number
  readonly metrics: Metrics
  readonly attribution: ReadonlyArray<AttributionRow>
}

/** Reads back what `metricsRow` wrote, for the sub-policies of these names. */
export const readRow = (row: Readonly<Record<string, number>>, names: ReadonlyArray<string>): ReadRow => {
  const { step = 0, ...rest } = row
  const isAttribution = (name: string): boolean => name.startsWith("attribution/")
  const parts = new Set(Object.keys(rest).filter(isAttribution).map((name) => name.split("/")[1]!))
  const pairs = names.flatMap((first, i) => names.slice(i + 1).map((second) => ({ first, second })))
  const attribution = [...parts].map((part): AttributionRow => {
    const found = (name: string): number | undefined => rest[`attribution/${part}/${name}`]
    const of = (name: string): number => found(name) ?? 0
    const named = (kind: string) => Object.fromEntries(names.map((name) => [name, of(`${kind}_${name}`)]))
    const hasNoise = found(`signal_${names[0]}`) !== undefined
    return {
      // Measured before the step's update, and numbered so.
      step: step - 1,
      part,
      norms: named("norm"),
      tokens: named("tokens"),
      ...(hasNoise ? { signals: named("signal"), variances: named("variance") } : {}),
      cosines: pairs.map(({ first, second }) => {
        const suffix = pairs.length === 1 ? "" : `_${first}_${second}`
        return {
          first,
          second,
          cosine: of(`cosine${suffix}`),
          ...(hasNoise ? { product: of(`product${suffix}`), covariance: of(`covariance${suffix}`) } : {})
        }
      })
    }
  })
  return { step, metrics: Object.fromEntries(Object.entries(rest).filter(([name]) => !isAttribution(name))), attribution }
}

// A plain loop: it runs over all parameters after every step.
const isFinite = (values: Float32Array): boolean => {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) return false
  return true
}

const failedStep = (
  folder: string,
  { hasCheckpoint, step }: { readonly step: number; readonly hasCheckpoint: boolean },
  reason: RunError["reason"],
  problem: string
): RunError =>
  new RunError({
    folder,
    reason,
    step,
    problem,
    advice: hasCheckpoint
      ? "The checkpoints before this step are whole: go on from one with other settings (\"start\"), or with --resume"
      : "There is no checkpoint yet: delete the folder, or choose another, and start anew with other settings"
  })

const reasonOf = (error: unknown): RunError["reason"] =>
  error instanceof PolicyError && error.reason === "NotFinite" ? "NotFinite" : "StepFailed"

/** Trains up to `steps` and returns the last state; the folder then holds its checkpoint and a metrics row of every step. */
export const run = Effect.fn("Run.run")(function* <E extends { readonly message: string }, R> (options: RunOptions<E, R>) {
  const { checkpointEvery, folder, isResumed, start, steps } = options
  yield* hold(folder)
  yield* RunFolder.claim(folder, options.settings, isResumed, options.noted)
  const digest = RunFolder.settingsDigest(options.settings)
  const found = yield* RunFolder.latest(folder, start, digest)
  const from = found ?? start
  yield* RunFolder.rewind(folder, start.step, from.step)
  yield* RolloutLog.rewind(folder, from.step)
  if (options.onStart !== undefined) yield* options.onStart(from)
  if (from.step >= steps) return from
  let last = from
  let saved = from.step
  let hasCheckpoint = found !== undefined
  const at = (step: number) => ({ step, hasCheckpoint })
  const metrics = yield* RunFolder.openMetrics(folder)
  // Rows first: a checkpoint is never ahead of its metrics. Files that were removed meanwhile would take rows that nobody finds.
  const save = Effect.fnUntraced(function* (state: TrainState) {
    yield* metrics.sync
    const file = yield* RunFolder.saveCheckpoint(folder, state, digest)
    if (yield* RunFolder.isWhole(folder)) return
    return yield* new RunError({
      folder,
      reason: "FolderGone",
      step: state.step,
      problem: "the folder, or its run.json or metrics.jsonl, was removed while the run wrote there",
      advice: `What the run has learnt is in ${file}: give it to a run in another folder as "start"`
    })
  })
  yield* options.train(from).pipe(
    Stream.mapError((error) => failedStep(folder, at(last.step + 1), reasonOf(error), error.message)),
    Stream.take(steps - from.step),
    Stream.runForEach(
      Effect.fnUntraced(function* (report: StepReport) {
        const { state } = report
        const row = metricsRow(report)
        const wrong = Object.keys(row).find((name) => !Number.isFinite(row[name]))
        if (wrong !== undefined) return yield* failedStep(folder, at(state.step), "NotFinite", `${wrong} is ${row[wrong]}, not finite`)
        if (!isFinite(state.parameters)) {
          return yield* failedStep(folder, at(state.step), "NotFinite", "a parameter is not finite after the update")
        }
        yield* metrics.append(row)
        last = state
        if (state.step % checkpointEvery === 0 || state.step === steps) {
          yield* save(state)
          saved = state.step
          hasCheckpoint = true
        }
        if (options.onStep !== undefined) yield* options.onStep(report)
      })
    ),
    // Who stops a run wants to go on where it stopped. Only the steps: a step that failed leaves the checkpoints before it.
    Effect.onInterrupt(() => Effect.suspend(() => (last.step > saved ? Effect.orDie(save(last)) : Effect.void)))
  )
  return last
}, Effect.scoped)
