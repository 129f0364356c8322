/**
 * What each run of training changed: for every run one row of dots, a seed each, and a tick at their mean.
 *
 * @module
 */
import type { SeedsModel } from "../results/AcrossSeeds.ts"
import type { Figure } from "./Figure.ts"
import { rateSeries } from "./Theme.ts"

const KEYS = ["pSample", "pStopGivenCorrect", "pResampleGivenWrong"] as const
const RATES = KEYS.map((key) => ({ key, ...rateSeries[key] }))

/** Draws the changes of p_S, p_D|C and p_D|W against the start of each model, in percentage points, in one scope. */
export const changeFigure = (models: ReadonlyArray<SeedsModel>, scope: string): Figure => {
  const shown = models.flatMap(({ change, label }) => {
    const inScope = change?.find((row) => row.scope === scope)
    return inScope === undefined ? [] : [{ label, change: inScope }]
  })
  const rows = shown.flatMap(({ change, label }) =>
    RATES.flatMap(({ key, name }) => {
      const { mean, values } = change[key]
      return values.flatMap((
        value
      ) => (value === null || mean === null ? [] : [{ model: label, rate: name, points: 100 * value, mean: 100 * mean }]))
    })
  )
  const y = {
    field: "model",
    type: "nominal" as const,
    sort: shown.map(({ label }) => label),
    title: null,
    axis: { labelLimit: 400, grid: true }
  }
  const color = {
    field: "rate",
    type: "nominal" as const,
    title: null,
    scale: { domain: RATES.map(({ name }) => name), range: RATES.map(({ color }) => color) },
    legend: null
  }
  const shape = {
    field: "rate",
    type: "nominal" as const,
    title: null,
    scale: { domain: RATES.map(({ name }) => name), range: RATES.map(({ shape }) => shape) },
    legend: null
  }
  const panel = (name: string) => ({
    title: `change of ${name}, points`,
    width: 250,
    height: 20 * shown.length,
    transform: [{ filter: `datum.rate === '${name}'` }],
    layer: [
      {
        data: { values: [{ zero: 0 }] },
        mark: { type: "rule" as const, color: "currentColor", opacity: 0.6 },
        encoding: { x: { field: "zero", type: "quantitative" as const } }
      },
      {
        mark: { type: "tick" as const, thickness: 2, size: 16, color: "currentColor" },
        encoding: { x: { field: "mean", type: "quantitative" as const }, y }
      },
      {
        mark: { type: "point" as const, filled: true, size: 40 },
        encoding: { x: { field: "points", type: "quantitative" as const, title: null }, y, color, shape }
      }
    ]
  })
  return {
    id: `changes-${scope.replaceAll(" ", "-")}`,
    title: `What each run changed, ${scope} levels (dots: seeds; tick: mean)`,
    alt: shown
      .map(({ change, label }) => `${label}: ${RATES.map(({ key, name }) => `${name} ${points(change[key].mean)}`).join(", ")}.`)
      .join(" "),
    spec: {
      data: { values: rows },
      spacing: 14,
      resolve: { scale: { y: "shared" } },
      hconcat: RATES.map(({ name }, i) => {
        const whole = panel(name)
        // Names stand at the first panel alone.
        return i === 0 ? whole : { ...whole, layer: whole.layer.map((layer) => withoutNames(layer)) }
      })
    }
  }
}

const withoutNames = <T extends { readonly encoding: object }>(layer: T): T =>
  "y" in layer.encoding
    ? {
      ...layer,
      encoding: {
        ...layer.encoding,
        y: { ...(layer.encoding.y as object), axis: { labels: false, ticks: false, title: null, grid: true } }
      }
    }
    : layer

const points = (
  mean: number | null
): string => (mean === null ? "undefined" : `${mean < 0 ? "−" : "+"}${Math.abs(100 * mean).toFixed(1)} points`)
