/**
 * The report's training curves, gradient attribution, transcripts, configuration and instructions.
 */
import { html, type Markup } from "../Html.ts"
import type { Example, Results } from "../Results.ts"
import { list } from "../Words.ts"
import type { Section } from "./Page.ts"
import { table } from "./Table.ts"

/** Renders the training curves. */
export const trainingSection = (figures: ReadonlyArray<Markup>): Section => ({
  id: "training",
  title: "Training curves",
  body: html`
<p>Metrics as logged during training, by their names in results.json. Long logs are averaged over equal stretches of steps for drawing.</p>
${figures.length === 0 ? html`<p>This run logged no training metrics.</p>` : figures}`
})

/** Renders gradient attribution over training. */
export const attributionSection = (figures: ReadonlyArray<Markup>): Section => ({
  id: "attribution",
  title: "Gradient attribution over training",
  body: html`
<p>The gradient of each part of the objective splits exactly into g_S, from the tokens of answers, and g_D, from the tokens of decisions. Above: the
lengths of the two; below: the lengths divided by the number of tokens behind each. An answer has several tokens and a decision one, so whether a gradient
looks balanced depends on which of the two is asked.</p>
${figures.length === 0 ? html`<p>This run measured no attribution.</p>` : figures}`
})

/** Renders a few transcripts of each model. Everything in them is escaped. */
export const transcriptSection = (results: Results): Section => ({
  id: "transcripts",
  title: "Transcripts",
  body: html`
<p>The first examples of each model as generated, at temperature 1.</p>
${results.models.map((model) => html`<details><summary>${model.label}: ${model.examples.length} examples</summary>
${model.examples.map(transcript)}</details>
`)}`
})

const transcript = (example: Example): Markup => html`<div class="transcript">
<small>Prompt</small><pre>${example.prompt}</pre>
<small>Response, final answer <strong class="${example.correct ? "agrees" : "disagrees"}">${example.correct ? "correct" : "wrong"}</strong></small><pre>${example.response}</pre>
</div>
`

/** Renders what the run was and how to repeat it. */
export const configurationSection = (results: Results): Section => {
  const { device, models, preset, seed, task, timings } = results
  const bootstrap = models[0]?.calibration.bootstrap
  return {
    id: "configuration",
    title: "Configuration, seeds and how to reproduce",
    body: html`
${table({
  caption: "Configuration",
  columns: ["Setting", "Value"],
  rows: [
    ["preset", preset],
    ["seed", seed],
    ["device", device ?? "not recorded"],
    ["base of the numerals", task.radix],
    ["trained levels", list(task.trainLevels)],
    ["tested levels", list(task.testLevels)],
    ["problems per level", task.testPerLevel],
    ["attempts allowed", task.cap],
    ["bootstrap", bootstrap === undefined ? "none" : `${bootstrap.rounds} rounds, seed ${bootstrap.seed}`],
    ["format of results.json", results.version]
  ]
})}
${table({
  caption: "Models",
  columns: ["Model", "id", "stage", "start", "trained from", "steps"],
  rows: models.map((model) => [model.label, model.id, model.stage, model.start ?? "–", model.parent ?? "random weights", model.steps])
})}
${timings === undefined ? null : table({
  caption: "Wall time in seconds (the only part of the results that differs between equal runs)",
  columns: ["Stage", "Seconds"],
  rows: Object.entries(timings).map(([stage, seconds]) => [stage, seconds.toFixed(1)])
})}
<h3>To reproduce</h3>
<p>In a clone of the repository: <code>npx decision-sampling reproduce --preset ${preset} --seed ${seed}</code>. The same seed on the same device gives the same
data, rollouts and figures. All numbers of this page are in <code>results.json</code> beside it.</p>`
  }
}
