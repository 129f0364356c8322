/**
 * A figure on the page: drawn, under its title, in a frame that scrolls when the page is narrower than the figure.
 *
 * @module
 */
import { Effect } from "effect"
import { type Figure, type FigureError, renderFigure } from "../figures/Figure.ts"
import { html, type Markup, trustedMarkup } from "./Html.ts"

/** Renders a figure as markup. The frame takes the keyboard's focus, so that it can be scrolled without a mouse. */
export const drawn = (figure: Figure): Effect.Effect<Markup, FigureError> =>
  Effect.map(renderFigure(figure), (svg) =>
    html`<figure>
<figcaption>${figure.title}</figcaption>
<div class="scroll" tabindex="0" role="region" aria-label="${figure.title}">${trustedMarkup(svg)}</div>
</figure>
`)
