/**
 * How all figures look: type sizes, colours, and axes that take the page's text colour.
 *
 * @module
 */
import type { Config } from "vega-lite"

/**
 * Seven colours near Okabe and Ito's (2008), moved so that each has a contrast of at least 3 : 1 on the light and the dark page, and
 * any two differ by at least ΔE 20 for normal sight and for the three kinds of dichromacy (a test measures both).
 */
export const palette = {
  blue: "#2067AD",
  vermillion: "#A64A16",
  green: "#009A49",
  pink: "#E565A6",
  ochre: "#B78900",
  sky: "#4693FF",
  grey: "#726265"
} as const

/**
 * Eight colours for models, none of them in `palette`'s roles: a colour is a model or a rate, never both. The same contrast on both pages; any two
 * differ by at least ΔE 20 for normal sight and the three kinds of dichromacy, and from the colours of `roleColors` for normal sight (a test measures it).
 */
export const modelPalette = {
  grey: "#726265",
  sage: "#69965A",
  orchid: "#C369B4",
  orange: "#FF5A00",
  azure: "#0096FF",
  purple: "#B400B4",
  red: "#D2001E",
  indigo: "#3C4BFF"
} as const

/** Colours for series without a colour of their own, in order; shapes repeat the distinction without colour. */
export const seriesColors: ReadonlyArray<string> = Object.values(modelPalette)

/** Shapes for points, in the order of `seriesColors`. */
export const seriesShapes: ReadonlyArray<string> = [
  "circle",
  "square",
  "diamond",
  "triangle-up",
  "triangle-down",
  "cross",
  "triangle-right",
  "triangle-left"
]

/** Dashes for lines, solid first. */
export const seriesDashes: ReadonlyArray<ReadonlyArray<number>> = [[1, 0], [6, 3], [2, 2], [8, 2, 2, 2]]

/** How a series is drawn; colour, shape and dash each tell it apart. */
export interface SeriesStyle {
  readonly color: string
  readonly shape: string
  readonly dash: ReadonlyArray<number>
}

const inTurn = <A>(items: ReadonlyArray<A>, position: number): A => items[position % items.length]!

/** How the series at a position is drawn. Up to 32 are all different: after eight the colours return, with other shapes and dashes. */
export const seriesStyle = (position: number): SeriesStyle => {
  const lap = Math.floor(position / seriesColors.length)
  return {
    color: inTurn(seriesColors, position),
    shape: inTurn(seriesShapes, position + lap),
    dash: inTurn(seriesDashes, lap)
  }
}

/** The sub-policies keep their colours in every figure: what samples is blue, what decides is warm. */
export const roleColors = {
  sampling: palette.blue,
  stop: palette.ochre,
  resample: palette.vermillion,
  accuracy: palette.green
} as const

/** Axis labels of differences: a sign before all but 0. */
export const SIGNED_LABELS = "datum.value === 0 ? '0' : format(datum.value, '+~g')"

/** How the three rates are drawn in every figure; colour, shape and dash each tell them apart. */
export const rateSeries = {
  pSample: { name: "p_S", color: roleColors.sampling, shape: "circle" },
  pStopGivenCorrect: { name: "p_D|C", color: roleColors.stop, shape: "square", dash: [6, 3] },
  pResampleGivenWrong: { name: "p_D|W", color: roleColors.resample, shape: "triangle-up", dash: [2, 3] }
} as const

/** Smallest type in any figure, in pixels. */
export const SMALLEST_TYPE = 11

const text = "currentColor"
const font = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"

/** The Vega-Lite configuration of all figures. `aria` is off because the whole figure is described as one image. */
export const figureConfig: Config = {
  aria: false,
  background: "transparent",
  font,
  padding: 6,
  view: { stroke: null },
  axis: {
    labelColor: text,
    titleColor: text,
    domainColor: text,
    tickColor: text,
    gridColor: text,
    gridOpacity: 0.13,
    domainOpacity: 0.5,
    tickOpacity: 0.5,
    labelFontSize: SMALLEST_TYPE,
    titleFontSize: 12,
    titleFontWeight: "normal",
    labelOverlap: true
  },
  legend: {
    labelColor: text,
    titleColor: text,
    labelFontSize: 12,
    titleFontSize: 12,
    orient: "top",
    direction: "horizontal",
    symbolStrokeWidth: 0,
    symbolOpacity: 1,
    labelLimit: 320,
    columnPadding: 4
  },
  header: { labelColor: text, titleColor: text, labelFontSize: 13, labelFontWeight: "bold" },
  title: { color: text, fontSize: 13, anchor: "start", frame: "group", fontWeight: "bold", offset: 8 },
  line: { strokeWidth: 2 },
  point: { size: 45, filled: true, opacity: 1 }
}
