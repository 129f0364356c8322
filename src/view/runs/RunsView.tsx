/**
 * The view Runs: curves of what runs measured, while they write it.
 *
 * @module
 */
import type { ViewProps } from "../App.tsx"
import { Failure } from "../parts/Failure.tsx"
import { AtStep } from "./AtStep.tsx"
import { CurveGroups } from "./CurveGroups.tsx"
import { curveGroups } from "./MetricGroups.ts"
import { RunChoice } from "./RunChoice.tsx"
import { RunControls } from "./RunControls.tsx"
import { hasTokens, stepAt, type XAxis } from "./RunCurves.ts"
import { RunNotes } from "./RunNotes.tsx"
import { chosenRuns } from "./RunWords.ts"
import { SettingsTable } from "./SettingsTable.tsx"
import { weightOf } from "./Smooth.ts"
import { useRunPlaces, useShownRuns } from "./useShownRuns.ts"

const stepOf = (params: URLSearchParams): number | undefined => {
  const text = params.get("step")
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** The view. Its address says the runs, the chart, the axis, the smoothing and the step. */
export const RunsView = ({ api, go, overview, params }: ViewProps) => {
  const places = useRunPlaces(overview.runs)
  const chosen = chosenRuns(overview.runs, params)
  const { problem, value: known = [] } = useShownRuns(api, chosen, { edition: overview.edition, places })
  const isChosen = new Set(chosen.map(({ id }) => id))
  const runs = known.filter(({ run }) => isChosen.has(run.id))
  const axis: XAxis = params.get("x") === "tokens" && runs.some(hasTokens) ? "tokens" : "steps"
  const weight = weightOf(params.get("smooth"))
  const step = stepOf(params)
  const lastStep = Math.max(0, ...runs.map(({ metrics }) => metrics.steps.at(-1) ?? 0))
  const set = (changes: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>, how?: "push" | "replace"): void => {
    const next = new URLSearchParams(params)
    for (const [name, value] of Object.entries(changes)) {
      next.delete(name)
      for (const each of value === undefined ? [] : typeof value === "string" ? [value] : value) next.append(name, each)
    }
    go(next, how)
  }
  const choose = (x: number): void => {
    const found = runs.flatMap((run) => stepAt(run, axis, x) ?? [])[0]
    if (found !== undefined) set({ step: String(found) })
  }
  const groups = curveGroups([...new Set(runs.flatMap(({ metrics }) => Object.keys(metrics.series)))])
  if (overview.runs.length === 0) {
    return (
      <>
        <h1>Runs</h1>
        <p>
          No run was named. <code>decision-sampling view FOLDER</code> shows the folder of <code>train</code>, of{" "}
          <code>reproduce</code>, or of TRL, also while it is being written.
        </p>
      </>
    )
  }
  // Beside the curves that a step was chosen in; of itself, after them.
  const atStep = runs.length > 0 && (
    <>
      <AtStep step={step ?? lastStep} isLast={step === undefined} groups={groups} runs={runs} sets={overview.sets} />
      {step !== undefined && (
        <p>
          <button type="button" onClick={() => set({ step: undefined })}>To the last step</button>
        </p>
      )}
    </>
  )
  return (
    <>
      <h1>Runs</h1>
      <RunChoice
        runs={overview.runs}
        chosen={[...isChosen]}
        places={places}
        onChange={(ids) => set({ run: ids.length === 0 ? "none" : ids })}
      />
      {problem !== undefined && <Failure problem={problem} />}
      {chosen.length === 0 ? <p>Choose a run to see its curves.</p> : (
        <>
          <RunControls
            axis={axis}
            canCountTokens={runs.some(hasTokens)}
            weight={weight}
            onAxis={(next) => set({ x: next === "steps" ? undefined : next })}
            onWeight={(next) => set({ smooth: next === 0 ? undefined : String(next) }, "replace")}
          />
          <RunNotes runs={runs} axis={axis} weight={weight} />
          {step !== undefined && atStep}
          <CurveGroups groups={groups} runs={runs} params={params} style={{ axis, weight, step, onChoose: choose }} />
          {step === undefined && atStep}
          <SettingsTable runs={chosen} />
        </>
      )}
    </>
  )
}
