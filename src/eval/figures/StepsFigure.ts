/**
 * A run over training: the three rates and the accuracy at each step, and the gain since the first step, split between sampling and deciding.
 *
 * @module
 */
import type { Estimate } from "../calibration/Estimate.ts"
import { percent, percentInterval, points, pointsInterval } from "../report/Words.ts"
import type { Interval } from "../statistics/Interval.ts"
import { nameOfRow, spread } from "../transcripts/steps/StepRows.ts"
import type { StepRow, StepsCalibration } from "../transcripts/steps/StepsCalibration.ts"
import type { Figure } from "./Figure.ts"
import { hoverPoints } from "./Hover.ts"
import type { Panel } from "./LevelLines.ts"
import { rateSeries, roleColors, SIGNED_LABELS } from "./Theme.ts"
import { MOST_POINTS } from "./TrainingFigure.ts"

interface Line {
  readonly name: string
  readonly color: string
  readonly shape: string
  readonly dash?: ReadonlyArray<number>
  readonly read: (row: StepRow) => { readonly value: number | null; readonly interval: Interval | null }
}

const ZERO: Estimate = { value: 0, interval: null }

const rates: ReadonlyArray<Line> = [
  { ...rateSeries.pSample, read: ({ overall }) => overall.pSample },
  { ...rateSeries.pStopGivenCorrect, read: ({ overall }) => overall.pStopGivenCorrect },
  { ...rateSeries.pResampleGivenWrong, read: ({ overall }) => overall.pResampleGivenWrong },
  {
    name: "accuracy",
    color: roleColors.accuracy,
    shape: "diamond",
    dash: [8, 2, 2, 2],
    read: ({ overall: { observed } }) => ({ value: observed.accuracy, interval: observed.interval })
  }
]

const gains: ReadonlyArray<Line> = [
  {
    name: "observed",
    color: roleColors.accuracy,
    shape: "diamond",
    dash: [8, 2, 2, 2],
    read: (row) => row.sinceFirst?.overall.observed ?? ZERO
  },
  { name: "by sampling", color: roleColors.sampling, shape: "circle", read: (row) => row.sinceFirst?.overall.sampling ?? ZERO },
  {
    name: "by decision",
    color: roleColors.resample,
    shape: "triangle-up",
    dash: [2, 3],
    read: (row) => row.sinceFirst?.overall.decision ?? ZERO
  }
]

// In the middle of a window.
const placeOf = ({ first, last }: StepRow): number => (first + last) / 2

const panel = (title: string, lines: ReadonlyArray<Line>, rows: ReadonlyArray<StepRow>, isSigned: boolean): Panel => {
  const names = lines.map(({ name }) => name)
  const values = rows.flatMap((row) =>
    lines.flatMap(({ name, read }) => {
      const { interval, value } = read(row)
      return value === null ? [] : [{
        series: name,
        step: placeOf(row),
        value: 100 * value,
        low: 100 * (interval?.[0] ?? value),
        high: 100 * (interval?.[1] ?? value),
        said: `${nameOfRow(row)}: ${name} ${isSigned ? `${points(value)} points` : percent(value)}${
          interval === null ? "" : ` (${isSigned ? pointsInterval(interval) : percentInterval(interval)})`
        }`
      }]
    })
  )
  const x = {
    field: "step",
    type: "quantitative" as const,
    axis: { title: "step of training", tickCount: 6, grid: false },
    scale: { nice: false, zero: false, padding: 8 }
  }
  const y = {
    type: "quantitative" as const,
    axis: { title: null, tickCount: 5, ...(isSigned ? { labelExpr: SIGNED_LABELS } : {}) },
    scale: { zero: false }
  }
  const color = { field: "series", type: "nominal" as const, title: null, scale: { domain: names, range: lines.map((line) => line.color) } }
  const strokeDash = {
    field: "series",
    type: "nominal" as const,
    title: null,
    scale: { domain: names, range: lines.map(({ dash }) => [...(dash ?? [1, 0])]) }
  }
  const shape = { field: "series", type: "nominal" as const, title: null, scale: { domain: names, range: lines.map((line) => line.shape) } }
  return {
    title,
    width: 400,
    height: 240,
    data: { values },
    layer: [
      ...(isSigned
        ? [{
          data: { values: [{ zero: 0 }] },
          mark: { type: "rule" as const, color: "currentColor", opacity: 0.55 },
          encoding: { y: { ...y, field: "zero" } }
        }]
        : []),
      {
        mark: { type: "area", opacity: 0.16 },
        encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" }, color }
      },
      { mark: { type: "line", strokeWidth: 1.6 }, encoding: { x, y: { ...y, field: "value" }, color, strokeDash } },
      ...(rows.length > 40 ? [] : [{ mark: { type: "point" as const }, encoding: { x, y: { ...y, field: "value" }, color, shape } }]),
      hoverPoints({ x, y: { ...y, field: "value" } })
    ]
  }
}

const describe = (row: StepRow): string => {
  const { overall, sinceFirst } = row
  const gain = sinceFirst === undefined
    ? ""
    : `; since the first ${points(sinceFirst.overall.observed.value)} points (${
      pointsInterval(sinceFirst.overall.observed.interval)
    }), by sampling ${points(sinceFirst.overall.sampling.value)}, by decision ${points(sinceFirst.overall.decision.value)}`
  return `${nameOfRow(row)}: p_S ${percent(overall.pSample.value)}, p_D|C ${percent(overall.pStopGivenCorrect.value)}, p_D|W ${
    percent(overall.pResampleGivenWrong.value)
  }, accuracy ${percent(overall.observed.accuracy)}${gain}.`
}

/** Draws rates and gains over training with their pointwise 95 % bands, at most 120 rows of them, evenly spread. */
export const stepsFigure = ({ id, label, run }: {
  readonly id: string
  readonly label: string
  readonly run: StepsCalibration
}): Figure => {
  const rows = spread(run.steps, MOST_POINTS)
  const [first, last] = [rows[0], rows.at(-1)]
  return {
    id,
    title: `Sampling or deciding, over training: ${label} (bands: 95 % at each step)`,
    alt: [first, ...(first === last ? [] : [last])].flatMap((row) => (row === undefined ? [] : [describe(row)])).join(" "),
    spec: {
      spacing: 40,
      resolve: { scale: { color: "independent", shape: "independent", strokeDash: "independent" } },
      hconcat: [
        panel("rates and accuracy, %", rates, rows, false),
        panel(`gain in accuracy since ${first === undefined ? "the first step" : nameOfRow(first)}, points`, gains, rows, true)
      ]
    }
  }
}
