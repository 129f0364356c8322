/**
 * A calibration by step as text: first the answer in words, then tables; and a line for each step of a run that is followed.
 *
 * @module
 */
import type { StepRow, StepsCalibration } from "../../eval/transcripts/steps/StepsCalibration.ts"
import { columns, layOut, type Table, TERMINAL_WIDTH, widthOf } from "../Layout.ts"
import { pointsCell, share, shareCell } from "./Columns.ts"

/** Rows of a table at the most: more are thinned. */
export const MOST_ROWS = 24

const name = ({ first, last }: StepRow): string => (first === last ? String(first) : `${first}–${last}`)

const ratesTable = (rows: ReadonlyArray<StepRow>): Table =>
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

const gainsTable = (rows: ReadonlyArray<StepRow>): Table =>
  columns([
    [`since ${name(rows[0]!)}`, "paired", "observed", "by sampling", "by decision", "unexplained"],
    ...rows.flatMap((row) => {
      if (row.sinceFirst === undefined) return []
      const { decision, observed, paired, sampling, unexplained } = row.sinceFirst.overall
      return [[name(row), String(paired), pointsCell(observed), pointsCell(sampling), pointsCell(decision), pointsCell(unexplained)]]
    })
  ])

/** Writes a calibration by step for a screen of so many columns. */
export const stepsText = ({ findings, rowCount, steps }: StepsCalibration, width = TERMINAL_WIDTH): string => {
  if (steps.length === 0) return layOut(findings.sentences, width)
  return layOut([
    ...findings.sentences,
    "",
    ratesTable(steps),
    ...(steps.length < 2 ? [] : ["", gainsTable(steps)]),
    "",
    "Rates and accuracy are percent, differences points since the first row, with 95 % intervals at each row alone, clustered by prompt; n: responses that finished." +
    (steps.length < rowCount ? ` ${steps.length} of ${rowCount} rows are shown: --json has all, --window pools them.` : "")
  ], width)
}

const WIDTHS = [9, 8, 6, 6, 6, 9, 22, 22, 22] as const

// On a narrower screen the differences have no intervals, so that a step stays a line.
const NARROW_WIDTHS = [9, 8, 6, 6, 6, 9, 12, 12, 12] as const
const WIDE = WIDTHS.reduce((sum, each) => sum + each, 0)

const line = (cells: ReadonlyArray<string>, width: number): string => {
  const widths = width < WIDE ? NARROW_WIDTHS : WIDTHS
  return cells.map((cell, k) => " ".repeat(Math.max(k === 0 ? 0 : 1, widths[k]! - widthOf(cell))) + cell).join("").trimEnd()
}

/** The head of the lines of a run that is followed, for a screen of so many columns. */
export const stepHead = (first: StepRow, width = TERMINAL_WIDTH): string =>
  line(["step", "prompts", "p_S", "p_D|C", "p_D|W", "accuracy", `since ${name(first)}`, "by sampling", "by decision"], width)

/** The line of one step of a run that is followed. */
export const stepLine = (row: StepRow, width = TERMINAL_WIDTH): string => {
  const { observed, pResampleGivenWrong, pSample, pStopGivenCorrect, queries } = row.overall
  const { sinceFirst } = row
  const changes = sinceFirst === undefined ? [] : [sinceFirst.overall.observed, sinceFirst.overall.sampling, sinceFirst.overall.decision]
  return line([
    name(row),
    String(queries),
    share(pSample.value),
    share(pStopGivenCorrect.value),
    share(pResampleGivenWrong.value),
    share(observed.accuracy),
    ...changes.map(({ interval, value }) => pointsCell({ value, interval: width < WIDE ? null : interval }))
  ], width)
}
