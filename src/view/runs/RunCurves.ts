/**
 * From what runs measured to the series of a chart.
 *
 * @module
 */
import { seriesStyle } from "../../eval/figures/Theme.ts"
import type { Metrics, RunInfo } from "../Api.ts"
import type { Point, Series } from "../chart/Series.ts"
import type { Curves } from "./MetricGroups.ts"
import { smoothed } from "./Smooth.ts"
import { thinned } from "./Thin.ts"

/** A run with what it measured, and its place among all runs, which decides its colour. */
export interface ShownRun {
  readonly run: RunInfo
  readonly place: number
  readonly metrics: Metrics
}

/** What a run measured under a name, which may be any: "constructor" is no less a metric than "reward". Undefined where it did not measure it. */
const seriesIn = (series: Metrics["series"], name: string): ReadonlyArray<number | null> | undefined =>
  Object.hasOwn(series, name) ? series[name] : undefined

/** What the x axis counts. */
export type XAxis = "steps" | "tokens"

/**
 * The place of each step of a run on the x axis: its number, or the tokens trained on so far (`num_tokens`; TRL's is a running total as it is). Null where the run did not
 * count them. Of a very long run every k-th step is told; its tokens count k times.
 */
export const placesOf = ({ by }: Pick<RunInfo, "by">, { every, series, steps }: Metrics, axis: XAxis): ReadonlyArray<number | null> => {
  if (axis === "steps") return steps
  const counts = seriesIn(series, "num_tokens")
  if (counts === undefined) return steps.map(() => null)
  if (by === "trl") return counts
  let sum = 0
  return counts.map((count) => (count === null ? null : (sum += every * count)))
}

/** Whether a run says how many tokens its steps had. */
export const hasTokens = ({ metrics }: ShownRun): boolean => metrics.series["num_tokens"] !== undefined

const pointsOf = (places: ReadonlyArray<number | null>, values: ReadonlyArray<number | null>): ReadonlyArray<Point> =>
  values.flatMap((y, i) => {
    const x = places[i] ?? null
    return x === null || y === null ? [] : [{ x, y }]
  })

/** How a run is drawn: its colour and dashes stay with it, whichever others are shown. */
export const runStyle = (place: number): { readonly color: string; readonly dash?: ReadonlyArray<number> } => {
  const { color, dash } = seriesStyle(place)
  return dash[1] === 0 ? { color } : { color, dash }
}

/**
 * The series of a chart: a line for each run and metric, thinned to 1,000 points; where it is smoothed, the values as they are faint behind. Of several runs a colour tells
 * the run, of one the metric.
 */
export const seriesOf = (
  { curves }: Curves,
  runs: ReadonlyArray<ShownRun>,
  { axis, weight }: { readonly axis: XAxis; readonly weight: number }
): ReadonlyArray<Series> =>
  runs.flatMap(({ metrics, place, run }) => {
    const places = placesOf(run, metrics, axis)
    return curves.flatMap(({ color, dash, label, metric }) => {
      const values = seriesIn(metrics.series, metric)
      const raw = values === undefined ? [] : pointsOf(places, values)
      if (values === undefined || raw.length === 0) return []
      const ofMetric = runs.length === 1 && color !== undefined ? { color, ...(dash === undefined ? {} : { dash }) } : undefined
      const style = {
        name: runs.length > 1 ? run.name : label,
        ...(ofMetric ?? runStyle(place)),
        // A single value is no line.
        marks: raw.length === 1 ? "dots" as const : "line" as const
      }
      return weight === 0
        ? [{ ...style, points: thinned(raw) }]
        : [
          { ...style, isFaint: true, points: thinned(raw) },
          { ...style, points: thinned(pointsOf(places, smoothed(values, weight))) }
        ]
    })
  })

/** The value of a metric at a step, or at the last one before it that measured it. */
export const valueAt = (
  { series, steps }: Metrics,
  metric: string,
  step: number
): { readonly step: number; readonly value: number } | undefined => {
  const values = seriesIn(series, metric) ?? []
  for (let i = steps.length - 1; i >= 0; i--) {
    const value = values[i] ?? null
    if (steps[i]! <= step && value !== null) return { step: steps[i]!, value }
  }
  return undefined
}

/** The step of a run whose place on the x axis is nearest. */
export const stepAt = ({ metrics, run }: ShownRun, axis: XAxis, x: number): number | undefined => {
  let best: { readonly step: number; readonly distance: number } | undefined
  placesOf(run, metrics, axis).forEach((place, i) => {
    if (place === null) return
    const distance = Math.abs(place - x)
    if (best === undefined || distance < best.distance) best = { step: metrics.steps[i]!, distance }
  })
  return best?.step
}
