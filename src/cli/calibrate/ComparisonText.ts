/**
 * A comparison as text for the terminal.
 *
 * @module
 */
import type { Comparison } from "../../eval/calibration/Comparison.ts"
import { comparisonSentencesOf, comparisonVerdictOf } from "../../eval/calibration/ComparisonVerdict.ts"
import { readerWords } from "../../eval/calibration/ReaderReport.ts"
import { points } from "../../eval/report/Words.ts"
import { columns, layOut, TERMINAL_WIDTH } from "../Layout.ts"
import { levelNames, pointsCell, rowsOf } from "./Columns.ts"

/** Writes a comparison for a screen of so many columns: first the answer in words, then tables in percentage points. */
export const comparisonText = (comparison: Comparison, width = TERMINAL_WIDTH): string => {
  const rows = rowsOf(comparison)
  const { legend, of } = levelNames(rows.map(({ level }) => level))
  const leftOut = comparison.levels.filter(({ observed }) => observed.value === null).map(({ level }) => of(level))
  return layOut([
    ...comparisonSentencesOf(comparison.findings ?? comparisonVerdictOf(comparison)),
    "",
    `${comparison.to} − ${comparison.from}, percentage points with 95 % intervals`,
    "",
    columns([
      ["level", "paired", "observed", "by sampling", "by decision"],
      ...rows.map((row) => [
        of(row.level),
        String(row.paired),
        pointsCell(row.observed),
        pointsCell(row.sampling),
        pointsCell(row.decision)
      ])
    ]),
    "",
    columns([
      ["level", "predicted", "unexplained", "p_S", "p_D|C", "p_D|W"],
      ...rows.map((row) => [
        of(row.level),
        pointsCell(row.predicted),
        pointsCell(row.unexplained),
        points(row.change.pSample.value),
        points(row.change.pStopGivenCorrect.value),
        points(row.change.pResampleGivenWrong.value)
      ])
    ]),
    "",
    ...(leftOut.length === 0 ? [] : [`Left out of the pooled rows, as only one file has them: ${leftOut.join(", ")}.`]),
    "predicted = by sampling + by decision (Shapley value of the capped closed form); unexplained = observed − predicted; the last three are changes of the rates.",
    ...(comparison.reader === undefined
      ? []
      : [
        `${comparison.from}: ${readerWords(comparison.reader.from)}`,
        `${comparison.to}: ${readerWords(comparison.reader.to)}`
      ]),
    ...legend
  ], width)
}
