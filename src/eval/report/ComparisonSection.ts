/**
 * The report's comparisons: what each stage of training changed, and which policy made the difference.
 *
 * @module
 */
import type { Comparison, Estimate, LevelComparison } from "../calibration/Comparison.ts"
import { comparisonSentencesOf } from "../calibration/ComparisonVerdict.ts"
import { html, type Markup } from "./Html.ts"
import type { Results } from "../results/Results.ts"
import { points, pointsInterval, UNDEFINED } from "./Words.ts"
import type { Section } from "./Page.ts"
import { table, twoLines } from "./Table.ts"

const explanation =
  html`<p>The difference in accuracy between two models, in percentage points. Shapley's value splits the difference that the capped two-stage model
predicts into the part of sampling (p_S) and the part of deciding (p_D|C and p_D|W); it does not depend on the order in which they are exchanged, and the two
add up to <em>predicted</em>. <em>Not accounted for</em> is observed minus predicted. Below each number its 95 % interval.</p>`

/** Renders the comparison of a file: figure and table. */
export const comparisonFileSection = (
  file: { readonly id: string; readonly label: string; readonly comparison: Comparison; readonly figure: Markup }
): Section => ({
  id: file.id,
  title: `Which policy made the difference: ${file.label}`,
  body: html`
${explanation}
<p>From <strong>${file.comparison.from}</strong> to <strong>${file.comparison.to}</strong>; ${file.comparison.overall.paired} problems that both answered are resampled as pairs.</p>
${
    file.comparison.findings === undefined
      ? null
      : html`<ul class="said">${comparisonSentencesOf(file.comparison.findings).map((sentence) => html`<li>${sentence}</li>`)}</ul>
`
  }${file.figure}
${comparisonTable(file.comparison, `${file.comparison.from} → ${file.comparison.to}`)}`
})

const inShort = ({ overall: { decision, observed, sampling } }: Comparison): string =>
  `${points(observed.value)} points of accuracy (${pointsInterval(observed.interval)}); by sampling ${
    points(sampling.value)
  }, by decision ${points(decision.value)}`

/** Renders the comparisons of the results, one table each. */
export const comparisonSection = (results: Results, name: (id: string) => Markup): Section => {
  const label = (id: string) => results.models.find((model) => model.id === id)?.label ?? id
  return {
    id: "comparisons",
    title: "Which policy made the difference",
    body: html`
${explanation}
${
      results.comparisons.map((comparison) =>
        html`<details><summary>${name(comparison.from)} → ${name(comparison.to)} <span class="soft">${
          inShort(comparison)
        }</span></summary>${comparisonTable(comparison, `${label(comparison.from)} → ${label(comparison.to)}`)}</details>
`
      )
    }`
  }
}

const comparisonTable = (comparison: Comparison, caption: string): Markup => {
  const cell = (estimate: Estimate) =>
    twoLines(points(estimate.value), estimate.value === null ? UNDEFINED : pointsInterval(estimate.interval))
  const rows: ReadonlyArray<LevelComparison> = [
    ...comparison.levels,
    ...(comparison.trained === undefined ? [] : [comparison.trained]),
    ...(comparison.unseen === undefined ? [] : [comparison.unseen]),
    comparison.overall
  ]
  return table({
    caption,
    columns: ["Level", "observed", "predicted", "sampling", "decision", "not accounted for", "change of p_S", "of p_D|C", "of p_D|W"],
    rows: rows.map((level) => [
      level.level,
      cell(level.observed),
      cell(level.predicted),
      cell(level.sampling),
      cell(level.decision),
      cell(level.unexplained),
      cell(level.change.pSample),
      cell(level.change.pStopGivenCorrect),
      cell(level.change.pResampleGivenWrong)
    ])
  })
}
