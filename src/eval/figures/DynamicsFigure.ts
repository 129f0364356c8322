/**
 * Figure 1 of the paper: the training dynamics of the minimal model with three logits, in six panels.
 */
import type { Figure1Row } from "../Results.ts"
import type { Figure } from "./Figure.ts"
import type { Panel } from "./LevelLines.ts"
import { MOST_POINTS } from "./TrainingFigure.ts"
import { palette, roleColors } from "./Theme.ts"

interface Line {
  readonly name: string
  readonly color: string
  readonly dash?: ReadonlyArray<number>
  readonly read: (row: Figure1Row) => number | null
}

type ThreeNumbers = Figure1Row["rates"]

const three = (names: readonly [string, string, string], read: (row: Figure1Row) => ThreeNumbers): ReadonlyArray<Line> => [
  { name: names[0], color: roleColors.sampling, read: (row) => read(row).sampleCorrect },
  { name: names[1], color: roleColors.stop, dash: [6, 3], read: (row) => read(row).stopGivenCorrect },
  { name: names[2], color: roleColors.resample, dash: [2, 2], read: (row) => read(row).resampleGivenWrong }
]

const logits = ["θ_S", "θ_C", "θ_W"] as const

/** Draws the six panels: probabilities, accuracy, surrogate gradient, KL gradient, net gradient, attribution ratios. */
export const dynamicsFigure = (rows: ReadonlyArray<Figure1Row>): Figure => ({
  id: "figure-1",
  title: "Training dynamics of the three-logit model",
  alt: describe(rows),
  spec: {
    columns: 3,
    spacing: 26,
    resolve: { scale: { color: "independent", strokeDash: "independent" } },
    concat: [
      panel(rows, "Probabilities", three(["p_S", "p_D|C", "p_D|W"], (row) => row.rates), { domain: [0, 1] }),
      panel(rows, "Accuracy", [{ name: "accuracy", color: roleColors.accuracy, read: (row) => row.accuracy }], { zero: false }),
      panel(rows, "Gradient of the surrogate", three([...logits], (row) => row.surrogate), {}),
      panel(rows, "Gradient of the KL penalty", three([...logits], (row) => row.kl), {}),
      panel(rows, "Net gradient", three([...logits], (row) => row.net), {}),
      panel(
        rows,
        "Attribution, sampling : decision",
        [
          { name: "surrogate", color: roleColors.accuracy, read: (row) => positive(row.surrogateRatio) },
          { name: "KL penalty", color: palette.purple, dash: [6, 3], read: (row) => positive(row.klRatio) }
        ],
        { type: "log" }
      )
    ]
  }
})

// A ratio of 0 has no place on a logarithmic axis.
const positive = (ratio: number | null): number | null => (ratio !== null && ratio > 0 ? ratio : null)

const panel = (rows: ReadonlyArray<Figure1Row>, title: string, lines: ReadonlyArray<Line>, scale: object): Panel => {
  const every = Math.max(1, Math.ceil(rows.length / (4 * MOST_POINTS)))
  const drawn = rows.filter((_, k) => k % every === 0)
  const names = lines.map((line) => line.name)
  return {
    title,
    width: 285,
    height: 150,
    data: {
      values: lines.flatMap((line) =>
        drawn.flatMap((row) => {
          const value = line.read(row)
          return value === null ? [] : [{ step: row.step, line: line.name, value }]
        })
      )
    },
    layer: [
      {
        mark: { type: "line", strokeWidth: 1.8 },
        encoding: {
          x: { field: "step", type: "quantitative", title: "step", axis: { grid: false, tickCount: 5 }, scale: { nice: false } },
          y: { field: "value", type: "quantitative", title: null, scale, axis: { tickCount: 4, format: "~g" } },
          color: {
            field: "line",
            type: "nominal",
            title: null,
            scale: { domain: names, range: lines.map((line) => line.color) },
            legend: { symbolType: "stroke", symbolStrokeWidth: 3, symbolSize: 200 }
          },
          strokeDash: {
            field: "line",
            type: "nominal",
            title: null,
            scale: { domain: names, range: lines.map((line) => [...(line.dash ?? [1, 0])]) }
          }
        }
      }
    ]
  }
}

const describe = (rows: ReadonlyArray<Figure1Row>): string => {
  const [first, last] = [rows[0], rows.at(-1)]
  if (first === undefined || last === undefined) return "No steps."
  const range = (read: (row: Figure1Row) => number | null) => {
    const values = rows.flatMap((row) => positive(read(row)) ?? [])
    return values.length === 0
      ? "undefined"
      : `${values.reduce((a, b) => Math.min(a, b)).toPrecision(3)} to ${values.reduce((a, b) => Math.max(a, b)).toPrecision(3)}`
  }
  return (
    `From step ${first.step} to ${last.step}, p_S goes from ${first.rates.sampleCorrect.toFixed(2)} to ${last.rates.sampleCorrect.toFixed(2)}, ` +
    `p_D|C from ${first.rates.stopGivenCorrect.toFixed(2)} to ${last.rates.stopGivenCorrect.toFixed(2)}, ` +
    `p_D|W from ${first.rates.resampleGivenWrong.toFixed(2)} to ${last.rates.resampleGivenWrong.toFixed(2)}, ` +
    `accuracy from ${first.accuracy.toFixed(2)} to ${last.accuracy.toFixed(2)}. The ratio sampling : decision is ` +
    `${range((row) => row.surrogateRatio)} for the surrogate and ${range((row) => row.klRatio)} for the KL penalty.`
  )
}
