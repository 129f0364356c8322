/**
 * Gradient attribution of a language model: ‖g_S‖ and ‖g_D‖ of every objective with their intervals, and how they run over the layers.
 *
 * @module
 */
import type { ModelAttribution, ObjectiveGradient } from "../attribute/ModelAttribution.ts"
import type { Figure } from "./Figure.ts"
import type { Panel } from "./LevelLines.ts"
import { roleColors } from "./Theme.ts"

const owners = ["sampling ‖g_S‖", "decision ‖g_D‖"] as const

const color = {
  field: "owner",
  type: "nominal" as const,
  title: null,
  scale: { domain: [...owners], range: [roleColors.sampling, roleColors.resample] }
}
const shape = { field: "owner", type: "nominal" as const, title: null, scale: { domain: [...owners], range: ["circle", "square"] } }
const strokeDash = { field: "owner", type: "nominal" as const, title: null, scale: { domain: [...owners], range: [[1, 0], [5, 3]] } }

const LABELS = "format(datum.value, datum.value < 0.001 ? '~e' : '~g')"

/** A point at or below this share of its panel's largest is rounding, or 0: a logarithm has no place for it. */
const DUST = 1e-7

const visible = <A extends { readonly value: number }>(points: ReadonlyArray<A>): ReadonlyArray<A> => {
  const largest = points.reduce((most, { value }) => Math.max(most, value), 0)
  return points.filter(({ value }) => value > DUST * largest)
}

/** One row an objective, both norms on a logarithmic scale. */
const normsPanel = (objectives: ReadonlyArray<readonly [string, ObjectiveGradient]>): Panel => {
  const names = objectives.map(([name]) => name)
  const values = visible(objectives.flatMap(([name, { intervals, normDecision, normSampling }]) =>
    [
      { name, owner: owners[0], value: normSampling, interval: intervals?.normSampling },
      { name, owner: owners[1], value: normDecision, interval: intervals?.normDecision }
    ].map(({ interval, ...point }) => ({
      ...point,
      low: interval != null && interval[0] > 0 ? interval[0] : point.value,
      high: interval?.[1] ?? point.value
    }))
  ))
  const y = { field: "name", type: "nominal" as const, title: null, sort: names, axis: { labelLimit: 200 } }
  const yOffset = { field: "owner", type: "nominal" as const, scale: { domain: [...owners] } }
  const x = {
    type: "quantitative" as const,
    title: "norm of the gradient of the mean loss, and its 95 % interval",
    scale: { type: "log" as const, nice: false, padding: 8 },
    axis: { labelExpr: LABELS, tickCount: 6 }
  }
  return {
    title: "By objective",
    width: 420,
    height: { step: 15, for: "offset" } as never,
    data: { values: [...values] },
    layer: [
      {
        mark: { type: "rule", strokeWidth: 1.4, opacity: 0.7 },
        encoding: { y, yOffset, x: { ...x, field: "low" }, x2: { field: "high" }, color }
      },
      { mark: { type: "point" }, encoding: { y, yOffset, x: { ...x, field: "value" }, color, shape } }
    ]
  }
}

/** The norms over the blocks of one objective. */
const layersPanel = ([name, { layers }]: readonly [string, ObjectiveGradient]): ReadonlyArray<Panel> => {
  const values = visible(layers.flatMap(({ name, normDecision, normSampling }) =>
    /^\d+$/.test(name)
      ? [
        { layer: Number(name), owner: owners[0], value: normSampling },
        { layer: Number(name), owner: owners[1], value: normDecision }
      ]
      : []
  ))
  if (values.length === 0) return []
  return [{
    title: `${name}, by layer`,
    width: 190,
    height: 120,
    data: { values: [...values] },
    layer: [{
      mark: { type: "line", strokeWidth: 1.8, point: { size: 18 } },
      encoding: {
        x: {
          field: "layer",
          type: "quantitative",
          title: "block",
          axis: { tickCount: 5, grid: false, format: "d" },
          scale: { nice: false, zero: false }
        },
        y: {
          field: "value",
          type: "quantitative",
          title: null,
          scale: { type: "log", nice: true },
          axis: { labelExpr: LABELS, tickCount: 4 }
        },
        color,
        strokeDash
      }
    }]
  }]
}

const describe = ([name, { ratio }]: readonly [string, ObjectiveGradient]): string =>
  ratio === null
    ? `${name}: the decision part is zero.`
    : `${name}: the sampling part is ${ratio.toPrecision(2)} times as long as the decision part.`

/** Draws the norms of every objective with their intervals and, below, the norms over the blocks of the network, a panel an objective. */
export const modelAttributionFigure = (report: ModelAttribution): Figure => {
  const objectives = Object.entries(report.objectives)
  const { approximation } = report
  return {
    id: "model-attribution",
    title: `Gradient attribution of ${report.model}${
      approximation === undefined ? "" : `, last ${approximation.layers} of ${approximation.of} blocks`
    }`,
    alt: objectives.map(describe).join(" "),
    spec: {
      bounds: "flush",
      spacing: 64,
      vconcat: [
        normsPanel(objectives),
        { columns: 3, bounds: "flush", spacing: { row: 64, column: 62 }, concat: objectives.flatMap(layersPanel) }
      ]
    }
  }
}
