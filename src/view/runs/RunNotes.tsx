/**
 * What to know of the curves that are shown: what symbols mean, what was smoothed, thinned or cannot be drawn.
 *
 * @module
 */
import { hasTokens, type ShownRun, type XAxis } from "./RunCurves.ts"
import { MOST_POINTS } from "./Thin.ts"

/** The notes. */
export const RunNotes = (
  { axis, runs, weight }: { readonly runs: ReadonlyArray<ShownRun>; readonly axis: XAxis; readonly weight: number }
) => {
  const long = runs.filter(({ metrics }) => metrics.steps.length > MOST_POINTS)
  const skipped = runs.filter(({ metrics }) => metrics.every > 1)
  const uncounted = axis === "tokens" ? runs.filter((run) => !hasTokens(run)) : []
  return (
    <div class="dim">
      <p>
        π_S samples an answer, π_D decides on it. p_S: the first answer is right; p_D|C: STOP on a right answer; p_D|W: RESAMPLE of a wrong
        one. g_S and g_D: the gradient from the tokens of π_S and of π_D. {runs.length > 1 ? "A colour is a run." : ""}{" "}
        Click in a chart, or press arrow keys and Enter, for all values at a step and its rollouts.
      </p>
      {weight > 0 && <p>Bold: exponential moving average of weight {weight}. Faint: the values themselves.</p>}
      {long.length > 0 && (
        <p>
          Of more than {MOST_POINTS.toLocaleString("en")} points a line shows the smallest and the largest of each of {MOST_POINTS / 2}{" "}
          stretches: {long.map(({ run }) => run.name).join(", ")}.
        </p>
      )}
      {skipped.map(({ metrics, run }) => <p key={run.id}>Of {run.name} only every {metrics.every}th step is told.</p>)}
      {uncounted.length > 0 && (
        <p class="note">Not drawn, as their steps do not say num_tokens: {uncounted.map(({ run }) => run.name).join(", ")}.</p>
      )}
    </div>
  )
}
