/**
 * Differences in percentage points with their intervals, one row each, around a line at 0.
 *
 * @module
 */
import type { Interval } from "../statistics/Interval.ts"
import { points, pointsInterval } from "../report/Words.ts"
import type { Figure } from "./Figure.ts"
import { hoverPoints } from "./Hover.ts"
import { SIGNED_LABELS } from "./Theme.ts"

/** One row: a difference of shares. Rows without a value are left out. */
export interface Difference {
  readonly name: string
  readonly value: number | null
  readonly interval: Interval | null
  readonly color: string
  readonly shape: string
}

const inPoints = (share: number): number => 100 * share

/** Draws differences as points with intervals. */
export const differenceFigure = (figure: {
  readonly id: string
  readonly title: string
  readonly axis: string
  readonly rows: ReadonlyArray<Difference>
}): Figure => {
  const rows = figure.rows.flatMap((row) => (row.value === null ? [] : [{ ...row, value: row.value }]))
  const names = rows.map(({ name }) => name)
  const values = rows.map(({ interval, name, value }) => ({
    name,
    value: inPoints(value),
    low: inPoints(interval?.[0] ?? value),
    high: inPoints(interval?.[1] ?? value),
    said: `${name} ${points(value)} points (${pointsInterval(interval)})`
  }))
  const y = { field: "name", type: "nominal" as const, title: null, sort: names, axis: { labelLimit: 260, grid: true } }
  const x = { type: "quantitative" as const, title: figure.axis, axis: { labelExpr: SIGNED_LABELS, grid: false } }
  const color = { field: "name", type: "nominal" as const, legend: null, scale: { domain: names, range: rows.map((row) => row.color) } }
  const shape = { field: "name", type: "nominal" as const, legend: null, scale: { domain: names, range: rows.map((row) => row.shape) } }
  return {
    id: figure.id,
    title: figure.title,
    alt: figure.rows.map(({ interval, name, value }) => `${name}: ${points(value)} points (${pointsInterval(interval)}).`).join(" "),
    spec: {
      width: 500,
      height: { step: 28 },
      data: { values },
      layer: [
        {
          data: { values: [{ zero: 0 }] },
          mark: { type: "rule", color: "currentColor", opacity: 0.55, strokeDash: [4, 3] },
          encoding: { x: { ...x, field: "zero" } }
        },
        { mark: { type: "rule", strokeWidth: 1.6 }, encoding: { y, x: { ...x, field: "low" }, x2: { field: "high" }, color } },
        { mark: { type: "point", size: 60 }, encoding: { y, x: { ...x, field: "value" }, color, shape } },
        hoverPoints({ y, x: { ...x, field: "value" } })
      ]
    }
  }
}
