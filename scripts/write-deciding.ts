/**
 * Holds the predictions of `predict-teaching.ts` against the runs: node scripts/write-deciding.ts TARGET-FOLDER RUN-FOLDER …
 *
 * Reads TARGET/predictions.jsonl and every run's results.json; writes TARGET/outcomes.md and a figure of predicted against observed rates.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import { type Figure, renderFigure } from "../src/eval/figures/Figure.ts"
import { modelStyles } from "../src/eval/figures/ModelStyle.ts"
import { type ModelResult, Results } from "../src/eval/results/Results.ts"
import { meanInterval } from "../src/eval/statistics/StudentT.ts"
import { cappedAccuracyGradient } from "../src/theory/index.ts"
import { table } from "./MarkdownTable.ts"
import { standAlone } from "./StandAloneSvg.ts"

const [target = "", ...folders] = process.argv.slice(2)
if (folders.length < 2) {
  console.error("usage: node scripts/write-deciding.ts TARGET-FOLDER RUN-FOLDER RUN-FOLDER …")
  process.exit(1)
}

const Rates = Schema.Struct({ sampleCorrect: Schema.Finite, stopGivenCorrect: Schema.Finite, resampleGivenWrong: Schema.Finite })
type Rates = typeof Rates.Type
const Verifier = Schema.Struct({ acceptsRight: Schema.NullOr(Schema.Finite), rejectsWrong: Schema.NullOr(Schema.Finite) })
const Prediction = Schema.Struct({
  seed: Schema.Int,
  run: Schema.String,
  start: Schema.Struct({ rates: Rates, accuracy: Schema.Finite }),
  velocity: Rates,
  mobility: Schema.Struct({ adam: Schema.Struct({ sampleCorrect: Rates, stopGivenCorrect: Rates, resampleGivenWrong: Rates }) }),
  correlations: Schema.Struct({ stopResample: Schema.Finite, euclideanStopResample: Schema.Finite }),
  predicted: Schema.Struct({ rates: Rates, accuracy: Schema.Finite }),
  verifier: Schema.Array(Verifier),
  decisionEntropy: Rates
})

const predictions = readFileSync(join(target, "predictions.jsonl"), "utf8").trim().split("\n")
  .map((line) => Schema.decodeUnknownSync(Schema.fromJsonString(Prediction))(line))
const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Results))
const seeds = new Map(folders.map((folder) => {
  const { models } = decode(readFileSync(join(folder, "results.json"), "utf8"))
  const { seed } = JSON.parse(readFileSync(join(folder, "preset.json"), "utf8")) as { readonly seed: number }
  return [seed, new Map(models.map((model) => [model.id, model]))] as const
}))

const NAMES = ["sampleCorrect", "stopGivenCorrect", "resampleGivenWrong"] as const
const SYMBOLS = { sampleCorrect: "p_S", stopGivenCorrect: "p_D|C", resampleGivenWrong: "p_D|W" } as const
const scopeOf = (model: ModelResult, scope: "trained" | "unseen") => {
  const found = model.calibration[scope]
  if (found === null || found === undefined) throw new Error(`${model.id} has no ${scope} levels`)
  return found
}
const valueOf = ({ value }: { readonly value: number | null }): number => {
  if (value === null) throw new Error("a rate without trials")
  return value
}
const ratesOf = (model: ModelResult, scope: "trained" | "unseen" = "trained"): Rates => {
  const found = scopeOf(model, scope)
  return {
    sampleCorrect: valueOf(found.pSample),
    stopGivenCorrect: valueOf(found.pStopGivenCorrect),
    resampleGivenWrong: valueOf(found.pResampleGivenWrong)
  }
}
const accuracyOf = (model: ModelResult, scope: "trained" | "unseen"): number => valueOf({ value: scopeOf(model, scope).observed.accuracy })

const rows = predictions.flatMap((prediction) => {
  const models = seeds.get(prediction.seed)
  const model = models?.get(prediction.run)
  const start = models?.get(model?.parent ?? "")
  return model === undefined || start === undefined
    ? []
    : [{ ...prediction, observed: ratesOf(model), from: ratesOf(start), model, parent: start }]
})
type Row = (typeof rows)[number]

const mean = (values: ReadonlyArray<number>): number => values.reduce((sum, value) => sum + value, 0) / values.length
/** Ranks from 1, equal values sharing their mean rank. */
const ranks = (values: ReadonlyArray<number>): ReadonlyArray<number> =>
  values.map((value) => values.filter((other) => other < value).length + (values.filter((other) => other === value).length + 1) / 2)
const pearson = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): number => {
  const [mx, my] = [mean(x), mean(y)]
  const covariance = x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0)
  return covariance / Math.sqrt(x.reduce((sum, v) => sum + (v - mx) ** 2, 0) * y.reduce((sum, v) => sum + (v - my) ** 2, 0))
}
const spearman = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): number => pearson(ranks(x), ranks(y))

