/**
 * Charts of lines, dots and bars of error, in one form: axes, a key, a value under the pointer or the arrow keys, and no style in the markup.
 *
 * @module
 */
import { scaleLinear, scaleLog } from "d3-scale"
import { area, line } from "d3-shape"
import type { ComponentChildren } from "preact"
import { useId, useState } from "preact/hooks"
import { logTicks, percent, short } from "./Numbers.ts"

export { percent, short }

/** A point; `low` and `high` are the ends of its interval. */
export interface Point {
  readonly x: number
  readonly y: number | null
  readonly low?: number | null
  readonly high?: number | null
  /** Where a click on it leads. */
  readonly href?: string
}

/** How a series is drawn. */
export interface Series {
  readonly name: string
  readonly color: string
  /** The pattern of its dashes; left out: solid. */
  readonly dash?: ReadonlyArray<number>
  /** "line" joins the points, "dots" marks each, "both" does both. */
  readonly marks?: "line" | "dots" | "both"
  readonly points: ReadonlyArray<Point>
}

/** An axis. */
export interface Axis {
  readonly label: string
  /** Its ends; left out: those of the data. */
  readonly domain?: readonly [number, number]
  /** How values are written; left out: three digits. */
  readonly format?: (value: number) => string
  readonly isLog?: boolean
  /** Names in place of numbers, at 0, 1, 2, … */
  readonly names?: ReadonlyArray<string>
}

/** A chart. */
export interface ChartProps {
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  readonly series: ReadonlyArray<Series>
  /** Horizontal lines with a name: a bound, a goal, a printed value. */
  readonly rules?: ReadonlyArray<{ readonly y: number; readonly name: string }>
  /** Vertical lines with a name. */
  readonly marks?: ReadonlyArray<{ readonly x: number; readonly name: string }>
  readonly children?: ComponentChildren
}

const WIDTH = 460
const HEIGHT = 260
const MARGIN = { top: 10, right: 18, bottom: 38, left: 54 }

const extent = (values: ReadonlyArray<number>): readonly [number, number] => {
  let [least, most] = [Infinity, -Infinity]
  for (const value of values) {
    if (value < least) least = value
    if (value > most) most = value
  }
  if (least > most) return [0, 1]
  const room = least === most ? Math.abs(least) / 2 || 1 : 0
  return [least - room, most + room]
}

const isNumber = (value: number | null | undefined): value is number => value !== null && value !== undefined && Number.isFinite(value)

const scaleOf = ({ domain, isLog = false, names }: Axis, values: ReadonlyArray<number>, range: readonly [number, number]) => {
  const shown = isLog ? values.filter((value) => value > 0) : values
  const whole = isLog && shown.length === 0 ? [0.1, 1] as const : extent(shown)
  const ends = domain ?? (names === undefined ? whole : [-0.5, names.length - 0.5] as const)
  const scale = isLog ? scaleLog(ends, range) : scaleLinear(ends, range)
  return domain === undefined && names === undefined ? scale.nice(5) : scale
}

const ticksOf = (axis: Axis, scale: ReturnType<typeof scaleOf>, count: number): ReadonlyArray<readonly [number, string]> => {
  if (axis.names !== undefined) return axis.names.map((name, i) => [i, name] as const)
  const [least, most] = scale.domain() as [number, number]
  const ticks = axis.isLog === true ? logTicks(least, most, count) : scale.ticks(count)
  const few = ticks.length > 2 * count ? ticks.filter((_, i) => i % Math.ceil(ticks.length / count) === 0) : ticks
  return few.map((value) => [value, (axis.format ?? short)(value)] as const)
}

const DOT = 3.5

/**
 * Draws a chart. The pointer or the arrow keys choose a place on the x axis, whose values are read out below; points with a link are links.
 */
