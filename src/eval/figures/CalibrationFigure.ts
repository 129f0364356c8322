/**
 * A model's calibrated rates over the levels, and its predicted beside its observed accuracy: the form of this paper's
 * figures 2 (RL) and 3 (SFT).
 *
 * @module
 */
import type { Calibration, LevelCalibration } from "../calibration/Calibration.ts"
import { shownInterval } from "../calibration/ShownInterval.ts"
import type { Interval } from "../statistics/Interval.ts"
import { wholePercent } from "../report/Words.ts"
import type { Figure } from "./Figure.ts"
import { levelPanel, type LevelPoint, type Series } from "./LevelLines.ts"
import { palette, rateSeries, roleColors } from "./Theme.ts"

type Read = (level: LevelCalibration) => { readonly value: number | null; readonly interval: Interval | null }

const rates: ReadonlyArray<Series & { readonly read: Read }> = [
  { ...rateSeries.pSample, read: (level) => ({ value: level.pSample.value, interval: shownInterval(level, level.pSample) }) },
  {
    ...rateSeries.pStopGivenCorrect,
    read: (level) => ({ value: level.pStopGivenCorrect.value, interval: shownInterval(level, level.pStopGivenCorrect) })
  },
  {
    ...rateSeries.pResampleGivenWrong,
    read: (level) => ({ value: level.pResampleGivenWrong.value, interval: shownInterval(level, level.pResampleGivenWrong) })
  }
]

const accuracies: ReadonlyArray<Series & { readonly read: Read }> = [
  {
    name: "observed",
    color: roleColors.accuracy,
    shape: "circle",
    read: (level) => ({ value: level.observed.accuracy, interval: shownInterval(level, level.observed) })
  },
  {
    name: "predicted",
    color: palette.grey,
    shape: "diamond",
    dash: [2, 3],
    read: ({ predicted }) => ({ value: predicted.accuracy, interval: predicted.interval })
  },
  {
    name: "capped",
    color: palette.pink,
    shape: "square",
    dash: [6, 3],
    read: ({ predictedCapped: form }) => ({ value: form.accuracy, interval: form.interval })
  },
  {
    name: "by attempt",
    color: palette.blue,
    shape: "triangle-down",
    dash: [8, 2, 2, 2],
    read: ({ predictedByAttempt: form }) => ({ value: form.accuracy, interval: form.interval })
  }
]

/** Draws one model's calibration: left the three rates, right observed accuracy and the three predictions. */
export const calibrationFigure = (
  model: { readonly id: string; readonly label: string; readonly calibration: Calibration },
  trainLevels: ReadonlyArray<string>
): Figure => {
  const { levels } = model.calibration
  const names = levels.map((level) => level.level)
  const points = (series: ReadonlyArray<Series & { readonly read: Read }>): ReadonlyArray<LevelPoint> =>
    series.flatMap(({ name, read }) => levels.map((level, k) => ({ series: name, level: k, ...read(level) })))
  const size = { width: 490, height: 190, levels: names, trained: trainLevels.map((level) => names.indexOf(level)).filter((k) => k >= 0) }
  return {
    id: `calibration-${model.id}`,
    title: `Calibration of ${model.label}`,
    alt: levels.map(describeLevel).join(" "),
    spec: {
      spacing: 28,
      resolve: { scale: { color: "independent", shape: "independent", strokeDash: "independent" } },
      hconcat: [
        levelPanel({ ...size, title: "Rates", series: rates, points: points(rates) }),
        levelPanel({ ...size, title: "Accuracy", series: accuracies, points: points(accuracies) })
      ]
    }
  }
}

const describeLevel = (level: LevelCalibration): string =>
  `Level ${level.level}: p_S ${wholePercent(level.pSample.value)}, p_D|C ${wholePercent(level.pStopGivenCorrect.value)}, ` +
  `p_D|W ${wholePercent(level.pResampleGivenWrong.value)}, observed accuracy ${wholePercent(level.observed.accuracy)}, ` +
  `predicted with cap ${wholePercent(level.predictedCapped.accuracy)}.`
