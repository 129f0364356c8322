/**
 * Where models stand: p_S, p_D|C, p_D|W and accuracy with their intervals, a row a model.
 *
 * @module
 */
import type { Calibration, LevelCalibration } from "../calibration/Calibration.ts"
import { shownInterval } from "../calibration/ShownInterval.ts"
import { percent, percentInterval } from "../report/Words.ts"
import { CHANGED } from "./ChangeFigure.ts"
import type { Figure } from "./Figure.ts"
import { forestFigure, type ForestValue } from "./ForestFigure.ts"
import { modelStyles } from "./ModelStyle.ts"

interface OverviewModel {
  readonly id: string
  readonly label: string
  readonly calibration: Calibration
}

const numbersOf = (level: LevelCalibration): ReadonlyArray<Omit<ForestValue, "said">> => [
  ...[level.pSample, level.pStopGivenCorrect, level.pResampleGivenWrong].map((rate) => ({
    value: rate.value,
    interval: shownInterval(level, rate)
  })),
  { value: level.observed.accuracy, interval: shownInterval(level, level.observed), members: [level.predicted.accuracy] }
]

const said = (label: string, scope: string, name: string, { interval, members, value }: Omit<ForestValue, "said">): string =>
  `${label}, ${scope} levels: ${name} ${percent(value)}${interval === null ? "" : ` (${percentInterval(interval)})`}${
    members === undefined ? "" : `, predicted ${percent(members[0] ?? null)}`
  }`

/** Draws all levels pooled, or trained and unseen ones apart where every model knows which are which. */
export const overviewFigure = (models: ReadonlyArray<OverviewModel>): Figure => {
  const styleOf = modelStyles(models.map(({ id }) => id))
  const isApart = models.every(({ calibration: { trained, unseen } }) => trained !== undefined && unseen !== undefined)
  const scopes = isApart ? ["trained", "unseen"] as const : ["all"] as const
  const levelsOf = ({ overall, trained, unseen }: Calibration): ReadonlyArray<LevelCalibration> =>
    isApart && trained !== undefined && unseen !== undefined ? [trained, unseen] : [overall]
  const rows = models.map(({ calibration, id, label }) => {
    const numbers = levelsOf(calibration).map(numbersOf)
    return {
      label,
      style: styleOf(id),
      values: CHANGED.map((name, q) =>
        numbers.map((of, s): ForestValue => ({ ...of[q]!, said: said(label, scopes[s] ?? "all", name, of[q]!) }))
      )
    }
  })
  return forestFigure({
    id: "overview",
    title: "How well it samples, how well it decides (bars: 95 %; tick: accuracy as predicted from the three)",
    alt: rows.map(({ values }) => values.flat().map((value) => `${value.said}.`).join(" ")).join(" "),
    panels: CHANGED,
    scopes,
    rows,
    isChange: false
  })
}