export const Chart = ({ children, marks = [], rules = [], series, title, x, y }: ChartProps) => {
  const id = useId()
  const [chosen, setChosen] = useState<number>()
  const points = series.flatMap((one) => one.points)
  const xs = [...new Set(points.map((point) => point.x))].sort((a, b) => a - b)
  const ys = points.flatMap((point) => [point.y, point.low, point.high].filter(isNumber))
  const xScale = scaleOf(x, [...xs, ...marks.map((mark) => mark.x)], [MARGIN.left, WIDTH - MARGIN.right])
  const yScale = scaleOf(y, [...ys, ...rules.map((rule) => rule.y)], [HEIGHT - MARGIN.bottom, MARGIN.top])
  const at = chosen === undefined || xs.length === 0 ? undefined : xs[Math.min(chosen, xs.length - 1)]
  const writeX = (value: number): string => x.names?.[value] ?? (x.format ?? short)(value)
  const writeY = y.format ?? short
  const said = at === undefined ? "" : series.flatMap((one) => {
    const point = one.points.find((point) => point.x === at)
    if (point === undefined || !isNumber(point.y)) return []
    const range = isNumber(point.low) && isNumber(point.high) ? ` (${writeY(point.low)} to ${writeY(point.high)})` : ""
    return [`${one.name} ${writeY(point.y)}${range}`]
  }).join(" · ")
  const choose = (event: PointerEvent): void => {
    const box = (event.currentTarget as SVGSVGElement).getBoundingClientRect()
    const value = xScale.invert((event.clientX - box.left) * WIDTH / box.width)
    let best = 0
    for (let i = 1; i < xs.length; i++) if (Math.abs(xs[i]! - value) < Math.abs(xs[best]! - value)) best = i
    setChosen(best)
  }
  const step = (event: KeyboardEvent): void => {
    const moves: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }
    const move = moves[event.key]
    if (move === undefined || xs.length === 0) return
    event.preventDefault()
    setChosen((now) => Math.max(0, Math.min(xs.length - 1, (now ?? (move > 0 ? -1 : xs.length)) + move)))
  }
  return (
    <figure>
      <figcaption id={`${id}-title`}>{title}</figcaption>
      <svg
        class="chart"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="group"
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-said`}
        tabindex={0}
        onPointerMove={choose}
        onPointerLeave={() => setChosen(undefined)}
        onKeyDown={step}
      >
        {ticksOf(y, yScale, 5).map(([value, name]) => (
          <g key={value}>
            <line class="grid" x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={yScale(value)} y2={yScale(value)} />
            <text class="tick" x={MARGIN.left - 6} y={yScale(value)} dy=".35em" text-anchor="end">{name}</text>
          </g>
        ))}
        {ticksOf(x, xScale, 6).map(([value, name]) => (
          <text key={value} class="tick" x={xScale(value)} y={HEIGHT - MARGIN.bottom + 16} text-anchor="middle">{name}</text>
        ))}
        <line class="axis" x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={HEIGHT - MARGIN.bottom} y2={HEIGHT - MARGIN.bottom} />
        <text x={(MARGIN.left + WIDTH - MARGIN.right) / 2} y={HEIGHT - 4} text-anchor="middle">{x.label}</text>
        <text transform={`translate(12 ${(HEIGHT - MARGIN.bottom + MARGIN.top) / 2}) rotate(-90)`} text-anchor="middle">{y.label}</text>
        {rules.map((rule) => (
          <g key={rule.name}>
            <line class="cursor" x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={yScale(rule.y)} y2={yScale(rule.y)} />
            <text class="tick" x={WIDTH - MARGIN.right} y={yScale(rule.y) - 4} text-anchor="end">{rule.name}</text>
          </g>
        ))}
        {marks.map((mark) => (
          <g key={mark.name}>
            <line class="cursor" x1={xScale(mark.x)} x2={xScale(mark.x)} y1={MARGIN.top} y2={HEIGHT - MARGIN.bottom} />
            <text class="tick" x={xScale(mark.x) + 4} y={MARGIN.top + 10}>{mark.name}</text>
          </g>
        ))}
        {series.map(({ color, dash, marks = "line", name, points }) => {
          const known = points.filter((point) => isNumber(point.y) && !(y.isLog === true && point.y <= 0))
          const ranged = known.filter((point) => isNumber(point.low) && isNumber(point.high))
          const path = line<Point>((point) => xScale(point.x), (point) => yScale(point.y!)).defined((point) =>
            isNumber(point.y) && !(y.isLog === true && point.y <= 0)
          )
          const band = area<Point>((point) => xScale(point.x), (point) => yScale(point.low!), (point) => yScale(point.high!))
          return (
            <g key={name} fill={color} stroke={color}>
              {marks === "line" && ranged.length > 0 && <path d={band(ranged) ?? ""} fill-opacity=".16" stroke="none" />}
              {marks !== "dots" && (
                <path d={path(points as Array<Point>) ?? ""} fill="none" stroke-width="2" stroke-dasharray={dash?.join(" ")} />
              )}
              {marks !== "line" && known.map((point) => {
                const dot = <circle cx={xScale(point.x)} cy={yScale(point.y!)} r={DOT} stroke="none" />
                return (
                  <g key={point.x}>
                    {isNumber(point.low) && isNumber(point.high) && (
                      <line x1={xScale(point.x)} x2={xScale(point.x)} y1={yScale(point.low)} y2={yScale(point.high)} stroke-width="1.5" />
                    )}
                    {point.href === undefined ?
                      dot :
                      <a href={point.href} aria-label={`${name}, ${writeX(point.x)}: ${writeY(point.y!)}`}>{dot}</a>}
                  </g>
                )
              })}
            </g>
          )
        })}
        {at !== undefined && <line class="cursor" x1={xScale(at)} x2={xScale(at)} y1={MARGIN.top} y2={HEIGHT - MARGIN.bottom} />}
        {children}
      </svg>
      {series.length > 1 && (
        <ul class="key">
          {series.map(({ color, dash, marks = "line", name }) => (
            <li key={name}>
              <svg width="24" height="10" aria-hidden="true">
                {marks !== "dots" && (
                  <line x1="0" x2="24" y1="5" y2="5" stroke={color} stroke-width="2" stroke-dasharray={dash?.join(" ")} />
                )}
                {marks !== "line" && <circle cx="12" cy="5" r={DOT} fill={color} />}
              </svg>{" "}
              {name}
            </li>
          ))}
        </ul>
      )}
      <div class="readout" id={`${id}-said`} aria-live="polite">{at === undefined ? "" : `${x.label} ${writeX(at)}: ${said}`}</div>
    </figure>
  )
}
