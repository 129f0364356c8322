/**
 * A figure as files: SVG as drawn, and PNG.
 *
 * @module
 */
import { Effect, FileSystem, Path } from "effect"
import { FileError } from "../../domain/Errors.ts"
import { problemOf } from "../../domain/Files.ts"
import type { Figure } from "../../eval/figures/Figure.ts"

/** Turns a failed write into an error that names the file. */
export const written = (file: string) => (cause: Error): FileError =>
  new FileError({ file, problem: problemOf(cause), advice: "Is the folder writable, and is there room on the disk?" })

/** Writes FOLDER/ID.svg and FOLDER/ID.png. */
export const writeFigure = Effect.fnUntraced(function* (folder: string, figure: Figure) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { renderFigure } = yield* Effect.promise(() => import("../../eval/figures/Figure.ts"))
  const { Resvg } = yield* Effect.promise(() => import("@resvg/resvg-js"))
  const svg = yield* renderFigure(figure)
  // Twice the figure's size: sharp on paper and on dense screens. White, because a PNG does not know its page.
  const png = new Resvg(svg, { background: "white", fitTo: { mode: "zoom", value: 2 } }).render().asPng()
  const base = path.join(folder, figure.id)
  yield* files.writeFileString(`${base}.svg`, svg).pipe(Effect.mapError(written(`${base}.svg`)))
  yield* files.writeFile(`${base}.png`, png).pipe(Effect.mapError(written(`${base}.png`)))
})
