/**
 * The report's calibration: each model's rates, predictions and transitions, as figure and tables.
 *
 * @module
 */
import type { Calibration, LevelCalibration, Prediction, Rate } from "../calibration/Calibration.ts"
import type { Estimate } from "../calibration/Comparison.ts"
import type { CalibrationFindings } from "../calibration/Findings.ts"
import { shownInterval } from "../calibration/ShownInterval.ts"
import { html, type Markup } from "./Html.ts"
import { paperFigures } from "../results/PaperNumbers.ts"
import type { ModelResult } from "../results/Results.ts"
import { FEWEST_CLUSTERS } from "../statistics/ClusteredInterval.ts"
import type { PassAtK } from "../statistics/PassAtK.ts"
import { bracket, fixed, percent, points, pointsInterval } from "./Words.ts"
import type { Section } from "./Page.ts"
import { table, twoLines } from "./Table.ts"

/** What the section reads of a model, trained here or anywhere. */
export interface CalibratedModel extends Pick<ModelResult, "id" | "label" | "calibration"> {
  /** Where it was computed. */
  readonly passAtK?: ReadonlyArray<PassAtK>
  readonly passAtKOfAll?: ReadonlyArray<PassAtK>
  /** The answer in words, of transcripts. */
  readonly findings?: CalibrationFindings
  /** Rows of the transcripts that could not be read: how many, and the first of them. */
  readonly badRowCount?: number
  readonly badRows?: ReadonlyArray<{ readonly file: string; readonly line: number; readonly reason: string }>
}

/** Renders the calibration of every model: figure and tables. */
export const calibrationSection = (
  results: { readonly models: ReadonlyArray<CalibratedModel> },
  figures: ReadonlyMap<string, Markup | ReadonlyArray<Markup>>,
  name: (id: string) => Markup
): Section => ({
  id: "calibration",
  title: "Calibration: sampling and deciding",
  short: "Calibration",
  body: html`
<p>p_S is the share of correct first attempts, p_D|C = P(STOP | correct answer) and p_D|W = P(RESAMPLE | wrong answer), over all decisions.
From these three the two-stage model predicts the accuracy: <em>predicted</em> by the paper's formula without a cap,
<em>capped</em> knowing that the last RESAMPLE fails, <em>by attempt</em> with p_S measured for each attempt. Bars and brackets are 95 %
intervals: Wilson's for rates, the bootstrap clustered by problem for predictions (${
    results.models[0]?.calibration.bootstrap.rounds ?? 0
  } rounds).
A prediction in <strong>bold</strong> has 0 outside the interval of its gap to the observation; p is the two-sided bootstrap test that there is no gap.</p>
<p>The paper says of its RL model (figure 2): ${paperFigures.rl}. Of its SFT model with reflection (figure 3): ${paperFigures.sft}. The figures'
numbers are not printed.</p>
${
    results.models.map((model) =>
      html`<details${results.models.length === 1 ? html` open` : null}><summary>${name(model.id)} <span class="soft">${
        pooled(model)
      }</span></summary>
${wordsOf(model)}${figures.get(model.id)}
${ratesTable(model.label, model.calibration)}
${partsTable(model.label, model.calibration)}
${shiftTable(model.label, model.calibration)}
${passAtKTable(model)}
${badRowsOf(model)}
<details><summary>More of ${model.label}: transitions, attempts, outcomes</summary>
${transitionsTable(model.label, model.calibration)}
${attemptsTable(model.label, model.calibration)}
${outcomesTable(model.label, model.calibration)}
</details>
</details>
`
    )
  }`
})

const pooled = ({ calibration: { overall } }: CalibratedModel): string =>
  `p_S ${percent(overall.pSample.value)}, p_D|C ${percent(overall.pStopGivenCorrect.value)}, p_D|W ${
    percent(overall.pResampleGivenWrong.value)
  }, accuracy ${percent(overall.observed.accuracy)}; predicted − observed ${points(overall.predicted.gap.value)} points`

