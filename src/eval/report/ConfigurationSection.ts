/**
 * The report's configuration, seeds and instructions to repeat the run.
 *
 * @module
 */
import { html } from "./Html.ts"
import type { Results } from "../results/Results.ts"
import { list } from "./Words.ts"
import type { Section } from "./Page.ts"
import { table } from "./Table.ts"

/** Renders what the run was and how to repeat it. */
export const configurationSection = (results: Results): Section => {
  const { device, models, preset, seed, task, timings } = results
  const bootstrap = models[0]?.calibration.bootstrap
  return {
    id: "configuration",
    title: "Configuration, seeds and how to reproduce",
    body: html`
${
      table({
        caption: "Configuration",
        columns: ["Setting", "Value"],
        rows: [
          ["preset", preset],
          ["seed", seed],
          ["device", device ?? "not recorded"],
          ...(task.model === undefined ? [] : [["pretrained model", task.model]]),
          ["base of the numerals", task.radix],
          ["trained levels", list(task.trainLevels)],
          ["tested levels", list(task.testLevels)],
          ["problems per level", task.testPerLevel],
          [task.model === undefined ? "attempts allowed" : "most attempts of a response", task.cap],
          ["bootstrap", bootstrap === undefined ? "none" : `${bootstrap.rounds} rounds, seed ${bootstrap.seed}`],
          ["format of results.json", results.version]
        ]
      })
    }
${
      table({
        caption: "Models",
        columns: ["Model", "id", "stage", "start", "trained from", "steps"],
        rows: models.map((
          model
        ) => [
          model.label,
          model.id,
          model.stage,
          model.start ?? "–",
          model.parent ?? (task.model === undefined ? "random weights" : task.model),
          model.steps
        ])
      })
    }
${
      timings === undefined ? null : table({
        caption: "Wall time in seconds (the only part of the results that differs between equal runs)",
        columns: ["Stage", "Seconds"],
        rows: Object.entries(timings).map(([stage, seconds]) => [stage, seconds.toFixed(1)])
      })
    }
<h3>To reproduce</h3>
<p>In a clone of the repository: <code>npx decision-sampling reproduce --preset ${preset} --seed ${seed}</code>. The same seed on the same device gives the same
data, rollouts and figures. All numbers of this page are in <code>results.json</code> beside it.</p>`
  }
}
