/**
 * Everything that was measured at one step, and the rollouts of that step.
 *
 * @module
 */
import type { SetInfo } from "../Api.ts"
import { short } from "../chart/Chart.tsx"
import { linkTo } from "../Place.ts"
import type { CurveGroup } from "./MetricGroups.ts"
import { type ShownRun, valueAt } from "./RunCurves.ts"
import { RunSwatch } from "./RunSwatch.tsx"
import { nearestStep } from "./RunWords.ts"

const RolloutLinks = ({ run: { sets: ids }, sets, step }: {
  readonly run: ShownRun["run"]
  readonly sets: ReadonlyArray<SetInfo>
  readonly step: number
}) => {
  const own = sets.filter(({ id }) => ids.includes(id))
  if (own.length === 0) return <span class="dim">none kept</span>
  return (
    <>
      {own.map(({ id, steps }) => {
        // A single step is that of an evaluation, not one of training.
        const nearest = steps.length < 2 ? undefined : nearestStep(steps, step)
        return nearest === undefined
          ? <a key={id} href={linkTo("rollouts", { set: id })}>all (not by step)</a>
          : <a key={id} href={linkTo("rollouts", { set: id, steps: `${nearest}-${nearest}` })}>of step {nearest}</a>
      })}
    </>
  )
}

/** The values of all main metrics at a step: where a run did not measure there, its last value before, with its step. */
export const AtStep = ({ groups, isLast, runs, sets, step }: {
  /** Whether it is the last step of all. */
  readonly isLast: boolean
  readonly step: number
  readonly groups: ReadonlyArray<CurveGroup>
  readonly runs: ReadonlyArray<ShownRun>
  readonly sets: ReadonlyArray<SetInfo>
}) => (
  <section aria-labelledby="at-step">
    <h2 id="at-step">{isLast ? `The last values, up to step ${step}` : `At step ${step}`}</h2>
    <div class="scroll tall" role="region" aria-label={`Values at step ${step}`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            {runs.map(({ place, run }) => (
              <th key={run.id} scope="col">
                <RunSwatch place={place} /> {run.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">Rollouts</th>
            {runs.map(({ run }) => (
              <td key={run.id}>
                <RolloutLinks run={run} sets={sets} step={step} />
              </td>
            ))}
          </tr>
          {groups.filter(({ isFolded }) => !isFolded).flatMap(({ charts }) => charts).flatMap(({ curves }) => curves).map(
            ({ label, metric }) => (
              <tr key={metric}>
                <th scope="row">{label}</th>
                {runs.map(({ metrics, run }) => {
                  const found = valueAt(metrics, metric, step)
                  return (
                    <td key={run.id}>
                      {found === undefined ? <span class="dim">–</span> : short(found.value)}
                      {found !== undefined && found.step !== step && <span class="dim">{" "}(step {found.step})</span>}
                    </td>
                  )
                })}
              </tr>
            )
          )}
        </tbody>
      </table>
    </div>
  </section>
)
