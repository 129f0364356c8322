/**
 * Calibrations and comparisons as tables of text.
 *
 * @module
 */
import type { Prediction, Rate } from "../../eval/calibration/Calibration.ts"
import type { Comparison, Estimate } from "../../eval/calibration/Comparison.ts"
import { bracket, fixed, percent, points, pointsInterval } from "../../eval/report/Words.ts"
import type { TranscriptCalibration } from "../../eval/transcripts/files/TranscriptCalibration.ts"

/** Lays out rows in columns; the first column is flush left. */
export const columns = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ").trimEnd()
  ).join("\n")
}

const rate = ({ value, wilson }: Rate): string => (value === null ? "–" : `${percent(value)} ${bracket(wilson)}`)

const gain = ({ interval, value }: Estimate): string => (value === null ? "–" : `${points(value)} ${bracket(interval)}`)

// A star where the prediction's gap to the observation is not explained by chance.
const prediction = ({ accuracy, gap, interval }: Prediction): string => {
  const misses = gap.interval !== null && (gap.interval[0] > 0 || gap.interval[1] < 0)
  return accuracy === null ? "–" : `${percent(accuracy)} ${bracket(interval)}${misses ? "*" : " "}`
}

const rowsOf = <Level>({ levels, overall, trained, unseen }: {
  readonly levels: ReadonlyArray<Level>
  readonly overall: Level
  readonly trained?: Level
  readonly unseen?: Level
}): ReadonlyArray<Level> => [
  ...levels,
  ...(trained === undefined ? [] : [trained]),
  ...(unseen === undefined ? [] : [unseen]),
  overall
]

/** Writes a calibration as tables. */
export const calibrationText = (calibration: TranscriptCalibration): string => {
  const rows = rowsOf(calibration)
  const { badRowCount, distributionShift, outcomes } = calibration
  const counted = Object.entries(outcomes).map(([outcome, count]) => `${outcome} ${count}`).join(", ")
  return [
    columns([
      ["level", "n", "p_S", "p_D|C", "p_D|W", "observed", "predicted", "capped", "fit p", "by attempt", "fit p"],
      ...rows.map((row) => [
        row.level,
        String(row.n),
        rate(row.pSample),
        rate(row.pStopGivenCorrect),
        rate(row.pResampleGivenWrong),
        `${percent(row.observed.accuracy)} ${bracket(row.observed.wilson)}`,
        prediction(row.predicted),
        prediction(row.predictedCapped),
        fixed(row.predictedCapped.pValue, 3),
        prediction(row.predictedByAttempt),
        fixed(row.predictedByAttempt.pValue, 3)
      ])
    ]),
    "",
    columns([
      [
        "level",
        "first answer",
        "reflection",
        "p(F→T)",
        "p(T→F)",
        "echo",
        "Acc@t1",
        "Acc@t2",
        "Δi→c",
        "Δc→i",
        "stop/resample right",
        "wrong"
      ],
      ...rows.map((row) => {
        const { accuracyAtT1, accuracyAtT2, correctToIncorrect, incorrectToCorrect } = row.selfCorrection
        const { firstAnswer, reflection } = row.contribution
        return [
          row.level,
          percent(firstAnswer.value),
          gain(reflection),
          percent(row.pFalseToTrue.value),
          percent(row.pTrueToFalse.value),
          percent(row.echo.value),
          percent(accuracyAtT1),
          percent(accuracyAtT2),
          percent(incorrectToCorrect),
          percent(correctToIncorrect),
          `${row.counts.correctStop}/${row.counts.correctResample}`,
          `${row.counts.wrongStop}/${row.counts.wrongResample}`
        ]
      })
    ]),
    "",
    ...(distributionShift === undefined ? [] : [
      columns([
        ["unseen − trained", "observed", "p_S", "p_D|C", "p_D|W"],
        [
          "points",
          ...[
            distributionShift.accuracy,
            distributionShift.pSample,
            distributionShift.pStopGivenCorrect,
            distributionShift.pResampleGivenWrong
          ].map(gain)
        ]
      ]),
      ""
    ]),
    ...(calibration.passAtK.length < 2 ? [] : [
      columns([
        ["k", ...calibration.passAtK.map(({ k }) => String(k))],
        ["pass@k", ...calibration.passAtK.map(({ passAtK }) => percent(passAtK))],
        ["pass^k", ...calibration.passAtK.map(({ passAllK }) => percent(passAllK))]
      ]),
      ""
    ]),
    `Outcomes: ${counted}. Truncated and GoldInvalid are left out. Bad rows: ${badRowCount}.`,
    "Brackets: 95 %, Wilson for rates, bootstrap clustered by prompt for predictions and differences. *: the gap to the observation is more than chance; fit p tests that there is none."
  ].join("\n")
}

const estimate = ({ interval, value }: Estimate): string => (value === null ? "–" : `${points(value)} (${pointsInterval(interval)})`)

/** Writes a comparison as a table, in percentage points. */
export const comparisonText = (comparison: Comparison): string => {
  const leftOut = comparison.levels.filter(({ observed }) => observed.value === null).map(({ level }) => level)
  return [
    `${comparison.to} − ${comparison.from}, percentage points with 95 % intervals`,
    "",
    columns([
      ["level", "paired", "observed", "predicted", "by sampling", "by decision", "unexplained"],
      ...rowsOf(comparison).map((row) => [
        row.level,
        String(row.paired),
        estimate(row.observed),
        estimate(row.predicted),
        estimate(row.sampling),
        estimate(row.decision),
        estimate(row.unexplained)
      ])
    ]),
    "",
    ...(leftOut.length === 0 ? [] : [`Left out of the pooled rows, as only one file has them: ${leftOut.join(", ")}.`]),
    "predicted = by sampling + by decision (Shapley value of the capped closed form); unexplained = observed − predicted."
  ].join("\n")
}
