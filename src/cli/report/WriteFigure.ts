/**
 * A figure as files: SVG as drawn, and PNG.
 *
 * @module
 */
import { Effect, Path } from "effect"
import type { Figure } from "../../eval/figures/Figure.ts"
import { writeResult } from "../Destination.ts"

/** Writes FOLDER/ID.svg and FOLDER/ID.png. */
export const writeFigure = Effect.fnUntraced(function* (folder: string, figure: Figure) {
  const path = yield* Path.Path
  const { renderFigure } = yield* Effect.promise(() => import("../../eval/figures/Figure.ts"))
  const { Resvg } = yield* Effect.promise(() => import("@resvg/resvg-js"))
  const svg = yield* renderFigure(figure)
  // Twice the figure's size: sharp on paper and on dense screens. White, because a PNG does not know its page.
  const png = new Resvg(svg, { background: "white", fitTo: { mode: "zoom", value: 2 } }).render().asPng()
  const base = path.join(folder, figure.id)
  yield* writeResult(`${base}.svg`, svg)
  yield* writeResult(`${base}.png`, png)
})