const wordsOf = ({ findings }: CalibratedModel): Markup | null =>
  findings === undefined ?
    null :
    html`<p>Intervals of these transcripts are clustered by prompt: Wilson's with the effective number of trials for rates, the expanded percentile bootstrap for
everything else; none with fewer than ${FEWEST_CLUSTERS} prompts.</p>
`

const rowsOf = (calibration: Calibration): ReadonlyArray<LevelCalibration> => [
  ...calibration.levels,
  ...(calibration.trained === undefined ? [] : [calibration.trained]),
  ...(calibration.unseen === undefined ? [] : [calibration.unseen]),
  calibration.overall
]

const rateCell = (level: LevelCalibration, rate: Rate): Markup =>
  twoLines(percent(rate.value), rate.value === null ? "0/0" : `${bracket(shownInterval(level, rate))} ${rate.successes}/${rate.trials}`)

const predictionCell = (prediction: Prediction): Markup => {
  const { gap } = prediction
  const misses = gap.interval !== null && (gap.interval[0] > 0 || gap.interval[1] < 0)
  const value = percent(prediction.accuracy)
  return twoLines(
    misses ? html`<strong>${value}</strong>` : value,
    `${bracket(prediction.interval)} gap ${points(gap.value)}${prediction.pValue === null ? "" : `, p ${fixed(prediction.pValue, 3)}`}`
  )
}

const ratesTable = (label: string, calibration: Calibration): Markup =>
  table({
    caption: `Rates and predictions of ${label}`,
    columns: ["Level", "n", "p_S", "p_D|C", "p_D|W", "observed", "predicted", "capped", "by attempt"],
    rows: rowsOf(calibration).map((level) => [
      level.level,
      twoLines(level.n, level.queries === level.n ? null : `${level.queries} problems`),
      rateCell(level, level.pSample),
      rateCell(level, level.pStopGivenCorrect),
      rateCell(level, level.pResampleGivenWrong),
      twoLines(percent(level.observed.accuracy), bracket(shownInterval(level, level.observed))),
      predictionCell(level.predicted),
      predictionCell(level.predictedCapped),
      predictionCell(level.predictedByAttempt)
    ])
  })

const estimateCell = (
  estimate: Estimate,
  value: (share: number | null) => string,
  interval: (of: Estimate["interval"]) => string
): Markup => twoLines(value(estimate.value), estimate.interval === null ? null : interval(estimate.interval))

const pointsCell = (estimate: Estimate): Markup => estimateCell(estimate, points, pointsInterval)

const partsTable = (label: string, calibration: Calibration): Markup =>
  table({
    caption: `Accuracy of ${label} in parts: first answers + reflection = observed (Kang et al.); SCoRe's terms as shares of all problems`,
    columns: ["Level", "observed", "first answers", "reflection, points", "Acc@t1", "Acc@t2", "Δ(t1,t2)", "Δi→c", "Δc→i"],
    rows: rowsOf(calibration).map(({ contribution, level, observed, selfCorrection }) => [
      level,
      percent(observed.accuracy),
      estimateCell(contribution.firstAnswer, percent, bracket),
      pointsCell(contribution.reflection),
      percent(selfCorrection.accuracyAtT1),
      percent(selfCorrection.accuracyAtT2),
      points(selfCorrection.delta),
      percent(selfCorrection.incorrectToCorrect),
      percent(selfCorrection.correctToIncorrect)
    ])
  })

const shiftTable = (label: string, { distributionShift: shift }: Calibration): Markup | null =>
  shift === undefined ? null : table({
    caption: `Out of distribution: unseen minus trained levels of ${label}, points (Chu et al.)`,
    columns: ["Levels", "observed accuracy", "p_S", "p_D|C", "p_D|W"],
    rows: [["unseen − trained", ...[shift.accuracy, shift.pSample, shift.pStopGivenCorrect, shift.pResampleGivenWrong].map(pointsCell)]]
  })

