/**
 * A figure in a file: SVG as drawn, or an HTML page that holds it.
 *
 * @module
 */
import { Effect, type FileSystem, Path } from "effect"
import { ConfigError } from "../../domain/Errors.ts"
import type { Figure } from "../../eval/figures/Figure.ts"
import { tryFile, writeResult } from "../Destination.ts"

/** The titles of the page that holds a figure, and of the figure's section on it. */
export interface FigurePage {
  readonly title: string
  readonly section: string
}

/** What writes a figure to a file. Fails before anything is measured for a name that ends neither in .svg nor in .html, or is one of the inputs. */
export const figureFile = Effect.fnUntraced(function* (file: string, inputs: ReadonlyArray<string>, titles: FigurePage) {
  const path = yield* Path.Path
  const extension = path.extname(file).toLowerCase()
  if (extension !== ".svg" && extension !== ".html") {
    return yield* new ConfigError({ field: "--figure", value: JSON.stringify(file), expected: "a file whose name ends in .svg or .html" })
  }
  yield* tryFile(file, inputs)
  const services = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  return Effect.fnUntraced(function* (figure: Figure) {
    const [{ renderFigure }, { drawn }, { page }, { html }] = yield* Effect.promise(() =>
      Promise.all([
        import("../../eval/figures/Figure.ts"),
        import("../../eval/report/DrawnFigure.ts"),
        import("../../eval/report/Page.ts"),
        import("../../eval/report/Html.ts")
      ])
    )
    const text = extension === ".svg"
      ? yield* renderFigure(figure)
      : page(
        titles.title,
        html`<p>${figure.alt}</p>`,
        [{ id: "summary", title: titles.section, body: yield* drawn(figure) }],
        html`Written by decision-sampling.`
      )
    yield* Effect.provideContext(writeResult(file, text), services)
  })
})
