/**
 * The report's runs beside the main ones: one row each, what they reached and what they changed.
 *
 * @module
 */
import type { LevelCalibration } from "../calibration/Calibration.ts"
import type { LevelComparison } from "../calibration/Comparison.ts"
import { count } from "../calibration/FindingWords.ts"
import { html, type HtmlValue, type Markup } from "./Html.ts"
import type { ModelResult, Results } from "../results/Results.ts"
import { percent, points, pointsInterval, UNDEFINED } from "./Words.ts"
import type { Section } from "./Page.ts"
import { table, twoLines } from "./Table.ts"

const SCOPES = ["trained", "unseen"] as const

const rates = (level: LevelCalibration | undefined): ReadonlyArray<HtmlValue> =>
  level === undefined
    ? [UNDEFINED, UNDEFINED, UNDEFINED, UNDEFINED]
    : [level.observed.accuracy, level.pSample.value, level.pStopGivenCorrect.value, level.pResampleGivenWrong.value].map(percent)

const changes = (level: LevelComparison | undefined): ReadonlyArray<HtmlValue> =>
  level === undefined
    ? [UNDEFINED, UNDEFINED, UNDEFINED]
    : [level.change.pSample, level.change.pStopGivenCorrect, level.change.pResampleGivenWrong].map(({ interval, value }) =>
      twoLines(points(value), pointsInterval(interval))
    )

/** Renders the variants, trained and unseen levels pooled; the change is against the model that a run started from. */
export const variantsSection = (results: Results, figure: Markup | null): Section => {
  const variants = results.models.filter(({ variant }) => variant === true)
  const comparison = ({ id, parent }: ModelResult) => results.comparisons.find(({ from, to }) => from === parent && to === id)
  return {
    id: "variants",
    title: "Variants",
    body: html`
<p>${
      count(variants.length, "run")
    }, each of which changes one thing. The change is against the model that the run started from, in percentage points, with its 95 % interval.</p>
${figure}
<details><summary>As tables</summary>
${
      SCOPES.map((scope) =>
        table({
          caption: scope === "trained" ? "Trained levels pooled" : "Unseen levels pooled",
          columns: ["Model", "accuracy", "p_S", "p_D|C", "p_D|W", "change of p_S", "of p_D|C", "of p_D|W"],
          rows: variants.map((model) => [
            twoLines(model.label, `from ${results.models.find(({ id }) => id === model.parent)?.label ?? UNDEFINED}`),
            ...rates(model.calibration[scope]),
            ...changes(comparison(model)?.[scope])
          ])
        })
      )
    }
</details>`
  }
}
