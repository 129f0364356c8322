/**
 * A chart of what runs measured, with what it is.
 *
 * @module
 */
import { Chart, type Series } from "../chart/Chart.tsx"
import type { Curves } from "./MetricGroups.ts"
import { meaningOf } from "./MetricWords.ts"
import { seriesOf, type ShownRun, type XAxis } from "./RunCurves.ts"

/** What all charts of a page share. */
export interface CurveStyle {
  readonly axis: XAxis
  readonly weight: number
  /** The step that is read out below. */
  readonly step: number | undefined
  readonly onChoose: (x: number) => void
}

const compact = (value: number): string => value.toLocaleString("en", { notation: "compact" })

// A run's curve ends where the axis does.
const endsOf = (series: ReadonlyArray<Series>): readonly [number, number] | undefined => {
  const xs = series.flatMap(({ points }) => [points[0], points.at(-1)].flatMap((point) => point?.x ?? []))
  const [first, last] = [xs.reduce((a, b) => Math.min(a, b), Infinity), xs.reduce((a, b) => Math.max(a, b), -Infinity)]
  return first < last ? [first, last] : undefined
}

/** The chart. `href` leads to it alone, or back to all. */
export const CurveChart = ({ chart, href, isLarge = false, isLog = false, runs, style }: {
  readonly chart: Curves
  readonly runs: ReadonlyArray<ShownRun>
  readonly style: CurveStyle
  readonly href: string
  readonly isLarge?: boolean
  readonly isLog?: boolean
}) => {
  const meanings = [...new Set(chart.curves.flatMap(({ metric }) => meaningOf(metric) ?? []))]
  const series = seriesOf(chart, runs, style)
  const ends = endsOf(series)
  const names = chart.curves.map(({ metric }) => metric).join(", ")
  return (
    <div class="curves">
      <Chart
        title={chart.title}
        x={{
          label: style.axis === "steps" ? "step" : "tokens trained on",
          format: style.axis === "steps" ? String : compact,
          ...(ends === undefined ? {} : { domain: ends })
        }}
        y={{ label: chart.unit, isLog }}
        series={series}
        marks={style.step === undefined || style.axis === "tokens" ? [] : [{ x: style.step, name: "" }]}
        isLarge={isLarge}
        onChoose={style.onChoose}
      />
      <p class="dim meaning">
        <code>{names}</code>
        {meanings.length === 0 ? "" : `: ${meanings.join("; ")}`}.{" "}
        <a href={href} aria-label={isLarge ? "All charts" : `Larger: ${chart.title}`}>{isLarge ? "All charts" : "Larger"}</a>
      </p>
    </div>
  )
}
