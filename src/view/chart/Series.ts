/**
 * What charts draw: points, in series.
 *
 * @module
 */

/** The shape of a dot. */
export type Shape = "circle" | "square" | "diamond" | "triangle"

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
  /** The shape of its dots; left out: a circle. */
  readonly shape?: Shape
  /** How far its dots stand to the right of their place, in units of the drawing: neighbours do not cover each other. */
  readonly dodge?: number
  /** Drawn faintly behind the others, and in neither the key nor the readout. */
  readonly isFaint?: boolean
  readonly points: ReadonlyArray<Point>
}
