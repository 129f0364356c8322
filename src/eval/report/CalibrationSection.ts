/**
 * The report's tables and figures of accuracy, calibration and model comparison.
 */
import type { Calibration, LevelCalibration, Prediction, Rate } from "../Calibration.ts"
import type { Comparison, Estimate, LevelComparison } from "../Comparison.ts"
import { html, type Markup } from "../Html.ts"
import type { Results } from "../Results.ts"
import { bracket, percent, percentInterval, points, pointsInterval, UNDEFINED } from "../Words.ts"
import type { Section } from "./Page.ts"
import { table, twoLines } from "./Table.ts"

/** Renders table 1 for our models and the paper's, with both as figures. */
export const accuracySection = (results: Results, figures: { readonly ours: Markup; readonly paper: Markup }): Section => {
  const { models, paperTable1: paper, task } = results
  const mark = (level: string, trained: ReadonlyArray<string>) => html`${level}${trained.includes(level) ? html`<small>trained</small>` : null}`
  const cell = (level: LevelCalibration | undefined) =>
    level === undefined ? UNDEFINED : twoLines(percent(level.observed.accuracy), percentInterval(level.observed.normal))
  return {
    id: "accuracy",
    title: "Accuracy by level",
    body: html`
<p>The form of the paper's table 1: share of problems answered correctly, with the 95 % normal interval below (not cut at 0 and 100, as printed
there). The two tables are about different models on different levels; only their shapes can be compared.</p>
${table({
  caption: "This run",
  columns: ["Model", ...task.testLevels.map((level) => mark(level, task.trainLevels))],
  rows: models.map((model) => [
    model.label,
    ...task.testLevels.map((name) => cell(model.calibration.levels.find((level) => level.level === name)))
  ])
})}
${table({
  caption: `The paper (${paper.source}; n = ${paper.n} a level; its text lost the names of the levels)`,
  columns: ["Model", ...paper.levels.map((level) => mark(`level ${level}`, paper.trainLevels.map((trained) => `level ${trained}`)))],
  rows: paper.rows.map((row) => [
    row.model,
    ...row.accuracy.map((accuracy, k) => twoLines(percent(accuracy / 100), percentInterval([row.interval[k]![0] / 100, row.interval[k]![1] / 100])))
  ])
})}
<div class="figures">${figures.ours}${figures.paper}</div>`
  }
}

/** Renders the calibration of every model: figure and tables. */
export const calibrationSection = (results: Results, figures: ReadonlyMap<string, Markup>): Section => ({
  id: "calibration",
  title: "Calibration: sampling and deciding",
  body: html`
<p>p_S is the share of correct first attempts, p_D|C = P(STOP | correct answer) and p_D|W = P(RESAMPLE | wrong answer), over all decisions.
From these three the two-stage model predicts the accuracy: <em>predicted</em> by the paper's formula without a cap,
<em>capped</em> knowing that the last RESAMPLE fails, <em>by attempt</em> with p_S measured for each attempt. Bars and brackets are 95 %
intervals: Wilson's for rates, the bootstrap clustered by problem for predictions (${results.models[0]?.calibration.bootstrap.rounds ?? 0} rounds).
A prediction in <strong>bold</strong> has 0 outside the interval of its gap to the observation.</p>
<p>The paper says of its RL model (figure 2): p_S falls from about 80 % to below 20 %, p_D|C stays near its ceiling, p_D|W holds 40–60 % far out of
distribution; and of SFT with reflection (figure 3): p_D|C stays high, p_D|W falls to about 0. Those figures' numbers are not printed.</p>
${results.models.map((model) => html`<h3>${model.label}</h3>
${figures.get(model.id)}
${ratesTable(model.label, model.calibration)}
<details><summary>More of ${model.label}: attempts, transitions, self-correction, outcomes</summary>
${transitionsTable(model.label, model.calibration)}
${attemptsTable(model.label, model.calibration)}
${outcomesTable(model.label, model.calibration)}
</details>
`)}`
})

const rowsOf = (calibration: Calibration): ReadonlyArray<LevelCalibration> => [
  ...calibration.levels,
  ...(calibration.trained === undefined ? [] : [calibration.trained]),
  ...(calibration.unseen === undefined ? [] : [calibration.unseen]),
  calibration.overall
]

const rateCell = (rate: Rate): Markup =>
  twoLines(percent(rate.value), rate.value === null ? "0/0" : `${bracket(rate.wilson)} ${rate.successes}/${rate.trials}`)

const predictionCell = (prediction: Prediction): Markup => {
  const { gap } = prediction
  const misses = gap.interval !== null && (gap.interval[0] > 0 || gap.interval[1] < 0)
  const value = percent(prediction.accuracy)
  return twoLines(misses ? html`<strong>${value}</strong>` : value, `${bracket(prediction.interval)} gap ${points(gap.value)}`)
}