const points = (value: number, sign = true): string => {
  const text = Math.abs(100 * value).toFixed(1)
  return (Number(text) === 0 ? "" : value < 0 ? "−" : sign ? "+" : "") + text
}
const withInterval = (values: ReadonlyArray<number>, sign = true): string => {
  const { interval, mean: middle } = meanInterval(values)
  return interval === null ? points(middle, sign) : `${points(middle, sign)} (${points(interval[0], sign)} to ${points(interval[1], sign)})`
}
const short = (value: number): string => value.toFixed(2).replace(/^0/, "")
const runs = [...new Set(rows.map(({ run }) => run))]
const styles = runs.map(modelStyles(runs))
const of = (run: string): ReadonlyArray<Row> => rows.filter((row) => row.run === run)
const rise = (name: keyof Rates) => ({ from, observed }: Row): number => observed[name] - from[name]
const predictedRise = (name: keyof Rates) => ({ predicted, start }: Row): number => predicted.rates[name] - start.rates[name]
const error = (name: keyof Rates) => ({ observed, predicted }: Row): number => predicted.rates[name] - observed[name]

const balanced = ({ verifier }: Row): number =>
  mean(verifier.flatMap(({ acceptsRight, rejectsWrong }) => [acceptsRight, rejectsWrong].filter((each) => each !== null)))
/** ⟨g_S, P g_D⟩ over the lengths of both in the metric P, from the pushes on the three logits and their mobility. */
const samplingDeciding = ({ mobility: { adam: m }, model, start: { rates } }: Row): number => {
  const slope = cappedAccuracyGradient(rates, model.calibration.cap)
  const [s, c, w] = NAMES.map((name) => slope[name] * rates[name] * (1 - rates[name])) as [number, number, number]
  const cross = s * (c * m.sampleCorrect.stopGivenCorrect + w * m.sampleCorrect.resampleGivenWrong)
  const deciding = c * c * m.stopGivenCorrect.stopGivenCorrect + 2 * c * w * m.stopGivenCorrect.resampleGivenWrong +
    w * w * m.resampleGivenWrong.resampleGivenWrong
  return cross / Math.sqrt(s * s * m.sampleCorrect.sampleCorrect * deciding)
}
const candidates: ReadonlyArray<readonly [string, (row: Row) => number]> = [
  ["the flow's own prediction", predictedRise("resampleGivenWrong")],
  ["interference within π_D, M_CW/√(M_CC·M_WW), Adam's metric", ({ correlations }) => correlations.stopResample],
  ["the same, Euclidean metric", ({ correlations }) => correlations.euclideanStopResample],
  ["velocity of θ_W over that of θ_S at the start", ({ velocity }) => velocity.resampleGivenWrong / velocity.sampleCorrect],
  ["the verifier's balanced accuracy", balanced],
  ["p_S at the start", ({ start }) => start.rates.sampleCorrect],
  ["p_D\\|W at the start", ({ start }) => start.rates.resampleGivenWrong],
  ["entropy of decisions at wrong answers", ({ decisionEntropy }) => decisionEntropy.resampleGivenWrong],
  ["cosine of g_S and g_D", samplingDeciding]
]

const echo = of("grpo-echo")
const compared = (run: string, value: (row: Row) => number): ReadonlyArray<number> =>
  of(run).map((row) => value(row) - value(echo.find(({ seed }) => seed === row.seed)!))

const correlationsOver = (starts: ReadonlyArray<Row>): string =>
  table(
    ["measured at the start", "Spearman", "Pearson", "by start"],
    candidates.map(([label, value]) => [
      label,
      spearman(starts.map(value), starts.map(rise("resampleGivenWrong"))).toFixed(2),
      pearson(starts.map(value), starts.map(rise("resampleGivenWrong"))).toFixed(2),
      starts.map((row) => value(row).toFixed(2)).join(" ")
    ])
  )
const weaker = rows.filter(({ parent }) => parent.id.startsWith("sft-echo-"))