const passAtKTable = ({ label, passAtK = [], passAtKOfAll = [] }: CalibratedModel): Markup | null =>
  passAtK.length < 2 && passAtKOfAll.length < 2 ? null : passAtKOfAll.length > 0 ? passAtKOfBoth(label, passAtK, passAtKOfAll) : table({
    caption: `At least one of k responses right (pass@k), and all of them (pass^k), of ${label}`,
    columns: ["k", ...passAtK.map(({ k }) => k)],
    rows: [["pass@k", ...passAtK.map((row) => percent(row.passAtK))], ["pass^k", ...passAtK.map((row) => percent(row.passAllK))]]
  })

const passAtKOfBoth = (label: string, finished: ReadonlyArray<PassAtK>, all: ReadonlyArray<PassAtK>): Markup => {
  const sizes = finished.length > all.length ? finished : all
  const row = (
    name: string,
    rows: ReadonlyArray<PassAtK>,
    value: (row: PassAtK) => number
  ) => [name, ...sizes.map((_, i) => percent(rows[i] === undefined ? null : value(rows[i])))]
  return table({
    caption:
      `At least one of k responses right (pass@k), and all of them (pass^k), of ${label}: of finished responses, and with truncated ones as not solved`,
    columns: ["k", ...sizes.map(({ k }) => k)],
    rows: [
      row("pass@k, finished", finished, ({ passAtK }) => passAtK),
      row("pass^k, finished", finished, ({ passAllK }) => passAllK),
      row("pass@k, all", all, ({ passAtK }) => passAtK),
      row("pass^k, all", all, ({ passAllK }) => passAllK)
    ]
  })
}

// The first few are enough to see what is wrong with a file.
const SHOWN_BAD_ROWS = 5

const badRowsOf = ({ badRowCount = 0, badRows = [] }: CalibratedModel): Markup | null =>
  badRowCount === 0 ? null : html`<p>${badRowCount} rows could not be read and are in no number of this page. The first:</p>
<ul>${badRows.slice(0, SHOWN_BAD_ROWS).map(({ file, line, reason }) => html`<li><code>${file}:${line}</code> ${reason}</li>`)}</ul>`

const transitionsTable = (label: string, calibration: Calibration): Markup =>
  table({
    caption: `Transitions between neighbouring attempts of ${label} (Kang et al.)`,
    columns: ["Level", "p(F→T)", "p(T→F)", "p(F→T) per wrong answer", "same answer again"],
    rows: rowsOf(calibration).map((level) => [
      level.level,
      rateCell(level, level.pFalseToTrue),
      rateCell(level, level.pTrueToFalse),
      rateCell(level, level.pFalseToTruePerWrong),
      rateCell(level, level.echo)
    ])
  })

const attemptsTable = (label: string, calibration: Calibration): Markup =>
  table({
    caption: `p_S by attempt of ${label}`,
    columns: ["Level", ...Array.from({ length: calibration.cap }, (_, k) => `attempt ${k + 1}`)],
    rows: rowsOf(calibration).map((level) => [level.level, ...level.pSampleByAttempt.map((rate) => rateCell(level, rate))])
  })

const outcomesTable = (label: string, calibration: Calibration): Markup =>
  table({
    caption: calibration.method?.truncated === "counted"
      ? `Decisions and outcomes of ${label}; of truncated rollouts what was seen counts, broken reference answers are left out`
      : `Decisions and outcomes of ${label}; truncated rollouts and broken reference answers are left out of the rates`,
    columns: [
      "Level",
      "right, STOP",
      "right, RESAMPLE",
      "wrong, STOP",
      "wrong, RESAMPLE",
      "Correct",
      "Wrong",
      "of these at the cap",
      "Unparsable",
      "Truncated",
      "GoldInvalid"
    ],
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
