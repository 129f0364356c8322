/**
 * How the weight of every objective is divided between π_S and π_D, as one bar each.
 *
 * @module
 */
import type { Figure } from "./Figure.ts"
import { SAYING } from "./Hover.ts"
import { roleColors } from "./Theme.ts"
import { percent } from "../report/Words.ts"
import type { AttributionReport } from "../attribute/AttributionReport.ts"

const owners = ["sampling π_S", "decision π_D"] as const

/** Draws one bar an objective: the shares of Σ|γ^{t−1}·Q| over tokens; π_D's share is written beside it. */
export const shareFigure = (options: { readonly id: string; readonly label: string; readonly report: AttributionReport }): Figure => {
  const shares = options.report.objectives.flatMap(({ name, scoreWeights }) =>
    scoreWeights?.decisionShare == null ? [] : [{ name, share: scoreWeights.decisionShare }]
  )
  const values = shares.flatMap(({ name, share }) => [
    { name, owner: owners[0], share: 1 - share, order: 0, said: `${name}: π_S ${percent(1 - share)}` },
    { name, owner: owners[1], share, order: 1, said: `${name}: π_D ${percent(share)}` }
  ])
  const names = shares.map(({ name }) => name)
  return {
    id: options.id,
    title: `Who gets the weight of an objective: ${options.label}`,
    alt: shares.map(({ name, share }) => `${name}: the decision policy gets ${percent(share)} of the weight.`).join(" "),
    spec: {
      width: 500,
      height: { step: 24 },
      layer: [
        {
          data: { values },
          mark: { type: "bar", ...SAYING.mark },
          encoding: {
            y: { field: "name", type: "nominal", title: null, sort: names, axis: { labelLimit: 220 } },
            x: {
              field: "share",
              type: "quantitative",
              title: "share of Σ|weight| over tokens",
              stack: "zero",
              scale: { domain: [0, 1] },
              axis: { format: "%" }
            },
            color: {
              field: "owner",
              type: "nominal",
              title: null,
              scale: { domain: [...owners], range: [roleColors.sampling, roleColors.resample] }
            },
            order: { field: "order", type: "quantitative" },
            ...SAYING.encoding
          }
        },
        {
          data: { values: shares.map(({ name, share }) => ({ name, share, label: `π_D ${percent(share)}` })) },
          mark: { type: "text", align: "left", dx: 6 },
          encoding: {
            y: { field: "name", type: "nominal", sort: names },
            x: { datum: 1 },
            text: { field: "label", type: "nominal" }
          }
        }
      ]
    }
  }
}
