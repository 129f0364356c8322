/**
 * A comparison: in words, as a figure, as tables.
 *
 * @module
 */
import type { ComponentChildren } from "preact"
import type { Comparison } from "../../eval/calibration/Comparison.ts"
import { comparisonSentencesOf, comparisonVerdictOf } from "../../eval/calibration/ComparisonVerdict.ts"
import { list } from "../../eval/report/Words.ts"
import { levelRows } from "../calibration/LevelRows.ts"
import { Sentences } from "../parts/Sentences.tsx"
import { ComparisonTables } from "./ComparisonTables.tsx"
import { ShapleyBars } from "./ShapleyBars.tsx"

/** The comparison of two sets here, or of a file. */
export const ComparisonShown = ({ comparison, linksOf }: {
  readonly comparison: Comparison
  readonly linksOf?: (levels: ReadonlyArray<string> | undefined) => ComponentChildren
}) => {
  const rows = levelRows(comparison)
  const leftOut = comparison.levels.filter(({ observed }) => observed.value === null).map(({ level }) => level)
  return (
    <>
      <Sentences label="Findings" sentences={comparisonSentencesOf(comparison.findings ?? comparisonVerdictOf(comparison))} />
      {rows.some(({ row }) => row.observed.value !== null) && <ShapleyBars rows={rows.map(({ row }) => row)} />}
      <p class="dim">
        p_S: the first answer is right. p_D|C: STOP on a right answer, p_D|W: RESAMPLE of a wrong one. <em>predicted</em>{" "}
        is the difference that the two-stage model gives for the change of these rates; Shapley’s value splits it into the part of sampling
        (p_S) and that of deciding (p_D|C and p_D|W), which add up to it. <em>Not accounted for</em>{" "}
        is observed − predicted. Below each number its 95 % interval.
      </p>
      {leftOut.length > 0 && <p>Left out of the pooled row, as only one of the two has them: {list(leftOut)}.</p>}
      <ComparisonTables caption={`${comparison.to} − ${comparison.from}`} rows={rows} linksOf={linksOf} />
    </>
  )
}
