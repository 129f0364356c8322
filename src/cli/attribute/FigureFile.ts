/**
 * A model's gradient attribution as a figure in a file: SVG as drawn, or an HTML page that holds it.
 *
 * @module
 */
import { Effect, FileSystem, Path } from "effect"
import { ConfigError } from "../../domain/Errors.ts"
import type { ModelAttribution } from "../../eval/attribute/ModelAttribution.ts"
import { modelAttributionFigure } from "../../eval/figures/ModelAttributionFigure.ts"
import { written } from "../report/WriteFigure.ts"

/** What writes the figure of a report to a file. Fails before anything is measured for a name that ends neither in .svg nor in .html. */
export const figureFile = Effect.fnUntraced(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const extension = path.extname(file).toLowerCase()
  if (extension !== ".svg" && extension !== ".html") {
    return yield* new ConfigError({ field: "--figure", value: JSON.stringify(file), expected: "a file whose name ends in .svg or .html" })
  }
  const folder = path.dirname(file)
  yield* Effect.mapError(files.access(folder, { writable: true }), written(file))
  return Effect.fnUntraced(function* (report: ModelAttribution) {
    const figure = modelAttributionFigure(report)
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
        "Gradient attribution",
        html`<p>${figure.alt}</p>`,
        [{ id: "summary", title: "Norms by objective and by layer", body: yield* drawn(figure) }],
        html`Written by decision-sampling.`
      )
    yield* Effect.mapError(files.writeFileString(file, text), written(file))
  })
})
