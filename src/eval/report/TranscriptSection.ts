/**
 * The report's examples: what the models wrote.
 *
 * @module
 */
import { html, type Markup } from "./Html.ts"
import type { Example, Results } from "../results/Results.ts"
import type { Section } from "./Page.ts"

/** Renders a few transcripts of each model. Everything in them is escaped. */
export const transcriptSection = (results: Results): Section => ({
  id: "transcripts",
  title: "Transcripts",
  body: html`
<p>The first examples of each model as generated, at temperature 1.</p>
${
    results.models.map((model) =>
      html`<details><summary>${model.label}: ${model.examples.length} examples</summary>
${model.examples.map(transcript)}</details>
`
    )
  }`
})

const transcript = (example: Example): Markup =>
  html`<div class="transcript">
<small>Prompt</small><pre>${example.prompt}</pre>
<small>Response, final answer <strong class="${example.correct ? "agrees" : "disagrees"}">${
    example.correct ? "correct" : "wrong"
  }</strong></small><pre>${example.response}</pre>
</div>
`
