/**
 * Training curves: one small panel for each metric, one line for each run.
 *
 * @module
 */
import { spread } from "../transcripts/steps/StepRows.ts"
import type { Figure } from "./Figure.ts"
import type { Panel } from "./LevelLines.ts"
import { hoverPoints } from "./Hover.ts"
import { lineDash, modelStyles } from "./ModelStyle.ts"

/** One run's log: `step` and any metrics. */
export interface TrainingRun {
  readonly label: string
  /** The model's id: it gives the colour, the same in every figure; its label unless told. */
  readonly id?: string
  readonly rows: ReadonlyArray<Readonly<Record<string, number>>>
}

/** The metrics that are drawn, in this order, where a run logged them; everything else stays in results.json. */
export const drawnMetrics: ReadonlyArray<readonly [name: string, title: string]> = [
  ["reward", "reward"],
  ["accuracy", "accuracy"],
  ["p_sample", "p_sample (p_S)"],
  ["p_stop_given_correct", "p_stop_given_correct (p_D|C)"],
  ["p_resample_given_wrong", "p_resample_given_wrong (p_D|W)"],
  ["loss", "loss"],
  ["kl", "kl"],
  ["entropy", "entropy"],
  ["grad_norm", "grad_norm"],
  ["frac_reward_zero_std", "frac_reward_zero_std"],
  ["completions/mean_length", "completions/mean_length"]
]

/** Tells whether a run logged anything that is drawn. */
export const hasDrawnMetrics = (run: TrainingRun): boolean =>
  run.rows.some((row) => drawnMetrics.some(([name]) => Number.isFinite(row[name])))

/** Most points a line is drawn with; longer logs are averaged over equal stretches of steps. */
export const MOST_POINTS = 120

// The pointer finds so many points of a line: more would make the page heavy and no value easier to find.
const MOST_SAID = 12

/** Draws the metrics of several runs over steps, three panels in a row. */
export const trainingFigure = (figure: {
  readonly id: string
  readonly title: string
  readonly runs: ReadonlyArray<TrainingRun>
  /** The ids of all models of the report; those of the runs unless told. */
  readonly ids?: ReadonlyArray<string>
}): Figure => {
  const { runs } = figure
  const idOf = ({ id, label }: TrainingRun): string => id ?? label
  const styleOf = modelStyles(figure.ids ?? runs.map(idOf))
  const metrics = drawnMetrics.filter(([name]) => runs.some((run) => run.rows.some((row) => Number.isFinite(row[name]))))
  const labels = runs.map((run) => run.label)
  const panel = ([name, title]: readonly [string, string]): Panel => ({
    title,
    width: 320,
    height: 130,
    data: { values: runs.flatMap((run) => thin(run.rows, name).map((point) => ({ run: run.label, ...point }))) },
    layer: [
      {
        mark: { type: "line", strokeWidth: 1.6, interpolate: "linear" },
        encoding: {
          x: { field: "step", type: "quantitative", title: "step", axis: { tickCount: 5, grid: false }, scale: { nice: false } },
          y: { field: "value", type: "quantitative", title: null, axis: { tickCount: 4 }, scale: { zero: false } },
          color: {
            field: "run",
            type: "nominal",
            title: null,
            scale: { domain: labels, range: runs.map((run) => styleOf(idOf(run)).color) },
            legend: { symbolType: "stroke", symbolStrokeWidth: 3, symbolSize: 250 }
          },
          strokeDash: { field: "run", type: "nominal", title: null, scale: { domain: labels, range: labels.map((_, k) => lineDash(k)) } }
        }
      },
      {
        data: {
          values: runs.flatMap((run) =>
            spread(thin(run.rows, name), MOST_SAID).map((point) => ({
              ...point,
              said: `${run.label}, step ${Math.round(point.step)}: ${name} ${point.value.toPrecision(3)}`
            }))
          )
        },
        ...hoverPoints({ x: { field: "step", type: "quantitative" as const }, y: { field: "value", type: "quantitative" as const } })
      }
    ]
  })
  return {
    id: figure.id,
    title: figure.title,
    alt: runs.map((run) => `${run.label}: ${metrics.map(([name]) => describeMetric(run, name)).join("")}`).join(" "),
    spec: { columns: 3, bounds: "flush", spacing: { row: 76, column: 56 }, concat: metrics.map(panel) }
  }
}

const thin = (rows: TrainingRun["rows"], metric: string): ReadonlyArray<{ readonly step: number; readonly value: number }> => {
  const points = rows.flatMap(({ [metric]: value, step }, k) =>
    value !== undefined && Number.isFinite(value) ? [{ step: step ?? k, value }] : []
  )
  const size = Math.ceil(points.length / MOST_POINTS)
  if (size <= 1) return points
  return Array.from({ length: Math.ceil(points.length / size) }, (_, k) => {
    const stretch = points.slice(k * size, (k + 1) * size)
    const mean = (read: (point: { readonly step: number; readonly value: number }) => number) =>
      stretch.reduce((sum, point) => sum + read(point), 0) / stretch.length
    return { step: mean((point) => point.step), value: mean((point) => point.value) }
  })
}

const describeMetric = (run: TrainingRun, metric: string): string => {
  const values = run.rows.map((row) => row[metric]).filter((value) => value !== undefined && Number.isFinite(value))
  const [first, last] = [values[0], values.at(-1)]
  return first === undefined || last === undefined ? "" : ` ${metric} from ${first.toPrecision(3)} to ${last.toPrecision(3)};`
}
