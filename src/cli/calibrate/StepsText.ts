/**
 * A calibration by step as text: first the answer in words, then tables; and a line for each step of a run that is followed.
 *
 * @module
 */
import type { StepRow, StepsCalibration } from "../../eval/transcripts/steps/StepsCalibration.ts"
import { columns, pointsCell, share, shareCell, widthOf, wrap } from "./Columns.ts"

/** Rows of a table at the most: more are thinned. */
export const MOST_ROWS = 24

const name = ({ first, last }: StepRow): string => (first === last ? String(first) : `${first}–${last}`)

const ratesTable = (rows: ReadonlyArray<StepRow>): string =>
  columns([
    ["step", "n", "prompts", "p_S", "p_D|C", "p_D|W", "accuracy"],
    ...rows.map((row) => {
      const { n, observed, pResampleGivenWrong, pSample, pStopGivenCorrect, queries } = row.overall
      return [
        name(row),
        String(n),
        String(queries),
        shareCell(pSample.value, pSample.interval),
        shareCell(pStopGivenCorrect.value, pStopGivenCorrect.interval),
        shareCell(pResampleGivenWrong.value, pResampleGivenWrong.interval),
        shareCell(observed.accuracy, observed.interval)
      ]
    })
  ])

const gainsTable = (rows: ReadonlyArray<StepRow>): string =>
  columns([
    [`since ${name(rows[0]!)}`, "paired", "observed", "by sampling", "by decision", "unexplained"],
    ...rows.flatMap((row) => {
      if (row.sinceFirst === undefined) return []
      const { decision, observed, paired, sampling, unexplained } = row.sinceFirst.overall
      return [[name(row), String(paired), pointsCell(observed), pointsCell(sampling), pointsCell(decision), pointsCell(unexplained)]]
    })
  ])

/** Writes a calibration by step. */
export const stepsText = ({ findings, rowCount, steps }: StepsCalibration): string => {
  const words = findings.sentences.map(wrap)
  if (steps.length === 0) return words.join("\n")
  return [
    ...words,
    "",
    ratesTable(steps),
    ...(steps.length < 2 ? [] : ["", gainsTable(steps)]),
    "",
    wrap(
      "Rates and accuracy are percent, differences points since the first row, with 95 % intervals at each row alone, clustered by prompt; n: responses that finished." +
        (steps.length < rowCount ? ` ${steps.length} of ${rowCount} rows are shown: --json has all, --window pools them.` : "")
    )
  ].join("\n")
}

const WIDTHS = [9, 8, 6, 6, 6, 9, 22, 22, 22] as const

const line = (cells: ReadonlyArray<string>): string =>
  cells.map((cell, k) => " ".repeat(Math.max(k === 0 ? 0 : 1, WIDTHS[k]! - widthOf(cell))) + cell).join("").trimEnd()

/** The head of the lines of a run that is followed. */
export const stepHead = (first: StepRow): string =>
  line(["step", "prompts", "p_S", "p_D|C", "p_D|W", "accuracy", `since ${name(first)}`, "by sampling", "by decision"])

/** The line of one step of a run that is followed. */
export const stepLine = (row: StepRow): string => {
  const { observed, pResampleGivenWrong, pSample, pStopGivenCorrect, queries } = row.overall
  return line([
    name(row),
    String(queries),
    share(pSample.value),
    share(pStopGivenCorrect.value),
    share(pResampleGivenWrong.value),
    share(observed.accuracy),
    ...(row.sinceFirst === undefined
      ? []
      : [row.sinceFirst.overall.observed, row.sinceFirst.overall.sampling, row.sinceFirst.overall.decision].map(pointsCell))
  ])
}
