/**
 * A comparison as text for the terminal.
 *
 * @module
 */
import type { Comparison } from "../../eval/calibration/Comparison.ts"
import { comparisonSentencesOf, comparisonVerdictOf } from "../../eval/calibration/ComparisonVerdict.ts"
import { readerWords } from "../../eval/calibration/ReaderReport.ts"
import { points } from "../../eval/report/Words.ts"
import { columns, levelName, pointsCell, rowsOf, wrap } from "./Columns.ts"

/** Writes a comparison: first the answer in words, then tables in percentage points. */
export const comparisonText = (comparison: Comparison): string => {
  const leftOut = comparison.levels.filter(({ observed }) => observed.value === null).map(({ level }) => levelName(level))
  const rows = rowsOf(comparison)
  return [
    ...comparisonSentencesOf(comparison.findings ?? comparisonVerdictOf(comparison)).map(wrap),
    "",
    wrap(`${comparison.to} − ${comparison.from}, percentage points with 95 % intervals`),
    "",
    columns([
      ["level", "paired", "observed", "by sampling", "by decision"],
      ...rows.map((row) => [
        levelName(row.level),
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
        levelName(row.level),
        pointsCell(row.predicted),
        pointsCell(row.unexplained),
        points(row.change.pSample.value),
        points(row.change.pStopGivenCorrect.value),
        points(row.change.pResampleGivenWrong.value)
      ])
    ]),
    "",
    ...(leftOut.length === 0 ? [] : [wrap(`Left out of the pooled rows, as only one file has them: ${leftOut.join(", ")}.`)]),
    wrap(
      "predicted = by sampling + by decision (Shapley value of the capped closed form); unexplained = observed − predicted; the last three are changes of the rates."
    ),
    ...(comparison.reader === undefined
      ? []
      : [
        wrap(`${comparison.from}: ${readerWords(comparison.reader.from)}`),
        wrap(`${comparison.to}: ${readerWords(comparison.reader.to)}`)
      ])
  ].join("\n")
}
