/**
 * The report's table 1: accuracy by level of this run's models, beside the paper's.
 *
 * @module
 */
import type { LevelCalibration } from "../calibration/Calibration.ts"
import { html, type Markup } from "./Html.ts"
import type { Results } from "../results/Results.ts"
import { percent, percentInterval, UNDEFINED } from "./Words.ts"
import type { Section } from "./Page.ts"
import { table, twoLines } from "./Table.ts"

/** Renders table 1 for our models and the paper's, with both as figures. */
export const accuracySection = (
  results: Results,
  parts: { readonly ours: Markup; readonly paper: Markup; readonly name: (id: string) => Markup }
): Section => {
  const { models, paperTable1: paper, task } = results
  const mark = (level: string, trained: ReadonlyArray<string>) =>
    html`${level}${trained.includes(level) ? html`<small>trained</small>` : null}`
  const cell = (level: LevelCalibration | undefined) =>
    level === undefined ? UNDEFINED : twoLines(percent(level.observed.accuracy), percentInterval(level.observed.normal))
  return {
    id: "accuracy",
    title: "Accuracy by level",
    short: "Accuracy",
    body: html`
<p>The form of the paper's table 1: the share of problems answered correctly. Left this run, right the paper's models: other models on other levels, so that
only the shapes can be compared. A model of the paper has the colour of the one that has its part here: its SFT with reflection that of SFT from expert demonstrations, its RL
that of GRPO from echo.</p>
<div class="figures">${parts.ours}${parts.paper}</div>
<details><summary>Both as tables, with 95 % normal intervals (not cut at 0 and 100, as printed in the paper)</summary>
${
      table({
        caption: "This run",
        columns: ["Model", ...task.testLevels.map((level) => mark(level, task.trainLevels))],
        rows: models.map((model) => [
          parts.name(model.id),
          ...task.testLevels.map((name) => cell(model.calibration.levels.find((level) => level.level === name)))
        ])
      })
    }
${
      table({
        caption: `The paper (${paper.source}; n = ${paper.n} a level; its text lost the names of the levels)`,
        columns: ["Model", ...paper.levels.map((level) => mark(`level ${level}`, paper.trainLevels.map((trained) => `level ${trained}`)))],
        rows: paper.rows.map((row) => [
          row.model,
          ...row.accuracy.map((accuracy, k) => {
            const [low, high] = row.interval[k]!
            return twoLines(percent(accuracy / 100), percentInterval([low / 100, high / 100]))
          })
        ])
      })
    }
</details>`
  }
}
