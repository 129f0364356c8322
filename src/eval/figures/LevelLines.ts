/**
 * The building block of every figure over difficulty levels: one line for each series, with intervals, over the levels in order.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite"
import type { Interval } from "../statistics/Interval.ts"
import { percent, percentInterval } from "../report/Words.ts"
import { hoverPoints } from "./Hover.ts"

/** A layered Vega-Lite panel, alone or inside a row of panels. */
export type Panel = Extract<TopLevelSpec, { readonly layer: unknown }>

/** One point of a line: `level` is its position, 0-based. Points without a value are left out. */
export interface LevelPoint {
  readonly series: string
  readonly level: number
  readonly value: number | null
  readonly interval: Interval | null
}

/** How a series is drawn; colour, dash and shape all tell it apart. */
export interface Series {
  readonly name: string
  readonly color: string
  readonly shape: string
  readonly dash?: ReadonlyArray<number>
}

/** What a panel of level lines needs to know. */
export interface LevelPanel {
  readonly title?: string
  readonly levels: ReadonlyArray<string>
  /** Positions of the levels that were trained on; they get a shade and a label. */
  readonly trained: ReadonlyArray<number>
  readonly series: ReadonlyArray<Series>
  readonly points: ReadonlyArray<LevelPoint>
  readonly width: number
  readonly height: number
  /** What the levels are; "level" unless told. */
  readonly axisTitle?: string
}

// Neighbouring series stand this far apart at one level, so that their intervals do not cover each other.
const DODGE = 0.07

/** Builds a panel: y from 0 to 100 %, intervals as thin bars (cut at 0 and 100 %), trained levels shaded. */
export const levelPanel = (panel: LevelPanel): Panel => {
  const names = panel.series.map((series) => series.name)
  const place = (point: LevelPoint) => point.level + DODGE * (names.indexOf(point.series) - (names.length - 1) / 2)
  const values = panel.points.flatMap((point) =>
    point.value === null
      ? []
      : [{
        series: point.series,
        x: place(point),
        value: point.value,
        low: Math.max(0, point.interval?.[0] ?? point.value),
        high: Math.min(1, point.interval?.[1] ?? point.value),
        said: `${panel.levels[point.level]}: ${point.series} ${percent(point.value)}${
          point.interval === null ? "" : ` (${percentInterval(point.interval)})`
        }`
      }]
  )
  const positions = panel.levels.map((_, k) => k)
  const x = {
    field: "x",
    type: "quantitative" as const,
    scale: { domain: [-0.5, panel.levels.length - 0.5], nice: false, zero: false },
    axis: {
      values: positions,
      labelExpr: `${JSON.stringify(panel.levels)}[datum.value]`,
      title: panel.axisTitle ?? "level",
      grid: false,
      labelOverlap: false as const
    }
  }
  const y = {
    type: "quantitative" as const,
    scale: { domain: [0, 1] },
    axis: { format: ".0%", title: null, tickCount: 5 }
  }
  const color = {
    field: "series",
    type: "nominal" as const,
    title: null,
    scale: { domain: names, range: panel.series.map((series) => series.color) },
    legend: { columns: panel.series.length > 4 ? 3 : 4 }
  }
  const strokeDash = {
    field: "series",
    type: "nominal" as const,
    title: null,
    scale: { domain: names, range: panel.series.map((series) => [...(series.dash ?? [1, 0])]) }
  }
  const shape = {
    field: "series",
    type: "nominal" as const,
    title: null,
    scale: { domain: names, range: panel.series.map((series) => series.shape) }
  }
  return {
    ...(panel.title === undefined ? {} : { title: panel.title }),
    width: panel.width,
    height: panel.height,
    data: { values },
    layer: [
      ...trainedShade(panel, x),
      { mark: { type: "rule", strokeWidth: 1.2, opacity: 0.65 }, encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" }, color } },
      { mark: { type: "line" }, encoding: { x, y: { ...y, field: "value" }, color, strokeDash } },
      { mark: { type: "point" }, encoding: { x, y: { ...y, field: "value" }, color, shape } },
      hoverPoints({ x, y: { ...y, field: "value" } })
    ]
  }
}

const trainedShade = (panel: LevelPanel, x: object): Panel["layer"] => {
  if (panel.trained.length === 0) return []
  const from = Math.min(...panel.trained) - 0.5
  const to = Math.max(...panel.trained) + 0.5
  return [
    {
      data: { values: [{ x: from, to }] },
      mark: { type: "rect", color: "currentColor", opacity: 0.07 },
      encoding: { x: { ...x, field: "x", type: "quantitative" }, x2: { field: "to" } }
    },
    {
      data: { values: [{ x: (from + to) / 2, text: "trained" }] },
      mark: { type: "text", color: "currentColor", opacity: 0.75, fontSize: 11, baseline: "bottom", dy: -1 },
      encoding: { x: { ...x, field: "x", type: "quantitative" }, y: { value: 0 }, text: { field: "text" } }
    }
  ]
}
