/**
 * Signal and noise of a gradient's parts over training: how far each sub-policy's gradient stands out of its own scatter, and whether the
 * two pull one way.
 *
 * @module
 */
import type { TwoStageGradientParts } from "../../domain/GradientParts.ts"
import type { Figure } from "./Figure.ts"
import { hoverPoints } from "./Hover.ts"
import type { Panel } from "./LevelLines.ts"
import { palette, roleColors } from "./Theme.ts"

/** A measurement whose blocks were compared. */
type Measured = TwoStageGradientParts & {
  readonly signalSampling: number
  readonly signalDecision: number
  readonly varianceSampling: number
  readonly varianceDecision: number
  readonly product: number
}

const isMeasured = (row: TwoStageGradientParts): row is Measured =>
  row.signalSampling !== undefined && row.signalDecision !== undefined && row.varianceSampling !== undefined &&
  row.varianceDecision !== undefined && row.product !== undefined

/** Says whether any row has what the figure draws. */
export const hasNoise = (rows: ReadonlyArray<TwoStageGradientParts>): boolean => rows.some(isMeasured)

/** One step's estimate scatters about as much as its value, so sums over so many measurements are drawn. */
const WINDOW = 5

const series = ["sampling g_S", "decision g_D", "cross term ⟨g_S, g_D⟩"] as const

const sum = (rows: ReadonlyArray<Measured>, read: (row: Measured) => number): number => rows.reduce((total, row) => total + read(row), 0)

const quotients = (rows: ReadonlyArray<Measured>) => ({
  sampling: sum(rows, (row) => row.signalSampling) / sum(rows, (row) => row.varianceSampling),
  decision: sum(rows, (row) => row.signalDecision) / sum(rows, (row) => row.varianceDecision),
  cross: sum(rows, (row) => row.product) / sum(rows, (row) => row.normSampling * row.normDecision)
})

/**
 * Draws one run's signal and noise: a column for each part of the objective, above |E g_k|²/tr Cov(g_k) of a step's gradient, below
 * ⟨E g_S, E g_D⟩ over ‖g_S‖·‖g_D‖, both estimated without bias and summed over the last five measurements.
 */
export const noiseFigure = (run: {
  readonly id: string
  readonly label: string
  readonly rows: ReadonlyArray<TwoStageGradientParts>
}): Figure => {
  const rows = run.rows.filter(isMeasured)
  const parts = [...new Set(rows.map((row) => row.part))]
  const windows = (part: string) => {
    const own = rows.filter((row) => row.part === part)
    return own.map(({ step }, k) => ({ step, ...quotients(own.slice(Math.max(0, k - WINDOW + 1), k + 1)) }))
  }
  const panel = (part: string, isCross: boolean): Panel => {
    const values = windows(part).flatMap(({ cross, decision, sampling, step }) =>
      (isCross ? [[series[2], cross] as const] : [[series[0], sampling] as const, [series[1], decision] as const])
        .flatMap((
          [name, value]
        ) => (Number.isFinite(value)
          ? [{ step, series: name, value, said: `${part}, step ${step}: ${name} ${value.toPrecision(3)}` }]
          : [])
        )
    )
    return {
      title: isCross ? `${part}, cross term` : `${part}, signal : noise`,
      width: 290,
      height: 130,
      data: { values },
      layer: [
        { mark: { type: "rule", color: palette.grey, strokeDash: [2, 3] }, encoding: { y: { datum: 0, type: "quantitative" } } },
        {
          mark: { type: "line", strokeWidth: 1.8, point: { size: 22 } },
          encoding: {
            x: { field: "step", type: "quantitative", title: "step", axis: { tickCount: 5, grid: false }, scale: { nice: false } },
            y: { field: "value", type: "quantitative", title: null, axis: { tickCount: 4 } },
            color: {
              field: "series",
              type: "nominal",
              title: null,
              scale: { domain: [...series], range: [roleColors.sampling, roleColors.resample, palette.green] },
              legend: { symbolType: "stroke", symbolStrokeWidth: 3, symbolSize: 200 }
            },
            strokeDash: { field: "series", type: "nominal", title: null, scale: { domain: [...series], range: [[1, 0], [5, 3], [2, 2]] } }
          }
        },
        hoverPoints({ x: { field: "step", type: "quantitative" as const }, y: { field: "value", type: "quantitative" as const } })
      ]
    }
  }
  return {
    id: `noise-${run.id}`,
    title: `Signal and noise of the gradient of ${run.label}`,
    alt: parts.map((part) => describePart(part, rows.filter((row) => row.part === part))).join(" "),
    spec: {
      columns: Math.max(1, parts.length),
      bounds: "flush",
      spacing: { row: 76, column: 62 },
      concat: [...parts.map((part) => panel(part, false)), ...parts.map((part) => panel(part, true))]
    }
  }
}

const describePart = (part: string, rows: ReadonlyArray<Measured>): string => {
  const { cross, decision, sampling } = quotients(rows)
  const words = [sampling, decision, cross].map((value) => (Number.isFinite(value) ? value.toPrecision(2) : "undefined"))
  return `${part}: over ${rows.length} steps the signal is ${words[0]} times the noise on the sampling part and ${
    words[1]
  } times on the decision part; the cross term is ${words[2]}.`
}
