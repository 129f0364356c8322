/**
 * The report's examples: what the models wrote, as it was read.
 *
 * @module
 */
import type { Example, ModelResult, Results } from "../results/Results.ts"
import type { TranscriptRow } from "../transcripts/Grade.ts"
import { defaultReader } from "../transcripts/Reader.ts"
import { SIGNS } from "../transcripts/rows/AttemptWords.ts"
import { html, type Markup } from "./Html.ts"
import { type Marked, markedTranscript } from "./MarkedTranscript.ts"
import { productIn } from "./Numerals.ts"
import type { Section } from "./Page.ts"

/** How marks are to be read; a sentence over transcripts. */
export const marksExplained = html`Attempts take turns in their ground; answers are marked <mark class="candidate right">right<span
class="sign" aria-hidden="true">✓</span></mark> or <mark class="candidate wrong">wrong<span class="sign" aria-hidden="true">✗</span></mark>, the words that take one back are
<u class="marker">underlined</u>, and below each attempt stands what was decided on it. In the row of signs: ${SIGNS}.`

// What the prompt asks for decides; where that cannot be read, the run's own verdict does.
const marked = (model: ModelResult, radix: number) => (example: Example, k: number): Markup => {
  const product = productIn(example.prompt, radix)
  const row: TranscriptRow = {
    id: `${model.id}-${k + 1}`,
    prompt: example.prompt,
    response: example.response,
    ...(product === undefined ? { score: example.correct ? 1 : 0 } : { answer: product.value })
  }
  return markedTranscript({
    row,
    radix,
    reader: product === undefined ? { ...defaultReader, isScored: true } : defaultReader,
    title: `Example ${k + 1}: final answer ${example.correct ? "correct" : "wrong"}`
  })
}

/** Renders a few transcripts of each model. Everything in them is escaped. */
export const transcriptSection = (results: Results, name: (id: string) => Markup): Section => ({
  id: "transcripts",
  title: "Transcripts",
  body: html`
<p>The first examples of each model as generated, at temperature 1. ${marksExplained}${
    results.task.radix === 10
      ? null
      : ` Numerals are in base ${results.task.radix}, most significant digit first; what they are in decimal stands below each prompt.`
  }</p>
${
    results.models.map((model) =>
      html`<details><summary>${name(model.id)} <span class="soft">${model.examples.length} examples</span></summary>
${model.examples.map(marked(model, results.task.radix))}</details>
`
    )
  }`
})

/** Renders transcripts of anybody's model, as they were read. */
export const markedSection = (transcripts: ReadonlyArray<Marked>): Section => ({
  id: "transcripts",
  title: "Transcripts",
  body: html`
<p>${
    transcripts.length === 0
      ? "None could be read again: what comes from standard input is gone when it has been counted."
      : html`The first response of each kind that was found, as it was read. ${marksExplained}`
  }</p>
${
    transcripts.map((marked) =>
      html`<details open><summary>${marked.kind ?? marked.title}</summary>${markedTranscript(marked)}</details>
`
    )
  }`
})
