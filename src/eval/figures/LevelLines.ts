/**
 * The building block of every figure over difficulty levels: one line for each series, with intervals, over the levels in order.
 *
 * @module
 */
import { labelsOf } from "./Labels.ts"
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

// A letter of a legend, and what stands around each entry, in pixels: a legend that is wider than its panel would part figures that belong side by side.
const [LETTER, AROUND] = [6.6, 34]

const legendColumns = (names: ReadonlyArray<string>, width: number): number => {
  const widths = names.map((name) => LETTER * name.length + AROUND)
  // A column is as wide as its widest entry.
  const widthOf = (columns: number): number =>
    Array.from({ length: columns }, (_, k) => widths.filter((_, i) => i % columns === k).reduce((most, each) => Math.max(most, each), 0))
      .reduce((sum, each) => sum + each, 0)
  return [4, 3, 2].find((columns) => widthOf(columns) <= width + AROUND) ?? 1
}

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
      labelExpr: labelsOf(panel.levels),
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
    legend: { columns: legendColumns(names, panel.width) }
  }
  const unnamed = { ...color, legend: null }
  const strokeDash = {
    field: "series",
    type: "nominal" as const,
    title: null,
    scale: { domain: names, range: panel.series.map((series) => [...(series.dash ?? [1, 0])]) },
    legend: null
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
    // The legend is that of the points: a line's dashes around a filled symbol would only fray it.
    resolve: { legend: { color: "independent", shape: "independent", strokeDash: "independent" } },
    layer: [
      ...trainedShade(panel, x),
      {
        mark: { type: "rule", strokeWidth: 1.2, opacity: 0.65 },
        encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" }, color: unnamed }
      },
      { mark: { type: "line" }, encoding: { x, y: { ...y, field: "value" }, color: unnamed, strokeDash } },
      { mark: { type: "point" }, encoding: { x, y: { ...y, field: "value" }, color, shape } },
      hoverPoints({ x, y: { ...y, field: "value" } })
    ]
  }
}

/** Positions that follow each other, as their first and last: an unseen level between trained ones is not shaded. */
const stretches = (positions: ReadonlyArray<number>): ReadonlyArray<readonly [first: number, last: number]> =>
  positions.toSorted((a, b) => a - b).reduce<ReadonlyArray<readonly [number, number]>>((found, position) => {
    const last = found.at(-1)
    return last !== undefined && position === last[1] + 1 ? [...found.slice(0, -1), [last[0], position]] : [...found, [position, position]]
  }, [])

const trainedShade = (panel: LevelPanel, x: object): Panel["layer"] => {
  if (panel.trained.length === 0) return []
  const bands = stretches(panel.trained)
  return [
    {
      data: { values: bands.map(([first, last]) => ({ x: first - 0.5, to: last + 0.5 })) },
      mark: { type: "rect", color: "currentColor", opacity: 0.07 },
      encoding: { x: { ...x, field: "x", type: "quantitative" }, x2: { field: "to" } }
    },
    {
      data: { values: bands.map(([first, last]) => ({ x: (first + last) / 2, text: "trained" })) },
      mark: { type: "text", color: "currentColor", opacity: 0.75, fontSize: 11, baseline: "bottom", dy: -1 },
      encoding: { x: { ...x, field: "x", type: "quantitative" }, y: { value: 0 }, text: { field: "text" } }
    }
  ]
}
