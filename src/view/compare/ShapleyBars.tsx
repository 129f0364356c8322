/**
 * The difference between two models by level: what sampling and what deciding made of it, stacked, and what was observed.
 *
 * @module
 */
import { scaleLinear } from "d3-scale"
import { useId } from "preact/hooks"
import type { LevelComparison } from "../../eval/calibration/Comparison.ts"
import { roleColors } from "../../eval/figures/Theme.ts"
import { points, pointsInterval } from "../../eval/report/Words.ts"
import { stacked } from "./StackedParts.ts"

const WIDTH = 640
const ROW = 30
const BAR = 14
const MARGIN = { top: 6, right: 16, bottom: 40, left: 120 }
const LONGEST_NAME = 16

const nameOf = (level: string): string => (level.length > LONGEST_NAME ? `${level.slice(0, LONGEST_NAME - 1)}…` : level)

/** The bars. All that they show stands in the table below, too. */
export const ShapleyBars = ({ rows }: { readonly rows: ReadonlyArray<LevelComparison> }) => {
  const id = useId()
  const known = rows.filter(({ observed }) => observed.value !== null)
  const ends = known.flatMap(({ decision, observed, sampling }) => [
    ...stacked([sampling.value, decision.value]).flatMap(({ from, to }) => [from, to]),
    observed.value!,
    ...(observed.interval ?? [])
  ])
  const x = scaleLinear(
    [Math.min(-0.01, ...ends), Math.max(0.01, ...ends)],
    [MARGIN.left, WIDTH - MARGIN.right]
  ).nice(6)
  const height = MARGIN.top + ROW * known.length + MARGIN.bottom
  return (
    <figure class="bars">
      <figcaption id={id}>Where the difference in accuracy comes from, by level</figcaption>
      <div class="scroll" role="region" aria-labelledby={id} tabIndex={0}>
        <svg class="chart" viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-labelledby={id}>
          {x.ticks(6).map((value) => (
            <g key={value}>
              <line class="grid" x1={x(value)} x2={x(value)} y1={MARGIN.top} y2={height - MARGIN.bottom} />
              <text class="tick" x={x(value)} y={height - MARGIN.bottom + 16} text-anchor="middle">
                {points(value).replace(/\.0$/, "")}
              </text>
            </g>
          ))}
          {known.map(({ decision, level, observed, sampling }, k) => {
            const middle = MARGIN.top + ROW * (k + 0.5)
            const [bySampling, byDecision] = stacked([sampling.value, decision.value])
            return (
              <g key={k}>
                <title>
                  {`${level}: observed ${points(observed.value)} points (${pointsInterval(observed.interval)}), by sampling ${
                    points(sampling.value)
                  }, by decision ${points(decision.value)}`}
                </title>
                <rect class="hit" x="0" y={middle - ROW / 2} width={WIDTH} height={ROW} fill-opacity="0" />
                <text x={MARGIN.left - 10} y={middle} dy=".35em" text-anchor="end">{nameOf(level)}</text>
                {([[bySampling!, roleColors.sampling], [byDecision!, roleColors.resample]] as const).map(([{ from, to }, color]) => (
                  <rect key={color} x={x(from)} width={x(to) - x(from)} y={middle - BAR / 2} height={BAR} fill={color} />
                ))}
                {byDecision !== undefined && byDecision.to > byDecision.from && (
                  <rect
                    class="hatched"
                    x={x(byDecision.from)}
                    width={x(byDecision.to) - x(byDecision.from)}
                    y={middle + BAR / 2 - 4}
                    height="4"
                  />
                )}
                {observed.interval !== null && (
                  <line class="observed" x1={x(observed.interval[0])} x2={x(observed.interval[1])} y1={middle} y2={middle} />
                )}
                <path class="observed" d="M-5 0L0 -5L5 0L0 5Z" transform={`translate(${x(observed.value!)} ${middle})`} />
              </g>
            )
          })}
          <line class="zero" x1={x(0)} x2={x(0)} y1={MARGIN.top} y2={height - MARGIN.bottom} />
          <text x={(MARGIN.left + WIDTH - MARGIN.right) / 2} y={height - 6} text-anchor="middle">difference in accuracy, points</text>
        </svg>
      </div>
      <ul class="key">
        <li>
          <svg width="16" height="12" aria-hidden="true">
            <rect width="16" height="12" fill={roleColors.sampling} />
          </svg>{" "}
          by sampling (π_S)
        </li>
        <li>
          <svg width="16" height="12" aria-hidden="true">
            <rect width="16" height="12" fill={roleColors.resample} />
            <rect class="hatched" y="8" width="16" height="4" />
          </svg>{" "}
          by deciding (π_D), underlined
        </li>
        <li>
          <svg class="chart mark" width="24" height="12" aria-hidden="true">
            <line class="observed" x1="0" x2="24" y1="6" y2="6" />
            <path class="observed" d="M7 6L12 1L17 6L12 11Z" />
          </svg>{" "}
          observed, 95 %
        </li>
      </ul>
    </figure>
  )
}
