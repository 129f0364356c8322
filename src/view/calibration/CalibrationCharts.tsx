/**
 * Figures 2 and 3 of the paper.
 *
 * @module
 */
import type { LevelCalibration } from "../../eval/calibration/Calibration.ts"
import { Chart, percent } from "../chart/Chart.tsx"
import { accuracySeriesOf, type Behind, type HrefOf, rateSeriesOf } from "./CalibrationSeries.ts"

const SHARES = [0, 1] as const

/** The rates, and the accuracies, by level; every point leads to its rollouts. */
export const CalibrationCharts = ({ behind, hrefOf, levels }: {
  readonly levels: ReadonlyArray<LevelCalibration>
  readonly behind: Behind
  readonly hrefOf: HrefOf
}) => {
  const x = { label: "level", names: levels.map(({ level }) => level) }
  return (
    <div class="charts two">
      <Chart
        title="What it samples and decides, with 95 % intervals"
        x={x}
        y={{ label: "rate", domain: SHARES, format: percent }}
        series={rateSeriesOf(levels, behind, hrefOf)}
      />
      <Chart
        title="Accuracy, observed and predicted from the three rates"
        x={x}
        y={{ label: "accuracy", domain: SHARES, format: percent }}
        series={accuracySeriesOf(levels, behind, hrefOf)}
      />
    </div>
  )
}
