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
export const accuracySection = (results: Results, figures: { readonly ours: Markup; readonly paper: Markup }): Section => {
  const { models, paperTable1: paper, task } = results
  const mark = (level: string, trained: ReadonlyArray<string>) =>
    html`${level}${trained.includes(level) ? html`<small>trained</small>` : null}`
  const cell = (level: LevelCalibration | undefined) =>
    level === undefined ? UNDEFINED : twoLines(percent(level.observed.accuracy), percentInterval(level.observed.normal))
  return {
    id: "accuracy",
    title: "Accuracy by level",
    body: html`
<p>The form of the paper's table 1: share of problems answered correctly, with the 95 % normal interval below (not cut at 0 and 100, as printed
there). The two tables are about different models on different levels; only their shapes can be compared.</p>
${
      table({
        caption: "This run",
        columns: ["Model", ...task.testLevels.map((level) => mark(level, task.trainLevels))],
        rows: models.map((model) => [
          model.label,
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
<div class="figures">${figures.ours}${figures.paper}</div>`
  }
}
