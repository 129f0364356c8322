/**
 * Numbers that lead to the rollouts behind them.
 *
 * @module
 */
import type { LevelCalibration, Prediction, Rate } from "../../eval/calibration/Calibration.ts"
import type { Estimate } from "../../eval/calibration/Estimate.ts"
import { sideOf } from "../../eval/calibration/FindingWords.ts"
import { shownInterval } from "../../eval/calibration/ShownInterval.ts"
import { bracket, percent, points, pointsInterval, UNDEFINED } from "../../eval/report/Words.ts"
import type { Interval } from "../../eval/statistics/Interval.ts"
import type { Filter, SetInfo } from "../Api.ts"
import { filterParams } from "../FilterParams.ts"
import { filterWords } from "../parts/FilterParts.ts"
import { linkTo } from "../Place.ts"
import { narrowed, type Narrowing, plainly } from "./Behind.ts"

/** The rollouts that links are among: those of a set that a filter finds, of one row of a table. */
export interface Among {
  readonly set: SetInfo
  readonly filter: Filter
  readonly levels: ReadonlyArray<string> | undefined
}

const filterOf = ({ filter, levels, set }: Among, narrowing: Narrowing): Filter | undefined =>
  narrowed(filter, plainly(set, { ...narrowing, levels: narrowing.levels ?? levels }))

/** The address of the rollouts of a narrowing; undefined where there can be none. */
export const hrefOf = (among: Among, narrowing: Narrowing): string | undefined => {
  const found = filterOf(among, narrowing)
  if (found === undefined) return undefined
  const params = filterParams(found)
  params.set("set", among.set.id)
  return linkTo("rollouts", params)
}

/** A number as a link; as it is where there is nothing behind it: where it is not defined, or counts nothing (`count` 0). */
export const NumberLink = ({ among, count = 1, narrowing, text }: {
  readonly among: Among
  readonly narrowing: Narrowing
  readonly text: string
  readonly count?: number | null
}) => {
  const href = text === UNDEFINED || text === "0" || count === 0 ? undefined : hrefOf(among, narrowing)
  if (href === undefined) return <>{text}</>
  const words = filterWords(filterOf(among, narrowing) ?? {})
  return <a class="number" href={href} title={`Rollouts: ${words === "" ? "all" : words}`}>{text}</a>
}

const Below = (
  { interval }: { readonly interval: Interval | null }
) => (interval === null ? null : <span class="dim below">{bracket(interval)}</span>)

/** A rate: its value leads to the rollouts that count as hits, its trials to all that it is over. */
export const RateCell = ({ among, level, narrowing: { all, of }, rate }: {
  readonly among: Among
  readonly level: LevelCalibration
  readonly rate: Rate
  readonly narrowing: { readonly of: Narrowing; readonly all: Narrowing }
}) => (
  <>
    <NumberLink among={among} narrowing={of} text={percent(rate.value)} count={rate.successes} />
    <Below interval={shownInterval(level, rate)} />
    <span class="below">
      <NumberLink among={among} narrowing={of} text={String(rate.successes)} />
      <span class="dim">{" "}of{" "}</span>
      <NumberLink among={among} narrowing={all} text={String(rate.trials)} />
    </span>
  </>
)

/** A share with its interval. */
export const ShareCell = ({ among, interval, narrowing, value }: {
  readonly among: Among
  readonly narrowing: Narrowing
  readonly value: number | null
  readonly interval?: Interval | null
}) => (
  <>
    <NumberLink among={among} narrowing={narrowing} text={percent(value)} count={value} />
    <Below interval={interval ?? null} />
  </>
)

/** A prediction; a star where its gap to the observation is more than chance. */
export const PredictionCell = ({ among, narrowing, prediction: { accuracy, gap, interval, pValue } }: {
  readonly among: Among
  readonly narrowing: Narrowing
  readonly prediction: Prediction
}) => (
  <>
    <NumberLink among={among} narrowing={narrowing} text={percent(accuracy)} />
    {sideOf(gap) === undefined ? null : <strong title="the gap to the observation is more than chance">*</strong>}
    <Below interval={interval} />
    {gap.value !== null && <span class="dim below">gap {points(gap.value)}{pValue === null ? "" : `, p ${pValue.toFixed(3)}`}</span>}
  </>
)

/** A difference in points with its interval. */
export const PointsCell = ({ among, estimate: { interval, value }, narrowing }: {
  readonly among: Among
  readonly narrowing: Narrowing
  readonly estimate: Estimate
}) => (
  <>
    <NumberLink among={among} narrowing={narrowing} text={points(value)} />
    {interval !== null && <span class="dim below">{pointsInterval(interval)}</span>}
  </>
)
