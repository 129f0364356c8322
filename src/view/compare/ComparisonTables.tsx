/**
 * The tables of `compare`, in percentage points.
 *
 * @module
 */
import type { ComponentChildren } from "preact"
import type { Estimate, LevelComparison } from "../../eval/calibration/Comparison.ts"
import { points, pointsInterval } from "../../eval/report/Words.ts"
import type { LevelRow } from "../calibration/LevelRows.ts"
import { NumbersTable } from "../parts/NumbersTable.tsx"

const Points = ({ estimate: { interval, value } }: { readonly estimate: Estimate }) => (
  <>
    {points(value)}
    {interval !== null && <span class="dim below">{pointsInterval(interval)}</span>}
  </>
)

/** The parts of the difference by level. `linksOf` gives what leads to the rollouts of some levels; undefined where there are none here. */
export const ComparisonTables = ({ caption, linksOf, rows }: {
  readonly caption: string
  readonly rows: ReadonlyArray<LevelRow<LevelComparison>>
  readonly linksOf: ((levels: ReadonlyArray<string> | undefined) => ComponentChildren) | undefined
}) => (
  <>
    <NumbersTable
      caption={`${caption}: its parts, in points`}
      columns={[
        "level",
        "prompts in both",
        "observed",
        "by sampling",
        "by decision",
        "predicted",
        "not accounted for",
        ...(linksOf === undefined ? [] : ["rollouts"])
      ]}
      rows={rows.map(({ levels, name, row }) => ({
        name,
        cells: [
          row.paired,
          <Points estimate={row.observed} />,
          <Points estimate={row.sampling} />,
          <Points estimate={row.decision} />,
          <Points estimate={row.predicted} />,
          <Points estimate={row.unexplained} />,
          ...(linksOf === undefined ? [] : [linksOf(levels)])
        ]
      }))}
    />
    <NumbersTable
      caption={`${caption}: changes of the rates, and what each made of the predicted difference, in points`}
      columns={["level", "p_S", "p_D|C", "p_D|W", "by p_S", "by p_D|C", "by p_D|W"]}
      rows={rows.map(({ name, row: { byRate, change } }) => ({
        name,
        cells: [
          change.pSample,
          change.pStopGivenCorrect,
          change.pResampleGivenWrong,
          byRate.pSample,
          byRate.pStopGivenCorrect,
          byRate.pResampleGivenWrong
        ].map((estimate) => <Points estimate={estimate} />)
      }))}
    />
  </>
)
