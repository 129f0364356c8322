/**
 * Gradient attribution over training: how long the sampling and the decision part of each objective's gradient are, whole and
 * for each token.
 *
 * @module
 */
import type { TwoStageGradientParts } from "../../domain/GradientParts.ts"
import type { Figure } from "./Figure.ts"
import { hoverPoints } from "./Hover.ts"
import type { Panel } from "./LevelLines.ts"
import { roleColors } from "./Theme.ts"

/** One measurement: norms of g_S and g_D of one part of the objective, and the tokens behind each. */
export type AttributionRow = Omit<TwoStageGradientParts, "cosine">

const owners = ["sampling ‖g_S‖", "decision ‖g_D‖"] as const

/** Draws one run's attribution: a column for each part of the objective, above the norms, below the norms per token (log scale). */
export const attributionFigure = (run: {
  readonly id: string
  readonly label: string
  readonly rows: ReadonlyArray<AttributionRow>
}): Figure => {
  const parts = [...new Set(run.rows.map((row) => row.part))]
  const points = (part: string, perToken: boolean) =>
    run.rows
      .filter((row) => row.part === part)
      .flatMap((row) => [
        { step: row.step, owner: owners[0], value: row.normSampling / (perToken ? row.tokensSampling : 1) },
        { step: row.step, owner: owners[1], value: row.normDecision / (perToken ? row.tokensDecision : 1) }
      ])
      // A logarithm has no place for 0, and no tokens give no norm per token.
      .filter((point) => Number.isFinite(point.value) && point.value > 0)
      .map((point) => ({
        ...point,
        said: `${part}, step ${point.step}: ${point.owner}${perToken ? " a token" : ""} ${point.value.toPrecision(3)}`
      }))
  const panel = (part: string, perToken: boolean): Panel => {
    const values = points(part, perToken)
    const scale = logScale(values.map((point) => point.value))
    return {
      title: perToken ? `${part}, per token` : part,
      width: 290,
      height: 130,
      data: { values },
      layer: [
        {
          mark: { type: "line", strokeWidth: 1.8, point: { size: 22 } },
          encoding: {
            x: { field: "step", type: "quantitative", title: "step", axis: { tickCount: 5, grid: false }, scale: { nice: false } },
            y: {
              field: "value",
              type: "quantitative",
              title: null,
              scale: { type: "log", domain: scale.domain },
              axis: { values: scale.ticks, labelExpr: "format(datum.value, datum.value < 0.001 ? '~e' : '~g')" }
            },
            color: {
              field: "owner",
              type: "nominal",
              title: null,
              scale: { domain: [...owners], range: [roleColors.sampling, roleColors.resample] },
              legend: { symbolType: "stroke", symbolStrokeWidth: 3, symbolSize: 200 }
            },
            strokeDash: { field: "owner", type: "nominal", title: null, scale: { domain: [...owners], range: [[1, 0], [5, 3]] } }
          }
        },
        hoverPoints({
          x: { field: "step", type: "quantitative" as const },
          y: { field: "value", type: "quantitative" as const, scale: { type: "log" as const, domain: scale.domain } }
        })
      ]
    }
  }
  return {
    id: `attribution-${run.id}`,
    title: `Gradient attribution of ${run.label}`,
    alt: parts.map((part) => describePart(part, run.rows.filter((row) => row.part === part))).join(" "),
    spec: {
      columns: Math.max(1, parts.length),
      bounds: "flush",
      spacing: { row: 76, column: 62 },
      concat: [...parts.map((part) => panel(part, false)), ...parts.map((part) => panel(part, true))]
    }
  }
}

// Whole decades around the data; between few of them also the steps 2 and 5.
const logScale = (values: ReadonlyArray<number>): { readonly domain: [number, number]; readonly ticks: Array<number> } => {
  if (values.length === 0) return { domain: [0.1, 1], ticks: [] }
  const low = Math.floor(Math.log10(values.reduce((a, b) => Math.min(a, b))))
  const high = Math.max(low + 1, Math.ceil(Math.log10(values.reduce((a, b) => Math.max(a, b)))))
  const steps = high - low <= 2 ? [1, 2, 5] : [1]
  const decades = Array.from({ length: high - low + 1 }, (_, k) => low + k)
  return {
    domain: [10 ** low, 10 ** high],
    ticks: decades.flatMap((decade) => steps.map((step) => step * 10 ** decade)).filter((tick) => tick <= 10 ** high)
  }
}

const describePart = (part: string, rows: ReadonlyArray<AttributionRow>): string => {
  const ratios = rows.flatMap((row) => (row.normDecision > 0 ? [row.normSampling / row.normDecision] : []))
  if (ratios.length === 0) return `${part}: the decision part is zero throughout.`
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(Math.max(ratio, 1e-12)), 0) / ratios.length)
  return `${part}: the sampling part is ${
    mean.toPrecision(2)
  } times as long as the decision part (geometric mean over ${ratios.length} steps).`
}
