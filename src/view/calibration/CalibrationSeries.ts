/**
 * The series of figures 2 and 3 of the paper: the three rates by level, and observed beside predicted accuracy.
 *
 * @module
 */
import type { LevelCalibration } from "../../eval/calibration/Calibration.ts"
import { shownInterval } from "../../eval/calibration/ShownInterval.ts"
import { palette, rateSeries, roleColors } from "../../eval/figures/Theme.ts"
import type { Interval } from "../../eval/statistics/Interval.ts"
import type { Series } from "../chart/Series.ts"
import type { Narrowing } from "./Behind.ts"

/** Where a value of a level leads. */
export type HrefOf = (level: LevelCalibration, narrowing: Narrowing) => string | undefined

interface Drawn extends Pick<Series, "name" | "color" | "dash" | "shape"> {
  readonly read: (level: LevelCalibration) => { readonly value: number | null; readonly interval: Interval | null }
  readonly narrowing: Narrowing
}

/** What each rate and each accuracy leads to. */
export interface Behind {
  readonly pSample: { readonly of: Narrowing }
  readonly pStopGivenCorrect: { readonly of: Narrowing }
  readonly pResampleGivenWrong: { readonly of: Narrowing }
  readonly correct: Narrowing
  readonly all: Narrowing
}

const DODGE = 7

const seriesOf = (levels: ReadonlyArray<LevelCalibration>, hrefOf: HrefOf, drawn: ReadonlyArray<Drawn>): ReadonlyArray<Series> =>
  drawn.map(({ narrowing, read, ...style }, k) => ({
    ...style,
    marks: "both",
    dodge: DODGE * (k - (drawn.length - 1) / 2),
    points: levels.map((level, x) => {
      const { interval, value } = read(level)
      const href = hrefOf(level, narrowing)
      return { x, y: value, low: interval?.[0] ?? null, high: interval?.[1] ?? null, ...(href === undefined ? {} : { href }) }
    })
  }))

/** p_S, p_D|C and p_D|W of each level, with intervals. */
export const rateSeriesOf = (levels: ReadonlyArray<LevelCalibration>, behind: Behind, hrefOf: HrefOf): ReadonlyArray<Series> => {
  const rate = (name: "pSample" | "pStopGivenCorrect" | "pResampleGivenWrong", shape: NonNullable<Series["shape"]>): Drawn => {
    const { color, name: shown } = rateSeries[name]
    return {
      name: shown,
      color,
      shape,
      ...(name === "pSample" ? {} : { dash: rateSeries[name].dash }),
      narrowing: behind[name].of,
      read: (level) => ({ value: level[name].value, interval: shownInterval(level, level[name]) })
    }
  }
  return seriesOf(levels, hrefOf, [
    rate("pSample", "circle"),
    rate("pStopGivenCorrect", "square"),
    rate("pResampleGivenWrong", "triangle")
  ])
}

/** Observed accuracy of each level, and the three predictions, with intervals. */
export const accuracySeriesOf = (levels: ReadonlyArray<LevelCalibration>, behind: Behind, hrefOf: HrefOf): ReadonlyArray<Series> =>
  seriesOf(levels, hrefOf, [
    {
      name: "observed",
      color: roleColors.accuracy,
      shape: "circle",
      narrowing: behind.correct,
      read: (level) => ({ value: level.observed.accuracy, interval: shownInterval(level, level.observed) })
    },
    {
      name: "predicted",
      color: palette.grey,
      shape: "diamond",
      dash: [2, 3],
      narrowing: behind.all,
      read: ({ predicted: { accuracy, interval } }) => ({ value: accuracy, interval })
    },
    {
      name: "capped",
      color: palette.pink,
      shape: "square",
      dash: [6, 3],
      narrowing: behind.all,
      read: ({ predictedCapped: { accuracy, interval } }) => ({ value: accuracy, interval })
    },
    {
      name: "by attempt",
      color: palette.blue,
      shape: "triangle",
      dash: [8, 2, 2, 2],
      narrowing: behind.all,
      read: ({ predictedByAttempt: { accuracy, interval } }) => ({ value: accuracy, interval })
    }
  ])
