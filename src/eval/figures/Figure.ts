/**
 * A figure as data (a Vega-Lite specification and its words), and its rendering to SVG text: in Node, without a DOM, a canvas
 * or the network.
 *
 * @module
 */
import { Effect, Schema } from "effect"
import type { TopLevelSpec } from "vega-lite"
import { escapeHtml, printable } from "../report/Html.ts"
import { withTitles } from "./Hover.ts"
import { figureConfig } from "./Theme.ts"

/** A figure before rendering. */
export interface Figure {
  /** Names the figure in errors. */
  readonly id: string
  readonly title: string
  /** What the figure shows, for a reader who cannot see it. */
  readonly alt: string
  readonly spec: TopLevelSpec
}

/** A figure that could not be drawn. */
export class FigureError extends Schema.TaggedError<FigureError>()("FigureError", {
  figure: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `figure ${this.figure} cannot be drawn: ${this.problem}. Check that its rows hold finite numbers`
  }
}

/**
 * Renders a figure as a stand-alone `<svg>` element.
 *
 * Text and axes take the colour of the surrounding text, so the figure works on light and dark pages. The element is one image
 * with the figure's alternative text to assistive technology; what the pointer is on says its value (Hover.ts). Same figure, same bytes.
 */
export const renderFigure = Effect.fn("Figure.render")(function* (figure: Figure): Effect.fn.Return<string, FigureError> {
  const svg = yield* Effect.tryPromise({
    try: async () => {
      // Loaded with the first figure: who only counts and compares does not wait for a drawing library.
      const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")])
      const { spec } = compile(figure.spec, { config: figureConfig })
      // What goes wrong while a figure is computed is only logged, and half a figure drawn.
      const problems: Array<unknown> = []
      const logger = vega.logger(vega.Error, "error", (_logger, _level, args) => void problems.push(...args))
      const view = new vega.View(vega.parse(spec), { renderer: "none", logger })
      const drawn = await view.toSVG()
      view.finalize()
      const [problem] = problems
      if (problem !== undefined) throw problem
      return drawn
    },
    catch: (cause) => new FigureError({ figure: figure.id, problem: cause instanceof Error ? cause.message : String(cause) })
  })
  return describeSvg(withTitles(printable(svg)), figure)
})

const describeSvg = (svg: string, figure: Figure): string =>
  svg.replace("<svg ", `<svg role="img" aria-label="${escapeHtml(`${figure.title}. ${figure.alt}`)}" `)
