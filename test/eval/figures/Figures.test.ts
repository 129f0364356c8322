import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { accuracyFigure } from "../../../src/eval/figures/AccuracyFigure.ts"
import { attributionFigure } from "../../../src/eval/figures/AttributionFigure.ts"
import { calibrationFigure } from "../../../src/eval/figures/CalibrationFigure.ts"
import { comparisonFigure } from "../../../src/eval/figures/ComparisonFigure.ts"
import { dynamicsFigure } from "../../../src/eval/figures/DynamicsFigure.ts"
import { type Figure, FigureError, renderFigure } from "../../../src/eval/figures/Figure.ts"
import { modelAttributionFigure } from "../../../src/eval/figures/ModelAttributionFigure.ts"
import { hasNoise, noiseFigure } from "../../../src/eval/figures/NoiseFigure.ts"
import { passAtKFigure } from "../../../src/eval/figures/PassAtKFigure.ts"
import { reflectionFigure } from "../../../src/eval/figures/ReflectionFigure.ts"
import { shiftFigure } from "../../../src/eval/figures/ShiftFigure.ts"
import { SMALLEST_TYPE } from "../../../src/eval/figures/Theme.ts"
import { MOST_POINTS, trainingFigure } from "../../../src/eval/figures/TrainingFigure.ts"
import { points } from "../../../src/eval/report/Words.ts"
import { HOSTILE, syntheticResults } from "../../support/SyntheticResults.ts"

const results = syntheticResults({ n: 40, rounds: 20, label: HOSTILE })
const model = results.models[5]!
const draw = (figure: Figure) => Effect.runPromise(renderFigure(figure))

const named = { id: "x", label: HOSTILE }
const shift = { value: -0.2, interval: [-0.3, -0.1] } as const
const nothing = { value: null, interval: null }

const gradientOf = (sampling: number, decision: number) => {
  const share = { parameters: 4, normSampling: sampling, normDecision: decision, cosine: null, shareSampling: null, shareDecision: null }
  const size = { tokens: 5, actions: 1, perToken: sampling, perAction: sampling }
  return {
    normSampling: sampling,
    normDecision: decision,
    cosine: 0,
    ratio: decision === 0 ? null : sampling / decision,
    tokensSampling: 5,
    tokensDecision: 5,
    sampling: size,
    decision: size,
    intervals: { normSampling: [0, 2 * sampling], normDecision: [decision / 2, 2 * decision], ratio: null, cosine: null },
    layers: [{ ...share, name: "embedding" }, { ...share, name: "0" }, { ...share, name: "1" }],
    weights: []
  } as const
}
const gradients = {
  version: 1,
  model: HOSTILE,
  reference: undefined,
  parameters: "all",
  parameterCount: 12,
  rows: 2,
  scored: 2,
  lacking: {},
  badRows: []
} as const

