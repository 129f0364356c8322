import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { accuracyFigure } from "../../src/eval/figures/AccuracyFigure.ts"
import { attributionFigure } from "../../src/eval/figures/AttributionFigure.ts"
import { calibrationFigure } from "../../src/eval/figures/CalibrationFigure.ts"
import { dynamicsFigure } from "../../src/eval/figures/DynamicsFigure.ts"
import { FigureError, renderFigure, type Figure } from "../../src/eval/figures/Figure.ts"
import { SMALLEST_TYPE } from "../../src/eval/figures/Theme.ts"
import { MOST_POINTS, trainingFigure } from "../../src/eval/figures/TrainingFigure.ts"
import { HOSTILE, syntheticResults } from "./SyntheticResults.ts"

const results = syntheticResults({ n: 40, rounds: 20, label: HOSTILE })
const model = results.models[5]!
const draw = (figure: Figure) => Effect.runPromise(renderFigure(figure))

const figures: ReadonlyArray<readonly [string, Figure]> = [
  ["calibration", calibrationFigure(model, results.task.trainLevels)],
  [
    "accuracy",
    accuracyFigure({
      id: "accuracy",
      title: `Accuracy ${HOSTILE}`,
      levels: ["3x1", HOSTILE],
      trainLevels: ["3x1"],
      lines: [{ label: HOSTILE, accuracy: [0.5, null], interval: [[0.4, 0.6], null] }]
    })
  ],
  ["training", trainingFigure({ id: "training", title: "Training", runs: [{ label: model.label, position: 5, rows: results.training[5]!.rows }] })],
  ["attribution", attributionFigure({ id: "rl", label: model.label, rows: results.attribution[0]!.rows })],
  ["dynamics", dynamicsFigure(results.figure1.rows)]
]

describe.each(figures)("the %s figure", (_, figure) => {
  it("is drawn to SVG without NaN, the same bytes each time", async () => {
    const svg = await draw(figure)
    expect(svg).toMatch(/^<svg role="img" aria-label="/)
    expect(svg).not.toMatch(/NaN|undefined|Infinity/)
    expect(svg).toMatch(/<path[^>]* d="M/)
    expect(await draw(figure)).toBe(svg)
  })

  it("has no type smaller than 11 pixels", async () => {
    const sizes = [...(await draw(figure)).matchAll(/font-size="([\d.]+)px"/g)].map((match) => Number(match[1]))
    expect(sizes.length).toBeGreaterThan(5)
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(SMALLEST_TYPE)
  })

  it("describes itself in words, with numbers", () => {
    expect(figure.alt.length).toBeGreaterThan(20)
    expect(figure.alt).toMatch(/\d/)
  })

  it("escapes labels, loads nothing, and has no ids that could collide with another figure of the page", async () => {
    const svg = await draw(figure)
    expect(svg).not.toMatch(/<script|<img|<image|href=/)
    expect(svg).not.toMatch(/\sid=/)
  })
})

describe("trainingFigure", () => {
  it("averages long logs over equal stretches: no more points than allowed, the same mean", () => {
    const rows = Array.from({ length: 10 * MOST_POINTS }, (_, step) => ({ step, loss: step }))
    const { spec } = trainingFigure({ id: "long", title: "Long", runs: [{ label: "run", position: 0, rows }] })
    const values = JSON.parse(JSON.stringify(spec)).concat[0].data.values.map((point: { readonly value: number }) => point.value)
    expect(values.length).toBe(MOST_POINTS)
    const mean = (numbers: ReadonlyArray<number>) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length
    expect(mean(values)).toBeCloseTo(mean(rows.map((row) => row.loss)), 8)
  })
})

describe("renderFigure", () => {
  it("fails with the figure's name when the specification cannot be drawn", async () => {
    const broken: Figure = { id: "broken", title: "", alt: "", spec: { data: { values: [] }, mark: "line", transform: [{ calculate: "1 +", as: "x" }], encoding: {} } }
    const error = await Effect.runPromise(Effect.flip(renderFigure(broken)))
    expect(error).toBeInstanceOf(FigureError)
    expect(error.message).toContain("figure broken cannot be drawn")
  })
})
