/**
 * The difference between two models, level by level, split between sampling and deciding.
 *
 * @module
 */
import type { Comparison, LevelComparison } from "../calibration/Comparison.ts"
import { points, pointsInterval } from "../report/Words.ts"
import { labelsOf } from "./Labels.ts"
import type { Figure } from "./Figure.ts"
import { hoverPoints, SAYING } from "./Hover.ts"
import { roleColors, SIGNED_LABELS } from "./Theme.ts"

const parts = [
  { name: "by sampling", color: roleColors.sampling, read: (row: LevelComparison) => row.sampling.value },
  { name: "by decision", color: roleColors.resample, read: (row: LevelComparison) => row.decision.value }
] as const

const OBSERVED = "observed, 95 %"

/** Draws bars for the two parts of the predicted difference (they add up to it) and a point with interval for the observed one. */
export const comparisonFigure = (options: { readonly id: string; readonly label: string; readonly comparison: Comparison }): Figure => {
  const { comparison, id, label } = options
  const rows = [...comparison.levels, comparison.overall]
  const names = rows.map(({ level }) => level)
  // By place, not by name: a level of the file may be called like the pooled row.
  const order = rows.map((_, k) => String(k))
  const bars = rows.flatMap((row, k) =>
    parts.flatMap(({ name, read }) => {
      const value = read(row)
      return value === null
        ? []
        : [{ row: String(k), part: name, value: 100 * value, said: `${row.level}: ${name} ${points(value)} points` }]
    })
  )
  const observed = rows.flatMap(({ observed: { interval, value } }, k) =>
    value === null
      ? []
      : [{
        row: String(k),
        part: OBSERVED,
        value: 100 * value,
        low: 100 * (interval?.[0] ?? value),
        high: 100 * (interval?.[1] ?? value),
        said: `${names[k]}: observed ${points(value)} points (${pointsInterval(interval)})`
      }]
  )
  const domain = [...parts.map(({ name }) => name), OBSERVED]
  const color = {
    field: "part",
    type: "nominal" as const,
    title: null,
    scale: { domain, range: [...parts.map((part) => part.color), "currentColor"] }
  }
  const y = {
    field: "row",
    type: "ordinal" as const,
    title: null,
    sort: order,
    scale: { domain: order },
    axis: { labelExpr: labelsOf(names), labelLimit: 260 }
  }
  const x = { type: "quantitative" as const, title: "difference in accuracy, points", axis: { labelExpr: SIGNED_LABELS } }
  return {
    id,
    title: `Which policy made the difference: ${label}`,
    alt: rows.map(({ decision, level, observed: difference, sampling }) =>
      `${level}: observed ${points(difference.value)} points (${pointsInterval(difference.interval)}), by sampling ${
        points(sampling.value)
      }, by decision ${points(decision.value)}.`
    ).join(" "),
    spec: {
      width: 500,
      height: { step: 34 },
      layer: [
        {
          data: { values: bars },
          mark: { type: "bar", size: 14, ...SAYING.mark },
          encoding: { y, x: { ...x, field: "value", stack: "zero" }, color, ...SAYING.encoding }
        },
        {
          data: { values: [{ zero: 0 }] },
          mark: { type: "rule", color: "currentColor", opacity: 0.55 },
          encoding: { x: { ...x, field: "zero" } }
        },
        {
          data: { values: observed },
          mark: { type: "rule", strokeWidth: 1.6, color: "currentColor" },
          encoding: { y, x: { ...x, field: "low" }, x2: { field: "high" } }
        },
        {
          data: { values: observed },
          mark: { type: "point", shape: "diamond", size: 60 },
          encoding: { y, x: { ...x, field: "value" }, color }
        },
        { data: { values: observed }, ...hoverPoints({ y, x: { ...x, field: "value" } }) }
      ]
    }
  }
}
