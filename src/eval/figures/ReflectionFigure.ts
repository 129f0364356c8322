/**
 * What reflection adds to first answers: accuracy after one attempt, after at most two, and at the end (Kumar et al. 2024; Kang et al. 2025).
 *
 * @module
 */
import type { Calibration, LevelCalibration } from "../calibration/Calibration.ts"
import { shownInterval } from "../calibration/ShownInterval.ts"
import type { Interval } from "../statistics/Interval.ts"
import { percent, points, pointsInterval } from "../report/Words.ts"
import { labelsOf } from "./Labels.ts"
import type { Figure } from "./Figure.ts"
import { hoverPoints, SAYING } from "./Hover.ts"
import { levelPanel, type LevelPoint, type Panel, type Series } from "./LevelLines.ts"
import { palette, roleColors, SIGNED_LABELS } from "./Theme.ts"

type Read = (level: LevelCalibration) => { readonly value: number | null; readonly interval: Interval | null }

const accuracies: ReadonlyArray<Series & { readonly read: Read }> = [
  {
    name: "first answer (Acc@t1)",
    color: roleColors.sampling,
    shape: "circle",
    dash: [2, 3],
    read: ({ contribution, selfCorrection }) => ({ value: selfCorrection.accuracyAtT1, interval: contribution.firstAnswer.interval })
  },
  {
    name: "after two (Acc@t2)",
    color: palette.pink,
    shape: "diamond",
    dash: [6, 3],
    read: ({ selfCorrection }) => ({ value: selfCorrection.accuracyAtT2, interval: null })
  },
  {
    name: "final answer",
    color: roleColors.accuracy,
    shape: "square",
    read: (level) => ({ value: level.observed.accuracy, interval: shownInterval(level, level.observed) })
  }
]

// A level's answers that the second attempt mends (up) and spoils (down), and what reflection adds in all.
const changePanel = (levels: ReadonlyArray<LevelCalibration>, width: number, height: number): Panel => {
  const names = levels.map(({ level }) => level)
  const place = (k: number) => ({ level: String(k) })
  const bars = levels.flatMap(({ selfCorrection: { correctToIncorrect, incorrectToCorrect } }, k) => [
    ...(incorrectToCorrect === null
      ? []
      : [{
        ...place(k),
        kind: "mended (Δi→c)",
        value: 100 * incorrectToCorrect,
        said: `${names[k]}: mended ${points(incorrectToCorrect)} points`
      }]),
    ...(correctToIncorrect === null
      ? []
      : [{
        ...place(k),
        kind: "spoiled (Δc→i)",
        value: -100 * correctToIncorrect,
        said: `${names[k]}: spoiled ${points(-correctToIncorrect)} points`
      }])
  ])
  const gains = levels.flatMap(({ contribution: { reflection: { interval, value } } }, k) =>
    value === null
      ? []
      : [{
        ...place(k),
        kind: "reflection, all attempts",
        value: 100 * value,
        low: 100 * (interval?.[0] ?? value),
        high: 100 * (interval?.[1] ?? value),
        said: `${names[k]}: reflection ${points(value)} points (${pointsInterval(interval)})`
      }]
  )
  const kinds = ["mended (Δi→c)", "spoiled (Δc→i)", "reflection, all attempts"]
  const x = {
    field: "level",
    type: "ordinal" as const,
    title: "level",
    sort: levels.map((_, k) => String(k)),
    axis: { labelExpr: labelsOf(names), labelAngle: 0, labelOverlap: false as const }
  }
  const y = { type: "quantitative" as const, title: null, axis: { labelExpr: SIGNED_LABELS, tickCount: 5 } }
  const fill = {
    field: "kind",
    type: "nominal" as const,
    title: null,
    scale: { domain: kinds, range: [palette.sky, roleColors.resample, "currentColor"] },
    legend: { columns: 3 }
  }
  return {
    title: "Points by the second attempt, and by all",
    width,
    height,
    layer: [
      {
        data: { values: bars },
        mark: { type: "bar", size: 14, ...SAYING.mark },
        encoding: { x, y: { ...y, field: "value" }, color: fill, ...SAYING.encoding }
      },
      {
        data: { values: [{ zero: 0 }] },
        mark: { type: "rule", color: "currentColor", opacity: 0.55 },
        encoding: { y: { ...y, field: "zero" } }
      },
      {
        data: { values: gains },
        mark: { type: "rule", strokeWidth: 1.6, color: "currentColor" },
        encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" } }
      },
      {
        data: { values: gains },
        mark: { type: "point", shape: "diamond", size: 60 },
        encoding: { x, y: { ...y, field: "value" }, color: fill }
      },
      { data: { values: gains }, ...hoverPoints({ x, y: { ...y, field: "value" } }) }
    ]
  }
}

/** Draws one model's first answers, and what its reflection does with them. */
export const reflectionFigure = (
  model: { readonly id: string; readonly label: string; readonly calibration: Calibration },
  trainLevels: ReadonlyArray<string>
): Figure => {
  const { levels } = model.calibration
  const names = levels.map(({ level }) => level)
  const size = { width: 490, height: 190 }
  const values: ReadonlyArray<LevelPoint> = accuracies.flatMap(({ name, read }) =>
    levels.map((level, k) => ({ series: name, level: k, ...read(level) }))
  )
  const trained = trainLevels.map((level) => names.indexOf(level)).filter((k) => k >= 0)
  return {
    id: `reflection-${model.id}`,
    title: `First answers and reflection of ${model.label}`,
    alt: levels.map(describeLevel).join(" "),
    spec: {
      spacing: 28,
      resolve: { scale: { color: "independent", shape: "independent", strokeDash: "independent" } },
      hconcat: [
        levelPanel({ ...size, title: "Accuracy", levels: names, trained, series: accuracies, points: values }),
        changePanel(levels, size.width, size.height)
      ]
    }
  }
}

const describeLevel = ({ contribution, level, observed, selfCorrection }: LevelCalibration): string =>
  `Level ${level}: first answers ${percent(selfCorrection.accuracyAtT1)}, after two attempts ${percent(selfCorrection.accuracyAtT2)}, ` +
  `final ${percent(observed.accuracy)}; reflection adds ${points(contribution.reflection.value)} points; the second attempt mends ` +
  `${percent(selfCorrection.incorrectToCorrect)} and spoils ${percent(selfCorrection.correctToIncorrect)}.`
