/**
 * The report's view into training: curves, and how the gradient splits between the two policies.
 *
 * @module
 */
import { html, type Markup } from "./Html.ts"
import type { Section } from "./Page.ts"

/** A figure with the line that opens it. */
export interface FoldedFigure {
  readonly line: Markup
  readonly figure: Markup | ReadonlyArray<Markup>
}

const folded = ({ figure, line }: FoldedFigure): Markup =>
  html`<details><summary>${line}</summary>${figure}</details>
`

/** Renders the training curves. */
export const trainingSection = (figures: ReadonlyArray<FoldedFigure>): Section => ({
  id: "training",
  title: "Training curves",
  short: "Training",
  body: html`
<p>Metrics as logged during training, by their names in results.json. Long logs are averaged over equal stretches of steps for drawing.</p>
${figures.length === 0 ? html`<p>This run logged no training metrics.</p>` : figures.map(folded)}`
})

/** Renders gradient attribution over training. */
export const attributionSection = (figures: ReadonlyArray<FoldedFigure>): Section => ({
  id: "attribution",
  title: "Gradient attribution over training",
  short: "Gradients",
  body: html`
<p>The gradient of each part of the objective splits exactly into g_S, from the tokens of answers, and g_D, from the tokens of decisions. Above: the
lengths of the two; below: the lengths divided by the number of tokens behind each. An answer has several tokens and a decision one, so whether a gradient
looks balanced depends on which of the two is asked.</p>
<p>Where a step compared blocks of its groups, signal : noise is the unbiased estimate of |E g|² over tr Cov(g), of the gradient that the step used: below
1 a step's part is mostly scatter, around 0 no signal was seen. The cross term ⟨E g_S, E g_D⟩, here over ‖g_S‖·‖g_D‖, is 0 where the two share no
parameter, above 0 where what one learns helps the other. Both are sums over the last five measurements.</p>
${figures.length === 0 ? html`<p>This run measured no attribution.</p>` : figures.map(folded)}`
})
