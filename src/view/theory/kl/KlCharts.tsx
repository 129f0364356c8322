/**
 * A row of the KL table against the length of answers.
 *
 * @module
 */
import { palette } from "../../../eval/figures/Theme.ts"
import type { KlTableRow } from "../../../theory/KlTable.ts"
import { Chart } from "../../chart/Chart.tsx"
import { COLORS } from "../Names.ts"
import { estimatorName, LONGEST, PLACEMENT_NAMES } from "./KlForm.ts"

const x = { label: "L, tokens an answer", domain: [1, LONGEST] as const, isLog: true, format: String }

const finite = (value: number | null): number | null => (value !== null && value > 1e-12 && Number.isFinite(value) ? value : null)

/** The sizes on both sub-policies, and their ratio beside that of the paper's analysis and of its runs. */
export const KlCharts = ({ chosen, compared, length }: {
  readonly chosen: KlTableRow
  /** Other rows whose ratio is drawn too. */
  readonly compared: ReadonlyArray<KlTableRow>
  readonly length: number
}) => {
  const marks = [{ x: length, name: String(length) }]
  const name = (row: KlTableRow) => `${estimatorName(row.estimator)} ${PLACEMENT_NAMES[row.placement]}`
  const hasSizes = chosen.entries.some(({ ratio }) => ratio !== null)
  return (
    <div class="charts">
      {hasSizes ?
        (
          <Chart
            title={`Size of the expected gradient of ${name(chosen)}`}
            x={x}
            y={{ label: "‖gradient‖ at β = 1", isLog: true }}
            marks={marks}
            series={[
              {
                name: "on π_S (sampling)",
                color: COLORS.sampling,
                points: chosen.entries.map((entry) => ({ x: entry.length, y: finite(entry.sampling) }))
              },
              {
                name: "on π_D (deciding)",
                color: COLORS.decision,
                dash: [6, 3],
                points: chosen.entries.map((entry) => ({ x: entry.length, y: finite(entry.decision) }))
              }
            ]}
          />
        ) :
        <p class="note">{name(chosen)} has an expected gradient of 0 at every length: there is nothing to draw.</p>}
      <Chart
        title="Ratio π_S : π_D"
        x={x}
        y={{ label: "‖g_S‖ / ‖g_D‖", isLog: true }}
        marks={marks}
        series={[chosen, ...compared.filter((row) => row !== chosen)]
          .filter((row) => row.entries.some(({ ratio }) => finite(ratio) !== null))
          .map((row, index) => ({
            name: name(row),
            color: ["currentColor", palette.ochre, palette.pink][index]!,
            dash: [[], [6, 3], [2, 3]][index]!,
            points: row.entries.map((entry) => ({ x: entry.length, y: finite(entry.ratio) }))
          }))}
      />
    </div>
  )
}