const text = `# Outcomes of preset \`deciding\`, seeds ${[...seeds.keys()].join(", ")}

Written by \`scripts/write-deciding.ts\` from predictions.jsonl and the runs. Trained levels unless said; percent, or points with a sign; means over seeds with the 95 % interval by Student's t.

## Rates at the end: predicted, observed

${
  table(
    ["run", "p_S", "p_D\\|C", "p_D\\|W", "rise of p_D\\|W (predicted)", "by seed"],
    runs.map((run) => [
      run,
      ...NAMES.map((name) =>
        `${short(mean(of(run).map(({ predicted }) => predicted.rates[name])))}, ${
          short(mean(of(run).map(({ observed }) => observed[name])))
        }`
      ),
      `${withInterval(of(run).map(rise("resampleGivenWrong")))} (${points(mean(of(run).map(predictedRise("resampleGivenWrong"))))})`,
      of(run).map((row) => points(rise("resampleGivenWrong")(row))).join(" ")
    ])
  )
}

## How far off the predictions are

Mean absolute error, and in parentheses the mean error (predicted minus observed).

${
  table(
    ["run", ...NAMES.map((name) => SYMBOLS[name].replace("|", "\\|"))],
    [...runs, "all from echo"].map((run) => {
      const chosen = run === "all from echo" ? rows.filter(({ parent }) => parent.id === "sft-echo") : of(run)
      return [
        run,
        ...NAMES.map((name) => {
          const errors = chosen.map(error(name))
          return `${points(mean(errors.map(Math.abs)), false)} (${points(mean(errors))})`
        })
      ]
    })
  )
}

## What goes with the rise of p_D|W in GRPO from echo

Over ${echo.length} seeds; with eight, |ρ| above 0.74 is beyond 95 % of chance.

${correlationsOver(echo)}
${
  weaker.length === 0 ? "" : `
## … and with the starts of weaker verifiers

GRPO from the echo starts of the same seeds' bases kept earlier: ${weaker.length} starts, then over all ${echo.length + weaker.length}.

${correlationsOver(weaker)}

${correlationsOver([...echo, ...weaker])}
`
}
## Against GRPO from echo, seed by seed

${
  table(
    ["run", "p_S", "p_D\\|C", "p_D\\|W", "seeds above in p_D\\|W", "accuracy, trained", "accuracy, unseen"],
    runs.filter((run) => run !== "grpo-echo" && of(run)[0]?.parent.id === "sft-echo").map((run) => [
      run,
      ...NAMES.map((name) => withInterval(compared(run, ({ observed }) => observed[name]))),
      `${compared(run, ({ observed }) => observed.resampleGivenWrong).filter((each) => each > 0).length} of ${of(run).length}`,
      withInterval(compared(run, ({ model }) => accuracyOf(model, "trained"))),
      withInterval(compared(run, ({ model }) => accuracyOf(model, "unseen")))
    ])
  )
}

## Unseen levels: p_S p_D|C p_D|W and accuracy

${
  table(
    ["run", "p_S", "p_D\\|C", "p_D\\|W", "accuracy", "change of accuracy"],
    ["sft-echo", ...runs].map((run) => {
      const models = run === "sft-echo" ? echo.map(({ parent }) => parent) : of(run).map(({ model }) => model)
      const changes = run === "sft-echo"
        ? []
        : of(run).map(({ model, parent }) => accuracyOf(model, "unseen") - accuracyOf(parent, "unseen"))
      return [
        run,
        ...NAMES.map((name) => short(mean(models.map((model) => ratesOf(model, "unseen")[name])))),
        withInterval(models.map((model) => accuracyOf(model, "unseen")), false),
        changes.length === 0 ? "" : withInterval(changes)
      ]
    })
  )
}
`

const figure: Figure = {
  id: "predicted-observed",
  title: "Rates after 100 steps: predicted from the start, and observed",
  alt: runs.map((run) =>
    `${run}: p_D|W predicted ${mean(of(run).map(({ predicted }) => predicted.rates.resampleGivenWrong)).toFixed(2)}, observed ${
      mean(of(run).map(({ observed }) => observed.resampleGivenWrong)).toFixed(2)
    }.`
  ).join(" "),
  spec: {
    spacing: 30,
    hconcat: NAMES.map((name) => ({
      title: SYMBOLS[name],
      width: 220,
      height: 220,
      data: { values: rows.map(({ observed, predicted, run }) => ({ run, x: predicted.rates[name], y: observed[name] })) },
      layer: [
        {
          data: { values: [{ x: 0, y: 0 }, { x: 1, y: 1 }] },
          mark: { type: "line" as const, color: "currentColor", opacity: 0.5 },
          encoding: { x: { field: "x", type: "quantitative" as const }, y: { field: "y", type: "quantitative" as const } }
        },
        {
          mark: { type: "point" as const, filled: true, size: 45 },
          encoding: {
            x: { field: "x", type: "quantitative" as const, title: "predicted", scale: { domain: [0, 1] } },
            y: { field: "y", type: "quantitative" as const, title: "observed", scale: { domain: [0, 1] } },
            color: {
              field: "run",
              type: "nominal" as const,
              title: null,
              scale: { domain: runs, range: styles.map(({ color }) => color) }
            },
            shape: { field: "run", type: "nominal" as const, title: null, scale: { domain: runs, range: styles.map(({ shape }) => shape) } }
          }
        }
      ]
    }))
  }
}

mkdirSync(join(target, "figures"), { recursive: true })
writeFileSync(join(target, "outcomes.md"), text)
writeFileSync(join(target, "figures", `${figure.id}.svg`), standAlone(await Effect.runPromise(renderFigure(figure))) + "\n")
