/**
 * Figure 1 of the paper: the training dynamics of the minimal model with three logits, in six panels.
 *
 * @module
 */
import type { Figure1Row } from "../results/Results.ts"
import type { Figure } from "./Figure.ts"
import { spread } from "../transcripts/steps/StepRows.ts"
import { hoverPoints } from "./Hover.ts"
import type { Panel } from "./LevelLines.ts"
import { palette, roleColors } from "./Theme.ts"

interface Line {
  readonly name: string
  readonly color: string
  readonly dash?: ReadonlyArray<number>
  readonly values: ReadonlyArray<number | null>
}

type Rows = ReadonlyArray<Figure1Row>

const byLogit = (names: readonly [string, string, string], series: ReadonlyArray<Figure1Row["rates"]>): ReadonlyArray<Line> => [
  { name: names[0], color: roleColors.sampling, values: series.map((at) => at.sampleCorrect) },
  { name: names[1], color: roleColors.stop, dash: [6, 3], values: series.map((at) => at.stopGivenCorrect) },
  { name: names[2], color: roleColors.resample, dash: [2, 2], values: series.map((at) => at.resampleGivenWrong) }
]

const logits = ["θ_S", "θ_C", "θ_W"] as const

/** Draws the six panels: probabilities, accuracy, surrogate gradient, KL gradient, net gradient, attribution ratios. */
export const dynamicsFigure = (rows: Rows): Figure => ({
  id: "figure-1",
  title: "Figure 1: training dynamics of the three-logit model",
  alt: describe(rows),
  spec: {
    columns: 3,
    bounds: "flush",
    spacing: { row: 118, column: 56 },
    resolve: { scale: { color: "independent", strokeDash: "independent" } },
    concat: [
      panel(rows, "Probabilities", byLogit(["p_S", "p_D|C", "p_D|W"], rows.map((row) => row.rates)), { domain: [0, 1] }),
      panel(rows, "Accuracy", [{ name: "accuracy", color: roleColors.accuracy, values: rows.map((row) => row.accuracy) }], {
        domain: [0, 1]
      }),
      panel(rows, "Gradient of the surrogate", byLogit(logits, rows.map((row) => row.surrogate)), {}),
      panel(rows, "Gradient of the KL penalty", byLogit(logits, rows.map((row) => row.kl)), {}),
      panel(rows, "Net gradient", byLogit(logits, rows.map((row) => row.net)), {}),
      panel(
        rows,
        "Attribution, sampling : decision",
        [
          { name: "surrogate", color: roleColors.accuracy, values: rows.map((row) => positive(row.surrogateRatio)) },
          { name: "KL penalty", color: palette.pink, dash: [6, 3], values: rows.map((row) => positive(row.klRatio)) }
        ],
        { type: "log" },
        { grid: false }
      )
    ]
  }
})

// The pointer finds so many points of a line.
const MOST_SAID = 13

// A ratio of 0 has no place on a logarithmic axis.
const positive = (ratio: number | null): number | null => (ratio !== null && ratio > 0 ? ratio : null)

const panel = (rows: Rows, title: string, lines: ReadonlyArray<Line>, scale: object, yAxis: object = {}): Panel => {
  const names = lines.map((line) => line.name)
  const x = {
    field: "step",
    type: "quantitative" as const,
    title: "step",
    axis: { grid: false, tickCount: 5 },
    scale: { domain: [0, rows.length - 1], nice: false }
  }
  const y = { field: "value", type: "quantitative" as const, title: null, scale, axis: { tickCount: 4, format: "~g", ...yAxis } }
  const color = {
    field: "line",
    type: "nominal" as const,
    title: null,
    scale: { domain: names, range: lines.map((line) => line.color) },
    legend: { symbolType: "stroke", symbolStrokeWidth: 3, symbolSize: 200 }
  }
  const strokeDash = {
    field: "line",
    type: "nominal" as const,
    title: null,
    scale: { domain: names, range: lines.map((line) => [...(line.dash ?? [1, 0])]) }
  }
  return {
    title,
    width: 320,
    height: 150,
    data: {
      values: lines.flatMap((line) => line.values.flatMap((value, step) => (value === null ? [] : [{ step, line: line.name, value }])))
    },
    layer: [
      {
        data: { values: refreshes(rows).map((step) => ({ step })) },
        mark: { type: "rule", color: "currentColor", opacity: 0.25, strokeDash: [1, 3] },
        encoding: { x }
      },
      { mark: { type: "line", strokeWidth: 1.8 }, encoding: { x, y, color, strokeDash } },
      {
        data: {
          values: lines.flatMap(({ name, values }) =>
            spread(
              values.flatMap((
                value,
                step
              ) => (value === null ? [] : [{ step, value, said: `step ${step}: ${name} ${value.toPrecision(3)}` }])),
              MOST_SAID
            )
          )
        },
        ...hoverPoints({ x, y })
      }
    ]
  }
}

// The KL penalty has no gradient exactly where the reference is the policy: at the start and at every replacement.
const refreshes = (rows: Rows): ReadonlyArray<number> => rows.flatMap(({ klRatio, step }) => (klRatio === null && step > 0 ? [step] : []))

const describe = (rows: Rows): string => {
  const path = (values: ReadonlyArray<number>) => `from ${(values[0] ?? 0).toFixed(2)} to ${(values.at(-1) ?? 0).toFixed(2)}`
  const range = (ratios: ReadonlyArray<number | null>) => {
    const values = ratios.flatMap((ratio) => positive(ratio) ?? [])
    if (values.length === 0) return "undefined"
    return `${values.reduce((a, b) => Math.min(a, b)).toPrecision(3)} to ${values.reduce((a, b) => Math.max(a, b)).toPrecision(3)}`
  }
  const rates = rows.map((row) => row.rates)
  return (
    `Over ${rows.length} steps, p_S goes ${path(rates.map((at) => at.sampleCorrect))}, p_D|C ${
      path(rates.map((at) => at.stopGivenCorrect))
    }, ` +
    `p_D|W ${path(rates.map((at) => at.resampleGivenWrong))}, accuracy ${path(rows.map((row) => row.accuracy))}; ` +
    `the reference is replaced ${refreshes(rows).length} times. The ratio sampling : decision is ` +
    `${range(rows.map((row) => row.surrogateRatio))} for the surrogate and ${range(rows.map((row) => row.klRatio))} for the KL penalty.`
  )
}
