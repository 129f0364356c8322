/**
 * Progress on standard error: bars that are redrawn on a terminal, a line now and then elsewhere. Stages may run side by side.
 *
 * @module
 */
import { Context, Effect, Layer } from "effect"
import { visible } from "../domain/Visible.ts"

/** A stage that runs. */
export interface RunningStage {
  /** Says that so many steps were done before, by a process that was interrupted: how fast it goes is told by the others. */
  readonly from: (done: number) => void
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
  /** Says what is to come, so that stages tell how long the whole will still take; `whole` is what it is called. */
  readonly plan: (stages: ReadonlyArray<PlannedStage>, whole?: string) => Effect.Effect<void>
  /** A planned stage turns out to be done already, or to be done by others. */
  readonly skip: (name: string) => Effect.Effect<void>
  /** Starts a stage of `total` steps. */
  readonly stage: (name: string, total: number) => Effect.Effect<RunningStage>
}

/** The service tag. */
export class Progress extends Context.Service<Progress, ProgressService>()("decision-sampling/cli/Progress") {}

const BAR = 24
// On a narrow screen the time that is left is worth more than a long bar.
const [NARROW, SHORT_BAR] = [100, 8]
const NAME = 28
const REDRAW_MS = 100
const LINE_MS = 15_000
// What the first seconds say of the rest is start-up.
const LEAST_SHARE = 0.02
const LEAST_MS = 1000

const clock = (milliseconds: number): string => {
  const seconds = Math.round(milliseconds / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const two = (number: number): string => String(number).padStart(2, "0")
  return hours === 0 ? `${minutes}:${two(seconds % 60)}` : `${hours}:${two(minutes)}:${two(seconds % 60)}`
}

const bar = (done: number, total: number, length: number): string => {
  const filled = total === 0 ? length : Math.round(length * Math.min(1, done / total))
  return "█".repeat(filled) + "░".repeat(length - filled)
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
  /** What was done before, and when that was known. */
  before: number
  beforeAt: number
  done: number
  text: string
}

/** Progress on an output, by a clock in milliseconds. `close` ends the line of bars that are still drawn, as after a failure or Ctrl-C: what is printed next begins a line. */
export const make = (out: ProgressOutput, now: () => number): ProgressService & { readonly close: Effect.Effect<void> } => {
  const isTerminal = out.isTTY === true
  const live = new Set<Live>()
  const planned = new Map<string, number>()
  let planStartedAt = 0
  let name = ""
  let whole = 0
  let finished = 0
  let [stages, ended] = [0, 0]
  let drawnLines = 0
  let isClosed = false

  const about = (elapsed: number, done: number, of: number): string =>
    elapsed < LEAST_MS || done <= 0 || done < LEAST_SHARE * of || done >= of ? "" : `about ${clock((elapsed * (of - done)) / done)} left`
  /** How far the whole is and about how long it will still take, from the share of the planned work that is done; empty where nothing is planned. */
  const left = (): string => {
    if (stages === 0 || ended >= stages) return ""
    let done = finished
    for (const { before, done: steps, name, total } of live) {
      if (total > 0) done += (planned.get(name) ?? 0) * Math.min(1, (steps - before) / total)
    }
    const time = about(now() - planStartedAt, done, whole)
    return `${time === "" ? "" : `${time} ${name}, `}${ended} of ${stages} stages done`
  }
  /** About how long a stage will still take that no plan tells of. */
  const leftOf = ({ before, beforeAt, done, total }: Live): string =>
    stages > 0 ? "" : about(now() - beforeAt, done - before, total - before)
  const barOf = (stage: Live): string => {
    const { done, name, startedAt, text, total } = stage
    const time = leftOf(stage)
    const length = out.columns !== undefined && out.columns < NARROW ? SHORT_BAR : BAR
    const steps = `${bar(done, total, length)} ${done}/${total} ${clock(now() - startedAt)}`
    return visible(`${name.padEnd(NAME)} ${steps}${time === "" ? "" : ` (${time})`} ${text}`)
  }
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
    if (!live.delete(stage) || !planned.has(stage.name)) return
    finished += planned.get(stage.name)! * (stage.total > 0 ? 1 - stage.before / stage.total : 1)
    ended++
    planned.delete(stage.name)
  }

  return {
    close: Effect.sync(() => {
      if (drawnLines > 0) out.write("\n")
      drawnLines = 0
      isClosed = true
    }),
    plan: (toCome, what = "in all") =>
      Effect.sync(() => {
        planStartedAt = now()
        name = what
        finished = 0
        ended = 0
        planned.clear()
        for (const { name, work } of toCome) planned.set(name, work)
        stages = planned.size
        whole = toCome.reduce((sum, { work }) => sum + work, 0)
      }),
    skip: (skipped) =>
      Effect.sync(() => {
        if (!planned.has(skipped)) return
        whole -= planned.get(skipped)!
        stages--
        planned.delete(skipped)
      }),
    stage: (name, total) =>
      Effect.sync(() => {
        const startedAt = now()
        const drawnAt = isTerminal ? -Infinity : startedAt
        const stage: Live = { name, total, startedAt, drawnAt, before: 0, beforeAt: startedAt, done: 0, text: "" }
        live.add(stage)
        return {
          from: (done) => {
            stage.before = done
            stage.beforeAt = now()
            stage.done = Math.max(stage.done, done)
            if (total > 0) whole -= (planned.get(name) ?? 0) * (done / total)
          },
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

const silent: RunningStage = { from: () => undefined, show: () => undefined, done: () => Effect.void, end: Effect.void }

/** Reports nothing; for tests and for machine-readable commands. */
export const layerSilent: Layer.Layer<Progress> = Layer.succeed(Progress, {
  plan: () => Effect.void,
  skip: () => Effect.void,
  stage: () => Effect.succeed(silent)
})
