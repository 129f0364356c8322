/**
 * pass@k and pass^k over k: what more samples of a prompt would bring, and how far all of them can be relied on.
 *
 * @module
 */
import type { PassAtK } from "../statistics/PassAtK.ts"
import { percent } from "../report/Words.ts"
import type { Figure } from "./Figure.ts"
import { levelPanel, type Series } from "./LevelLines.ts"
import { palette, roleColors } from "./Theme.ts"

const series: ReadonlyArray<Series & { readonly read: (row: PassAtK) => number }> = [
  { name: "pass@k: at least one right", color: roleColors.accuracy, shape: "circle", read: (row) => row.passAtK },
  { name: "pass^k: all right", color: palette.grey, shape: "square", dash: [6, 3], read: (row) => row.passAllK }
]

/** Draws both curves of one model; k doubles from point to point. */
export const passAtKFigure = (model: { readonly id: string; readonly label: string; readonly passAtK: ReadonlyArray<PassAtK> }): Figure => {
  const panel = levelPanel({
    levels: model.passAtK.map(({ k }) => `k = ${k}`),
    trained: [],
    series,
    points: series.flatMap(({ name, read }) =>
      model.passAtK.map((row, place) => ({ series: name, level: place, value: read(row), interval: null }))
    ),
    width: 500,
    height: 190,
    axisTitle: "responses drawn of a prompt"
  })
  return {
    id: `pass-at-k-${model.id}`,
    title: `pass@k and pass^k of ${model.label}`,
    alt: model.passAtK.map(({ k, passAllK, passAtK }) => `k = ${k}: pass@k ${percent(passAtK)}, pass^k ${percent(passAllK)}.`).join(" "),
    spec: panel
  }
}