const figures: ReadonlyArray<readonly [string, Figure]> = [
  [
    "model attribution",
    modelAttributionFigure({ ...gradients, objectives: { nll: gradientOf(0.5, 1e-9), dft: gradientOf(3, 0), [HOSTILE]: gradientOf(0, 0) } })
  ],
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
  [
    "training",
    trainingFigure({ id: "training", title: "Training", runs: [{ label: model.label, rows: results.training[5]!.rows }] })
  ],
  ["attribution", attributionFigure({ id: "rl", label: model.label, rows: results.attribution[0]!.rows })],
  ["noise", noiseFigure({ id: "rl", label: model.label, rows: results.attribution[0]!.rows })],
  ["reflection", reflectionFigure(model, results.task.trainLevels)],
  [
    "shift",
    shiftFigure({
      ...named,
      shift: { accuracy: shift, pSample: shift, pStopGivenCorrect: { value: 0.1, interval: null }, pResampleGivenWrong: nothing }
    })
  ],
  ["pass@k", passAtKFigure({ ...named, passAtK: [{ k: 1, passAtK: 0.5, passAllK: 0.5 }, { k: 2, passAtK: 0.7, passAllK: 0.3 }] })],
  ["comparison", comparisonFigure({ ...named, comparison: { ...results.comparisons[0]!, from: HOSTILE, to: HOSTILE } })],
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

describe("figures of differences", () => {
  it("comparison: bars add up to the predicted difference of each level, and the words say the same numbers", () => {
    const comparison = results.comparisons[1]!
    const { alt, spec } = comparisonFigure({ ...named, comparison })
    const bars: ReadonlyArray<{ readonly row: string; readonly value: number }> = JSON.parse(JSON.stringify(spec)).layer[0].data.values
    ;[...comparison.levels, comparison.overall].forEach(({ predicted }, k) => {
      const sum = bars.filter(({ row }) => row === String(k)).reduce((total, { value }) => total + value, 0)
      expect(sum).toBeCloseTo(100 * predicted.value!, 8)
    })
    expect(alt).toContain(`overall: observed ${points(comparison.overall.observed.value)} points`)
  })

  it("reflection: a first answer and what reflection adds make the final answer; spoiled answers point down", () => {
    const { spec } = reflectionFigure(model, [])
    const [accuracy, change] = JSON.parse(JSON.stringify(spec)).hconcat
    const { levels } = model.calibration
    const valueOf = (series: string, k: number) =>
      accuracy.data.values.filter((point: { readonly series: string }) => point.series === series)[k].value
    levels.forEach(({ contribution, observed, selfCorrection }, k) => {
      expect(valueOf("first answer (Acc@t1)", k) + contribution.reflection.value!).toBeCloseTo(observed.accuracy!, 12)
      const bars = change.layer[0].data.values.filter(({ level }: { readonly level: string }) => level === String(k))
      // 0 − x, because JSON has no −0.
      expect(bars.map(({ value }: { readonly value: number }) => value)).toEqual([
        100 * selfCorrection.incorrectToCorrect!,
        0 - 100 * selfCorrection.correctToIncorrect!
      ])
    })
  })

  it("a difference that is not defined has no row, and is said to be undefined", () => {
    const { alt, spec } = shiftFigure({
      ...named,
      shift: { accuracy: shift, pSample: shift, pStopGivenCorrect: shift, pResampleGivenWrong: nothing }
    })
    expect(JSON.parse(JSON.stringify(spec)).data.values.map(({ name }: { readonly name: string }) => name)).toEqual([
      "observed accuracy",
      "p_S",
      "p_D|C"
    ])
    expect(alt).toContain("p_D|W: – points (no interval)")
  })
})

describe("modelAttributionFigure", () => {
  it("leaves out panels of gradients that are 0, and draws a report of nothing else", async () => {
    const titles = (svg: string) => [...svg.matchAll(/>([^<>]*, by layer)</g)].map(([, title]) => title)
    expect(titles(await draw(modelAttributionFigure({ ...gradients, objectives: { nll: gradientOf(1, 2), k2: gradientOf(0, 0) } }))))
      .toEqual([
        "nll, by layer"
      ])
    const empty = await draw(modelAttributionFigure({ ...gradients, objectives: { k2: gradientOf(0, 0) } }))
    expect(empty).not.toMatch(/NaN|Infinity/)
  })
})

describe("accuracyFigure", () => {
  it("shades the levels that were trained, and none between them", () => {
    const levels = ["1x1", "2x1", "1x2", "2x2"]
    const bandsOf = (trainLevels: ReadonlyArray<string>) => {
      const { spec } = accuracyFigure({ id: "a", title: "A", levels, trainLevels, lines: [] })
      const [first] = JSON.parse(JSON.stringify(spec)).layer
      return first.mark.type === "rect" ? first.data.values : []
    }
    expect(bandsOf(["2x2", "1x1", "2x1"])).toEqual([{ x: -0.5, to: 1.5 }, { x: 2.5, to: 3.5 }])
    expect(bandsOf([])).toEqual([])
  })
})

describe("trainingFigure", () => {
  it("averages long logs over equal stretches: no more points than allowed, the same mean", () => {
    const rows = Array.from({ length: 10 * MOST_POINTS }, (_, step) => ({ step, loss: step }))
    const { spec } = trainingFigure({ id: "long", title: "Long", runs: [{ label: "run", rows }] })
    const values = JSON.parse(JSON.stringify(spec)).concat[0].data.values.map((point: { readonly value: number }) => point.value)
    expect(values.length).toBe(MOST_POINTS)
    const mean = (numbers: ReadonlyArray<number>) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length
    expect(mean(values)).toBeCloseTo(mean(rows.map((row) => row.loss)), 8)
  })
})

describe("renderFigure", () => {
  it("has any name on its axis, and shows what would steer it", async () => {
    const levels = ["constructor", "toString", "\u202Eback\u202C", "a\u0007b"]
    const lines = [{ label: "one", accuracy: [0.1, 0.2, 0.3, 0.4], interval: [null, null, null, null] }]
    const svg = await draw(accuracyFigure({ id: "names", title: "names", levels, trainLevels: [], lines }))
    for (const name of ["constructor", "toString", "\\u202eback\\u202c", "a\uFFFDb"]) expect(svg).toContain(`>${name}</text>`)
    for (const mark of ["\u202E", "\u0007"]) expect(svg).not.toContain(mark)
  })

  it("fails with the figure's name when the specification cannot be drawn", async () => {
    const broken: Figure = {
      id: "broken",
      title: "",
      alt: "",
      spec: { data: { values: [] }, mark: "line", transform: [{ calculate: "1 +", as: "x" }], encoding: {} }
    }
    const error = await Effect.runPromise(Effect.flip(renderFigure(broken)))
    expect(error).toBeInstanceOf(FigureError)
    expect(error.message).toContain("figure broken cannot be drawn")
  })
})

describe("the figure of signal and noise", () => {
  const row = (step: number, signal: number, variance: number) => ({
    step,
    part: "total",
    normSampling: 2,
    normDecision: 1,
    cosine: 0,
    tokensSampling: 1,
    tokensDecision: 1,
    signalSampling: signal,
    signalDecision: -signal,
    varianceSampling: variance,
    varianceDecision: variance,
    product: 0.5,
    covariance: 0
  })
  const valuesOf = (figure: Figure) =>
    (figure.spec as unknown as {
      concat: ReadonlyArray<{ data: { values: ReadonlyArray<{ step: number; series: string; value: number }> } }>
    }).concat.map(({ data }) => data.values)

  it("sums signal and noise over the last five measurements, not their quotients, and keeps negative ones", () => {
    const rows = [row(0, 100, 1), row(10, 1, 1), row(20, 1, 1), row(30, 1, 1), row(40, 1, 1), row(50, 3, 3)]
    const [quotients, cross] = valuesOf(noiseFigure({ id: "x", label: "x", rows }))
    const last = quotients!.filter(({ step }) => step === 50)
    expect(last.map(({ series, value }) => [series, value])).toEqual([["sampling g_S", 1], ["decision g_D", -1]])
    expect(quotients!.find(({ step }) => step === 40)!.value).toBeCloseTo(104 / 5, 12)
    expect(cross!.map(({ value }) => value)).toEqual(rows.map(() => 0.25))
  })

  it("is not drawn of rows that compared no blocks", () => {
    const { signalSampling: _, ...old } = row(0, 1, 1)
    expect([hasNoise([row(0, 1, 1)]), hasNoise([old])]).toEqual([true, false])
  })
})
