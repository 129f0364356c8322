/**
 * The plane of p_S (to the right) and p_D|W (upwards), both from 0 to 1.
 *
 * @module
 */
import type { ComponentChildren } from "preact"

const SIZE = 320
const MARGIN = { top: 10, right: 14, bottom: 38, left: 54 }
const TICKS = [0, 0.25, 0.5, 0.75, 1]

/** Places of rates in the drawing. */
export interface PlaneScales {
  readonly x: (sampleCorrect: number) => number
  readonly y: (resampleGivenWrong: number) => number
}

const scales: PlaneScales = {
  x: (rate) => MARGIN.left + rate * (SIZE - MARGIN.left - MARGIN.right),
  y: (rate) => SIZE - MARGIN.bottom - rate * (SIZE - MARGIN.top - MARGIN.bottom)
}

const inside = (value: number): number => Number(Math.min(0.99, Math.max(0.01, value)).toFixed(2))

/** Draws axes around what `children` draw. A click or a drag moves to the rates there; the page's sliders do the same from the keyboard. */
export const Plane = ({ children, labelledBy, move }: {
  readonly labelledBy: string
  readonly move: (sampleCorrect: number, resampleGivenWrong: number) => void
  readonly children: (scales: PlaneScales) => ComponentChildren
}) => {
  const go = (event: PointerEvent): void => {
    const box = (event.currentTarget as SVGSVGElement).getBoundingClientRect()
    const across = ((event.clientX - box.left) * SIZE) / box.width
    const down = ((event.clientY - box.top) * SIZE) / box.height
    move(
      inside((across - MARGIN.left) / (SIZE - MARGIN.left - MARGIN.right)),
      inside((SIZE - MARGIN.bottom - down) / (SIZE - MARGIN.top - MARGIN.bottom))
    )
  }
  return (
    <svg
      class="chart plane"
      viewBox={`0 0 ${SIZE} ${SIZE}`}
      role="img"
      aria-labelledby={labelledBy}
      onPointerDown={go}
      onPointerMove={(event) => {
        if (event.buttons === 1) go(event)
      }}
    >
      {children(scales)}
      {TICKS.map((tick) => (
        <g key={tick}>
          <line class="grid" x1={scales.x(0)} x2={scales.x(1)} y1={scales.y(tick)} y2={scales.y(tick)} />
          <text class="tick" x={MARGIN.left - 6} y={scales.y(tick)} dy=".35em" text-anchor="end">{tick}</text>
          <text class="tick" x={scales.x(tick)} y={SIZE - MARGIN.bottom + 16} text-anchor="middle">{tick}</text>
        </g>
      ))}
      <text x={scales.x(0.5)} y={SIZE - 4} text-anchor="middle">p_S</text>
      <text transform={`translate(12 ${scales.y(0.5)}) rotate(-90)`} text-anchor="middle">p_D|W</text>
    </svg>
  )
}
