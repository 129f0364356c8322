/**
 * What is said of runs: how they stand, which are shown, and in what their settings differ.
 *
 * @module
 */
import type { RunInfo } from "../Api.ts"

/** How a run stands. `sign` tells it without colour. */
export const stateOf = ({ isRunning, lastStep, points, problem, steps }: RunInfo): {
  readonly kind: "running" | "finished" | "stopped" | "failed" | "empty"
  readonly words: string
} => {
  const done = lastStep ?? 0
  const of = steps === null ? "" : ` of ${steps}`
  if (problem !== null && points === 0) return { kind: "failed", words: `not readable: ${problem}` }
  const but = problem === null ? "" : `; ${problem}`
  if (isRunning) return { kind: "running", words: `running, step ${done}${of}${but}` }
  if (points === 0) return { kind: "empty", words: "no step yet" }
  if (steps === null) return { kind: "finished", words: `${done} steps, not written to in the last minute${but}` }
  return done >= steps
    ? { kind: "finished", words: `finished, ${done} steps${but}` }
    : { kind: "stopped", words: `stopped at step ${done}${of}${but}` }
}

const SHOWN_AT_FIRST = 4

/** The runs that are shown: those that the address names, else those that run, else the first that measured anything. */
export const chosenRuns = (runs: ReadonlyArray<RunInfo>, params: URLSearchParams): ReadonlyArray<RunInfo> => {
  const named = params.getAll("run")
  if (named.length > 0) return runs.filter(({ id }) => named.includes(id))
  const running = runs.filter(({ isRunning, points }) => isRunning && points > 0)
  return (running.length > 0 ? running : runs.filter(({ points }) => points > 0)).slice(0, SHOWN_AT_FIRST)
}

/** A setting with its value in each run; null where a run has none of that name. */
export interface SettingRow {
  readonly name: string
  readonly values: ReadonlyArray<string | null>
  readonly isSame: boolean
}

/** The settings of runs side by side, in the order in which they first stand. */
export const settingRows = (runs: ReadonlyArray<Pick<RunInfo, "settings">>): ReadonlyArray<SettingRow> =>
  [...new Set(runs.flatMap(({ settings }) => Object.keys(settings)))].map((name) => {
    const values = runs.map(({ settings }) => (Object.hasOwn(settings, name) ? settings[name]! : null))
    return { name, values, isSame: values.every((value) => value === values[0]) }
  })

/** Of the steps that a set has rollouts of, the one nearest to a step; undefined where rollouts say no step. */
export const nearestStep = (steps: ReadonlyArray<number>, step: number): number | undefined =>
  steps.reduce<number | undefined>(
    (best, next) => (best === undefined || Math.abs(next - step) < Math.abs(best - step) ? next : best),
    undefined
  )

/** Gives each run a place that it keeps, whatever other runs appear: the first is 0. */
export const keepPlaces = (known: ReadonlyMap<string, number>, ids: ReadonlyArray<string>): ReadonlyMap<string, number> => {
  const next = new Map(known)
  for (const id of ids) if (!next.has(id)) next.set(id, next.size)
  return next
}
