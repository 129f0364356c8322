/**
 * Progress on standard error: a bar that is redrawn on a terminal, a line now and then elsewhere.
 *
 * @module
 */
import { Context, Effect, Layer } from "effect"
import { visible } from "../domain/Visible.ts"

/** How long stages tell where they are. */
export interface ProgressService {
  /** Starts a stage of `total` steps; the returned function reports steps done and a short text. */
  readonly stage: (name: string, total: number) => Effect.Effect<(done: number, text: string) => void>
  /** Ends the current stage with a line that stays. */
  readonly done: (text: string) => Effect.Effect<void>
}

/** The service tag. */
export class Progress extends Context.Service<Progress, ProgressService>()("decision-sampling/cli/Progress") {}

const BAR = 24
const REDRAW_MS = 100
const LINE_MS = 15_000

const clock = (milliseconds: number): string => {
  const seconds = Math.round(milliseconds / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
}

const bar = (done: number, total: number): string => {
  const filled = total === 0 ? BAR : Math.round((BAR * done) / total)
  return "█".repeat(filled) + "░".repeat(BAR - filled)
}

/** Writes to standard error; silent stages (no terminal) print one line every 15 seconds. */
export const layer: Layer.Layer<Progress> = Layer.sync(Progress, () => {
  const out = process.stderr
  const isTerminal = out.isTTY === true
  let name = ""
  let startedAt = 0
  let drawnAt = 0
  const line = (text: string): void => {
    const shown = visible(text)
    out.write(isTerminal ? `\r\u001b[2K${shown}` : `${shown}\n`)
  }
  return {
    stage: (stageName, total) =>
      Effect.sync(() => {
        name = stageName
        startedAt = performance.now()
        drawnAt = isTerminal ? 0 : startedAt
        return (done, text) => {
          const now = performance.now()
          if (now - drawnAt < (isTerminal ? REDRAW_MS : LINE_MS)) return
          drawnAt = now
          line(`${name.padEnd(28)} ${bar(done, total)} ${done}/${total} ${clock(now - startedAt)} ${text}`)
        }
      }),
    done: (text) =>
      Effect.sync(() => {
        line(`${name.padEnd(28)} ${clock(performance.now() - startedAt)} ${text}`)
        if (isTerminal) out.write("\n")
      })
  }
})

/** Reports nothing; for tests and for machine-readable commands. */
export const layerSilent: Layer.Layer<Progress> = Layer.succeed(Progress, {
  stage: () => Effect.succeed(() => undefined),
  done: () => Effect.void
})