const ratesTable = (label: string, calibration: Calibration): Markup =>
  table({
    caption: `Rates and predictions of ${label}`,
    columns: ["Level", "n", "p_S", "p_D|C", "p_D|W", "observed", "predicted", "capped", "by attempt"],
    rows: rowsOf(calibration).map((level) => [
      level.level,
      twoLines(level.n, level.queries === level.n ? null : `${level.queries} problems`),
      rateCell(level.pSample),
      rateCell(level.pStopGivenCorrect),
      rateCell(level.pResampleGivenWrong),
      twoLines(percent(level.observed.accuracy), bracket(level.observed.wilson)),
      predictionCell(level.predicted),
      predictionCell(level.predictedCapped),
      predictionCell(level.predictedByAttempt)
    ])
  })

const transitionsTable = (label: string, calibration: Calibration): Markup =>
  table({
    caption: `Transitions between neighbouring attempts of ${label} (Kang et al.), and self-correction in SCoRe's terms (shares of all problems)`,
    columns: ["Level", "p(F→T)", "p(T→F)", "p(F→T) per wrong answer", "same answer again", "Acc@t1", "Acc@t2", "Δ(t1,t2)", "Δi→c", "Δc→i"],
    rows: rowsOf(calibration).map((level) => [
      level.level,
      rateCell(level.pFalseToTrue),
      rateCell(level.pTrueToFalse),
      rateCell(level.pFalseToTruePerWrong),
      rateCell(level.echo),
      percent(level.selfCorrection.accuracyAtT1),
      percent(level.selfCorrection.accuracyAtT2),
      points(level.selfCorrection.delta),
      percent(level.selfCorrection.incorrectToCorrect),
      percent(level.selfCorrection.correctToIncorrect)
    ])
  })

const attemptsTable = (label: string, calibration: Calibration): Markup =>
  table({
    caption: `p_S by attempt of ${label}`,
    columns: ["Level", ...Array.from({ length: calibration.cap }, (_, k) => `attempt ${k + 1}`)],
    rows: rowsOf(calibration).map((level) => [level.level, ...level.pSampleByAttempt.map(rateCell)])
  })

const outcomesTable = (label: string, calibration: Calibration): Markup =>
  table({
    caption: `Decisions and outcomes of ${label}; truncated rollouts and broken reference answers are left out of the rates`,
    columns: ["Level", "right, STOP", "right, RESAMPLE", "wrong, STOP", "wrong, RESAMPLE", "Correct", "Wrong", "of these at the cap", "Unparsable", "Truncated", "GoldInvalid"],
    rows: rowsOf(calibration).map(({ counts, hitCap, level, outcomes }) => [
      level,
      counts.correctStop,
      counts.correctResample,
      counts.wrongStop,
      counts.wrongResample,
      outcomes.Correct,
      outcomes.Wrong,
      hitCap,
      outcomes.Unparsable,
      outcomes.Truncated,
      outcomes.GoldInvalid
    ])
  })

/** Renders the comparisons: what each stage of training changed, and which policy made it. */
export const comparisonSection = (results: Results): Section => {
  const label = (id: string) => results.models.find((model) => model.id === id)?.label ?? id
  return {
    id: "comparisons",
    title: "Which policy made the difference",
    body: html`
<p>The difference in accuracy between two models, in percentage points. Shapley's value splits the difference that the capped two-stage model
predicts into the part of sampling (p_S) and the part of deciding (p_D|C and p_D|W); it does not depend on the order in which they are exchanged, and the two
add up to <em>predicted</em>. <em>Not accounted for</em> is observed minus predicted. Below each number its 95 % interval.</p>
${results.comparisons.map((comparison) => comparisonTable(comparison, `${label(comparison.from)} → ${label(comparison.to)}`))}`
  }
}

const comparisonTable = (comparison: Comparison, caption: string): Markup => {
  const cell = (estimate: Estimate) => twoLines(points(estimate.value), estimate.value === null ? UNDEFINED : pointsInterval(estimate.interval))
  const rows: ReadonlyArray<LevelComparison> = [
    ...comparison.levels,
    ...(comparison.trained === undefined ? [] : [comparison.trained]),
    ...(comparison.unseen === undefined ? [] : [comparison.unseen]),
    comparison.overall
  ]
  return table({
    caption,
    columns: ["Level", "observed", "predicted", "sampling", "decision", "not accounted for", "change of p_S", "of p_D|C", "of p_D|W"],
    rows: rows.map((level) => [
      level.level,
      cell(level.observed),
      cell(level.predicted),
      cell(level.sampling),
      cell(level.decision),
      cell(level.unexplained),
      cell(level.change.pSample),
      cell(level.change.pStopGivenCorrect),
      cell(level.change.pResampleGivenWrong)
    ])
  })
}
