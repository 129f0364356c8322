/**
 * Progress on standard error: bars that are redrawn on a terminal, a line now and then elsewhere. Stages may run side by side.
 *
 * @module
 */
import { Context, Effect, Layer } from "effect"
import { visible } from "../domain/Visible.ts"

/** A stage that runs. */
export interface RunningStage {
  /** Reports steps done and a short text; of a stage that has ended, too: it is drawn again. */
  readonly show: (done: number, text: string) => void
  /** Ends the stage with a line that stays; again, for one more line. */
  readonly done: (text: string) => Effect.Effect<void>
  /** Ends the stage and leaves no line. */
  readonly end: Effect.Effect<void>
}

/** One stage of a job, and how much work it is in the job's own unit. */
export interface PlannedStage {
  readonly name: string
  readonly work: number
}

/** How long stages tell where they are. */
export interface ProgressService {
  /** Says what is to come, so that stages tell how long the whole will still take. */
  readonly plan: (stages: ReadonlyArray<PlannedStage>) => Effect.Effect<void>
  /** A planned stage turns out to be done already. */
  readonly skip: (name: string) => Effect.Effect<void>
  /** Starts a stage of `total` steps. */
  readonly stage: (name: string, total: number) => Effect.Effect<RunningStage>
}

/** The service tag. */
export class Progress extends Context.Service<Progress, ProgressService>()("decision-sampling/cli/Progress") {}

const BAR = 24
const NAME = 28
const REDRAW_MS = 100
const LINE_MS = 15_000
// What the first seconds say of the rest is start-up.
const LEAST_SHARE = 0.02

const clock = (milliseconds: number): string => {
  const seconds = Math.round(milliseconds / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
}

const bar = (done: number, total: number): string => {
  const filled = total === 0 ? BAR : Math.round((BAR * done) / total)
  return "█".repeat(filled) + "░".repeat(BAR - filled)
}

/** Where progress is written: standard error, or what a test looks at. */
export interface ProgressOutput {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly write: (text: string) => unknown
}

interface Live {
  readonly name: string
  readonly total: number
  readonly startedAt: number
  drawnAt: number
  done: number
  text: string
}

/** Progress on an output, by a clock in milliseconds. `close` ends the line of bars that are still drawn, as after a failure or Ctrl-C: what is printed next begins a line. */
export const make = (out: ProgressOutput, now: () => number): ProgressService & { readonly close: Effect.Effect<void> } => {
  const isTerminal = out.isTTY === true
  const live = new Set<Live>()
  const planned = new Map<string, number>()
  let planStartedAt = 0
  let whole = 0
  let finished = 0
  let drawnLines = 0
  let isClosed = false

  /** About how long the whole will still take, from the share of the planned work that is done; empty where nothing is planned. */
  const left = (): string => {
    let done = finished
    for (const stage of live) if (stage.total > 0) done += (planned.get(stage.name) ?? 0) * Math.min(1, stage.done / stage.total)
    if (whole === 0 || done < LEAST_SHARE * whole || done >= whole) return ""
    return `about ${clock(((now() - planStartedAt) * (whole - done)) / done)} left in all`
  }
  const barOf = ({ done, name, startedAt, text, total }: Live): string =>
    visible(`${name.padEnd(NAME)} ${bar(done, total)} ${done}/${total} ${clock(now() - startedAt)} ${text}`)
  // A line that wraps would be more than one line to take back.
  const fitted = (line: string): string => out.columns === undefined ? line : line.slice(0, out.columns - 1)
  const erase = (): string => drawnLines === 0 ? "" : `\r${drawnLines > 1 ? `\u001b[${drawnLines - 1}A` : ""}\u001b[J`
  const draw = (staying: string | undefined): void => {
    const lines = [...live].map(barOf)
    const rest = left()
    const block = rest === "" || lines.length === 0 ? lines : [...lines, rest]
    out.write(erase() + (staying === undefined ? "" : `${staying}\n`) + block.map(fitted).join("\n"))
    drawnLines = block.length
  }

  const leave = (stage: Live): void => {
    if (!live.delete(stage)) return
    finished += planned.get(stage.name) ?? 0
    planned.delete(stage.name)
  }

  return {
    close: Effect.sync(() => {
      if (drawnLines > 0) out.write("\n")
      drawnLines = 0
      isClosed = true
    }),
    plan: (stages) =>
      Effect.sync(() => {
        planStartedAt = now()
        finished = 0
        planned.clear()
        for (const { name, work } of stages) planned.set(name, work)
        whole = stages.reduce((sum, { work }) => sum + work, 0)
      }),
    skip: (name) =>
      Effect.sync(() => {
        whole -= planned.get(name) ?? 0
        planned.delete(name)
      }),
    stage: (name, total) =>
      Effect.sync(() => {
        const startedAt = now()
        const stage: Live = { name, total, startedAt, drawnAt: isTerminal ? -Infinity : startedAt, done: 0, text: "" }
        live.add(stage)
        return {
          show: (done, text) => {
            if (isClosed) return
            live.add(stage)
            stage.done = done
            stage.text = text
            const at = now()
            if (at - stage.drawnAt < (isTerminal ? REDRAW_MS : LINE_MS)) return
            if (isTerminal) {
              for (const each of live) each.drawnAt = at
              draw(undefined)
              return
            }
            stage.drawnAt = at
            const rest = left()
            out.write(`${barOf(stage)}${rest === "" ? "" : ` (${rest})`}\n`)
          },
          done: (text) =>
            Effect.sync(() => {
              leave(stage)
              const line = visible(`${name.padEnd(NAME)} ${clock(now() - startedAt)} ${text}`)
              if (isTerminal) draw(line)
              else out.write(`${line}\n`)
            }),
          end: Effect.sync(() => {
            leave(stage)
            if (isTerminal) draw(undefined)
          })
        }
      })
  }
}

/** Writes to standard error; where that is no terminal a stage prints a line every 15 seconds. */
export const layer: Layer.Layer<Progress> = Layer.effect(
  Progress,
  Effect.acquireRelease(Effect.sync(() => make(process.stderr, () => performance.now())), ({ close }) => close)
)

const silent: RunningStage = { show: () => undefined, done: () => Effect.void, end: Effect.void }

/** Reports nothing; for tests and for machine-readable commands. */
export const layerSilent: Layer.Layer<Progress> = Layer.succeed(Progress, {
  plan: () => Effect.void,
  skip: () => Effect.void,
  stage: () => Effect.succeed(silent)
})
