/**
 * Numbers with their intervals, a row a model and a panel a quantity: what a reader sees first.
 *
 * @module
 */
import type { Interval } from "../statistics/Interval.ts"
import type { Figure } from "./Figure.ts"
import { hoverPoints } from "./Hover.ts"
import { type SeriesStyle, SIGNED_LABELS } from "./Theme.ts"

/** A number of a row: a share, or a difference of shares. */
export interface ForestValue {
  readonly value: number | null
  readonly interval: Interval | null
  /** What the number is the mean of, one each. */
  readonly members?: ReadonlyArray<number | null>
  /** What the pointer reads. */
  readonly said: string
}

/** A row: `values` are by panel, in each by scope. */
export interface ForestRow {
  readonly label: string
  /** A second line below the label. */
  readonly note?: string
  readonly style: SeriesStyle
  readonly values: ReadonlyArray<ReadonlyArray<ForestValue>>
}

/** What is drawn. The first scope has filled marks, the second hollow ones. */
export interface Forest {
  readonly id: string
  readonly title: string
  readonly alt: string
  readonly panels: ReadonlyArray<string>
  readonly scopes: ReadonlyArray<string>
  readonly rows: ReadonlyArray<ForestRow>
  /** Differences, in points around a line at 0; else shares, in percent from 0 to 100. */
  readonly isChange: boolean
}

const APART = 0.34
const HEIGHTS = { one: 25, two: 35 } as const
// A letter of the names' size, on average.
const LETTER = 6.9
// All of it, so that it stands beside a column of words on a page of 1280 pixels.
const [WIDTH, NAMES_LEAST, NAMES_MOST, SPACE] = [862, 150, 270, 16] as const

/** Whole the label is in the words of each mark. */
const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`)

const percent = (share: number): number => 100 * share

const domainOf = ({ isChange, rows }: Forest): readonly [number, number] => {
  if (!isChange) return [0, 100]
  const all = rows.flatMap(({ values }) =>
    values.flat().flatMap(({ interval, members = [], value }) =>
      [value, ...(interval ?? []), ...members].flatMap((each) => (each === null ? [] : [percent(each)]))
    )
  )
  return [all.reduce((a, b) => Math.min(a, b), -5), all.reduce((a, b) => Math.max(a, b), 5)]
}

/** Draws a forest: names at the left, then the panels, all on one scale. */
export const forestFigure = (forest: Forest): Figure => {
  const { alt, id, isChange, panels, rows, scopes, title } = forest
  const hasNotes = rows.some(({ note }) => note !== undefined)
  const rowHeight = scopes.length > 1 || hasNotes ? HEIGHTS.two : HEIGHTS.one
  const height = rowHeight * rows.length
  const domain = domainOf(forest)
  const place = (row: number, scope: number): number => row + APART * (scope - (scopes.length - 1) / 2)
  const yScale = { domain: [rows.length - 0.5, -0.5], nice: false, zero: false }
  const y = { field: "y", type: "quantitative" as const, scale: yScale, axis: null }
  // Every other row stands on a ground, which leads the eye from its name to its numbers.
  const stripes = {
    data: { values: rows.flatMap((_, k) => (k % 2 === 0 ? [{ y: k - 0.5, to: k + 0.5 }] : [])) },
    mark: { type: "rect" as const, color: "currentColor", opacity: 0.06 },
    encoding: { y, y2: { field: "to" } }
  }
  const color = { field: "color", type: "nominal" as const, scale: null }
  const shape = { field: "shape", type: "nominal" as const, scale: null }
  const longest = rows.reduce((most, { label, note = "" }) => Math.max(most, label.length, 0.9 * note.length), 0)
  const namesWidth = Math.min(NAMES_MOST, Math.max(NAMES_LEAST, Math.round(LETTER * longest) + 22))
  const width = Math.floor((WIDTH - namesWidth) / panels.length) - SPACE
  const words = (
    field: "label" | "note",
    mark: { readonly baseline: "top" | "middle" | "bottom"; readonly fontSize: number; readonly dy?: number; readonly opacity?: number }
  ) => ({
    mark: { type: "text" as const, align: "left" as const, dx: 20, color: "currentColor", ...mark },
    encoding: { y, x: { value: 0 }, text: { field } }
  })
  const names = {
    title: scopes.length > 1 ? `● ${scopes[0]}  ○ ${scopes[1]}` : "",
    width: namesWidth,
    height,
    view: { stroke: null },
    data: {
      values: rows.map(({ label, note = "", style }, k) => ({
        y: k,
        x: 0,
        label: cut(label, 36),
        note: cut(note, 42),
        color: style.color,
        shape: style.shape
      }))
    },
    layer: [
      stripes,
      {
        mark: { type: "point" as const, filled: true, size: 70, xOffset: 8 },
        encoding: { y, x: { value: 0 }, color: { ...color, legend: null }, shape: { ...shape, legend: null } }
      },
      ...(hasNotes
        ? [
          words("label", { baseline: "bottom", dy: 1, fontSize: 12.5 }),
          words("note", { baseline: "top", dy: 3, fontSize: 11, opacity: 0.8 })
        ]
        : [words("label", { baseline: "middle", fontSize: 12.5 })])
    ]
  }
  const axis = isChange ? { labelExpr: SIGNED_LABELS, tickCount: 3, title: "points" } : { tickCount: 4, title: "%" }
  const x = { type: "quantitative" as const, scale: { domain: [...domain], nice: isChange, zero: false }, axis }
  const panel = (name: string, p: number) => {
    const values = rows.flatMap(({ style, values }, k) =>
      (values[p] ?? []).flatMap(({ interval, members, said, value }, scope) =>
        value === null ? [] : [{
          y: place(k, scope),
          value: percent(value),
          low: percent(interval?.[0] ?? value),
          high: percent(interval?.[1] ?? value),
          said,
          color: style.color,
          shape: style.shape,
          fill: scope === 0 ? style.color : "transparent",
          hasMembers: members !== undefined
        }]
      )
    )
    const members = rows.flatMap(({ style, values }, k) =>
      (values[p] ?? []).flatMap(({ members = [] }, scope) =>
        members.flatMap((member) => (member === null ? [] : [{ y: place(k, scope), member: percent(member), color: style.color }]))
      )
    )
    return {
      title: name,
      width,
      height,
      data: { values },
      layer: [
        stripes,
        {
          data: { values: isChange ? [{ zero: 0 }] : [] },
          mark: { type: "rule" as const, color: "currentColor", opacity: 0.6 },
          encoding: { x: { ...x, field: "zero" } }
        },
        {
          mark: { type: "rule" as const, strokeWidth: 2 },
          encoding: { y, x: { ...x, field: "low" }, x2: { field: "high" }, color: { ...color, legend: null } }
        },
        {
          data: { values: members },
          mark: { type: "tick" as const, thickness: 1.5, size: 11, opacity: 0.75 },
          encoding: { y, x: { ...x, field: "member" }, color: { ...color, legend: null } }
        },
        {
          mark: { type: "point" as const, filled: true, size: 64, strokeWidth: 1.8 },
          encoding: {
            y,
            x: { ...x, field: "value" },
            stroke: { ...color, legend: null },
            fill: { field: "fill", type: "nominal" as const, scale: null, legend: null },
            shape: { ...shape, legend: null }
          }
        },
        hoverPoints({ y, x: { ...x, field: "value" } })
      ]
    }
  }
  return { id, title, alt, spec: { spacing: SPACE, bounds: "flush", hconcat: [names, ...panels.map(panel)] } }
}
