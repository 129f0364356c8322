/**
 * What shown runs measured, asked for again whenever they have written more.
 *
 * @module
 */
import { useRef } from "preact/hooks"
import type { Api, RunInfo } from "../Api.ts"
import { type Answer, useAnswer } from "../parts/useAnswer.ts"
import type { ShownRun } from "./RunCurves.ts"
import { keepPlaces } from "./RunWords.ts"

/** The place of each run, which decides its colour: kept while the page is open. */
export const useRunPlaces = (runs: ReadonlyArray<RunInfo>): ReadonlyMap<string, number> => {
  const places = useRef<ReadonlyMap<string, number>>(new Map())
  places.current = keepPlaces(places.current, runs.map(({ id }) => id))
  return places.current
}

/** The metrics of runs. A run that has not changed since is not asked for again because something else has. */
export const useShownRuns = (
  api: Api,
  runs: ReadonlyArray<RunInfo>,
  { edition, places }: { readonly edition: number; readonly places: ReadonlyMap<string, number> }
): Answer<ReadonlyArray<ShownRun>> => {
  const key = runs.map(({ id, isRunning, lastStep, points }) => `${id}:${points}:${lastStep}:${isRunning ? edition : ""}`).join(" ")
  return useAnswer(key, () =>
    Promise.all(
      runs.map(async (run): Promise<ShownRun> => ({ run, place: places.get(run.id) ?? 0, metrics: await api.metrics(run.id) }))
    ))
}
