/**
 * The view Calibration: what a policy samples and decides, by the rollouts that a filter finds.
 *
 * @module
 */
import type { ViewProps } from "../App.tsx"
import type { Filter, SetInfo } from "../Api.ts"
import { filterOf, setParams } from "../FilterParams.ts"
import { Failure } from "../parts/Failure.tsx"
import { FilterBar } from "../parts/FilterBar.tsx"
import { setOf, SetSelect } from "../parts/SetSelect.tsx"
import { SetState } from "../parts/SetState.tsx"
import { useAnswer } from "../parts/useAnswer.ts"
import { linkTo } from "../Place.ts"
import { choosesByResult } from "./Behind.ts"
import { Calibrated } from "./Calibrated.tsx"

const OfSet = ({ api, filter, set }: Pick<ViewProps, "api"> & { readonly set: SetInfo; readonly filter: Filter }) => {
  const params = setParams(set.id, filter)
  const { isAwaited, problem, value } = useAnswer(
    `${params} ${set.edition} ${set.rows}`,
    () => api.calibration(set.id, filter).then((calibration) => ({ calibration, filter, set }))
  )
  const chosenBy = choosesByResult(filter)
  return (
    <>
      {chosenBy.length > 0 && (
        <p class="note">
          These rollouts are chosen by{" "}
          {chosenBy.join(", ")}, that is by what happened in them: the rates describe them, and are no estimate of the policy’s.
        </p>
      )}
      {problem !== undefined && <Failure problem={problem} />}
      <p role="status" class="dim">
        {isAwaited ? "Counting …" : value === undefined ? "" : <a href={linkTo("rollouts", params)}>These rollouts</a>}
      </p>
      {value !== undefined && (
        <div aria-busy={isAwaited} class={isAwaited ? "stale" : undefined}>
          <Calibrated {...value} />
        </div>
      )}
    </>
  )
}

/** The view. Its address says the set and the filter. */
export const CalibrationView = ({ api, go, overview, params }: ViewProps) => {
  const set = setOf(overview.sets, params.get("set"))
  const filter = filterOf(params)
  if (overview.sets.length === 0) {
    return (
      <>
        <h1>Calibration</h1>
        <p>
          No rollouts were named. <code>decision-sampling view FILE</code> reads every format that <code>calibrate</code> reads.
        </p>
      </>
    )
  }
  return (
    <>
      <h1>Calibration</h1>
      <div class="bar">
        <SetSelect label="Rollouts" sets={overview.sets} value={set?.id ?? ""} onChange={(id) => go(new URLSearchParams({ set: id }))} />
      </div>
      {set === undefined && <Failure problem={{ problem: "The rollouts of this address are not here", advice: "Choose others above" }} />}
      {typeof filter === "string" && <Failure problem={{ problem: filter, advice: "Correct the address, or choose anew" }} />}
      {set !== undefined && (
        <>
          <SetState set={set} />
          <FilterBar set={set} filter={typeof filter === "string" ? {} : filter} onChange={(next) => go(setParams(set.id, next))} />
          {typeof filter !== "string" && <OfSet api={api} set={set} filter={filter} />}
        </>
      )}
    </>
  )
}
