/**
 * What the words of the figures mean: beside the first of them on every page.
 *
 * @module
 */
import { html, type HtmlValue, type Markup } from "./Html.ts"

const RATES: ReadonlyArray<readonly [term: Markup, meaning: string]> = [
  [html`p<sub>S</sub>`, "Sampling: the share of first answers that are right."],
  [html`p<sub>D|C</sub>`, "Deciding: how often the model stops at a right answer, P(STOP | correct)."],
  [html`p<sub>D|W</sub>`, "Deciding: how often it goes on from a wrong one, P(RESAMPLE | wrong)."],
  [html`accuracy`, "The share of final answers that are right; the three rates make it."]
]

const STARTS: ReadonlyArray<readonly [term: Markup, meaning: string]> = [
  [html`echo`, "A start that learned revising from texts blind to correctness: RESAMPLE as often after a right answer as after a wrong one."],
  [html`expert`, "A start that learned from checked decisions: RESAMPLE after every wrong answer, STOP at the right one."]
]

const ANSWERS: ReadonlyArray<readonly [term: Markup, meaning: string]> = [
  [html`echo`, "A revision that gives the same answer again."],
  [html`expert`, "Whoever decides by the truth: p_D|C and p_D|W both 100 %."]
]

/** The terms of a page: of a run, whose models start from echo or expert demonstrations, or of anybody's rollouts. */
export const terms = (of: "run" | "rollouts", more: HtmlValue = null): Markup =>
  html`<aside class="terms" aria-label="What the words mean"><dl>${
    [...RATES, ...(of === "run" ? STARTS : ANSWERS)].map(([term, meaning]) => html`<div><dt>${term}</dt><dd>${meaning}</dd></div>`)
  }</dl>${more}</aside>`
