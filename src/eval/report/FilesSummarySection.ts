/**
 * The first screen of a page about anybody's rollouts: where the models stand, what the words mean, and the findings as sentences.
 *
 * @module
 */
import type { Comparison, Estimate } from "../calibration/Comparison.ts"
import { comparisonSentencesOf } from "../calibration/ComparisonVerdict.ts"
import { shownInterval } from "../calibration/ShownInterval.ts"
import { sentencesOf } from "../calibration/Verdict.ts"
import type { CalibratedModel } from "./CalibrationSection.ts"
import { html, type Markup } from "./Html.ts"
import type { Section } from "./Page.ts"
import { table, twoLines } from "./Table.ts"
import { terms } from "./Terms.ts"
import { percent, percentInterval, points, pointsInterval } from "./Words.ts"

/** What the page is about. */
export interface FilesSummary {
  readonly models: ReadonlyArray<CalibratedModel>
  readonly comparisons: ReadonlyArray<{ readonly id: string; readonly comparison: Comparison }>
  readonly attributions: ReadonlyArray<{ readonly id: string; readonly label: string; readonly rows: number; readonly objectives: number }>
}

const twoNumbers = (estimate: Estimate) => twoLines(points(estimate.value), pointsInterval(estimate.interval))

const modelsTable = (models: ReadonlyArray<CalibratedModel>, name: (id: string) => Markup): Markup =>
  table({
    caption: "All levels pooled; 95 % intervals below",
    columns: ["Model", "n", "observed", "p_S", "p_D|C", "p_D|W", "by reflection, points", "predicted − observed"],
    rows: models.map(({ calibration: { overall }, id }) => [
      name(id),
      overall.n,
      twoLines(percent(overall.observed.accuracy), percentInterval(shownInterval(overall, overall.observed))),
      ...[overall.pSample, overall.pStopGivenCorrect, overall.pResampleGivenWrong].map((rate) =>
        twoLines(percent(rate.value), percentInterval(shownInterval(overall, rate)))
      ),
      twoNumbers(overall.contribution.reflection),
      twoNumbers(overall.predicted.gap)
    ])
  })

const comparisonsTable = (comparisons: FilesSummary["comparisons"]): Markup =>
  table({
    caption: "Differences between two models, all levels pooled, points; 95 % intervals below",
    columns: ["Comparison", "observed", "by sampling", "by decision", "not accounted for"],
    rows: comparisons.map(({ comparison: { from, overall, to } }) => [
      `${from} → ${to}`,
      ...[overall.observed, overall.sampling, overall.decision, overall.unexplained].map(twoNumbers)
    ])
  })

const list = (sentences: ReadonlyArray<string>): ReadonlyArray<Markup> => sentences.map((sentence) => html`<li>${sentence}</li>`)

// Of one model every sentence, of several the first of each, with the others folded.
const modelSentences = (models: ReadonlyArray<CalibratedModel>, name: (id: string) => Markup): ReadonlyArray<Markup> =>
  models.flatMap(({ findings, id }) => {
    if (findings === undefined) return []
    const sentences = sentencesOf(findings)
    if (models.length === 1) return list(sentences)
    const [first, ...others] = sentences
    return [html`<li><details><summary>${name(id)}: ${first}</summary><ul>${list(others)}</ul></details></li>`]
  })

const comparisonSentences = (comparisons: FilesSummary["comparisons"]): ReadonlyArray<Markup> =>
  comparisons.flatMap(({ comparison: { findings } }) => {
    if (findings === undefined) return []
    const [first, ...others] = comparisonSentencesOf(findings)
    return [html`<li><details><summary>${first}</summary><ul>${list(others)}</ul></details></li>`]
  })

/** Renders the first screen. `byLevel` shows accuracy over the levels, where there are any models. */
export const filesSummarySection = (
  { attributions, comparisons, models }: FilesSummary,
  parts: { readonly figure: Markup | null; readonly byLevel: Markup | null; readonly name: (id: string) => Markup }
): Section => {
  const sentences = [...modelSentences(models, parts.name), ...comparisonSentences(comparisons)]
  return {
    id: "summary",
    title: "Summary",
    body: html`
<div class="first">
<div>${parts.figure}${
      models.length === 0 ? null : html`<details><summary>The numbers of this figure</summary>${modelsTable(models, parts.name)}</details>`
    }${comparisons.length === 0 ? null : comparisonsTable(comparisons)}${
      attributions.map(({ label, objectives, rows }) =>
        html`<p>Attribution of <strong>${label}</strong>: ${rows} rollouts, ${objectives} objectives.</p>`
      )
    }${sentences.length === 0 ? null : html`<ul class="sentences said">${sentences}</ul>`}</div>
${terms("rollouts")}
</div>
${parts.byLevel}`
  }
}
