/**
 * What the words of the figures mean: beside the first of them on every page.
 *
 * @module
 */
import { html, type HtmlValue, type Markup } from "./Html.ts"

const RATES: ReadonlyArray<readonly [term: Markup, meaning: string]> = [
  [html`p<sub>S</sub>`, "how well it samples: the share of first answers that are right"],
  [html`p<sub>D|C</sub>`, "how well it keeps a right answer: P(STOP | correct)"],
  [html`p<sub>D|W</sub>`, "how well it takes back a wrong one: P(RESAMPLE | wrong)"],
  [html`accuracy`, "the share of final answers that are right"]
]

const STARTS: ReadonlyArray<readonly [term: Markup, meaning: string]> = [
  [html`echo`, "a start taught to revise blindly, after right and wrong answers alike"],
  [html`expert`, "a start taught checked decisions: RESAMPLE after each wrong answer, STOP at the right one"]
]

const ANSWERS: ReadonlyArray<readonly [term: Markup, meaning: string]> = [
  [html`echo`, "a revision that gives the same answer again"],
  [html`expert`, "who decides by the truth: p_D|C and p_D|W are 100 %"]
]

/** The terms of a page: of a run, whose models start from echo or expert demonstrations, or of anybody's rollouts. */
export const terms = (of: "run" | "rollouts", more: HtmlValue = null): Markup =>
  html`<aside class="terms" aria-label="What the words mean"><dl>${
    [...RATES, ...(of === "run" ? STARTS : ANSWERS)].map(([term, meaning]) => html`<div><dt>${term}</dt><dd>${meaning}</dd></div>`)
  }</dl><p class="soft">Point at a mark of a figure to read its value.</p>${more}</aside>`
