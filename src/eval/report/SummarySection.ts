/**
 * The report's first section: what the run says of the paper's claims.
 *
 * @module
 */
import { html } from "./Html.ts"
import type { Finding, Results } from "../results/Results.ts"
import { list } from "./Words.ts"
import type { Section } from "./Page.ts"

/** Renders the summary. */
export const summarySection = (results: Results): Section => {
  const { models, summary, task } = results
  const tally = (verdict: Finding["verdict"]) => summary.filter((finding) => finding.verdict === verdict).length
  const trained = task.trainLevels.filter((level) => task.testLevels.includes(level))
  return {
    id: "summary",
    title: "What this run says",
    body: html`
<p>${models.length} models were ${
      task.model === undefined
        ? `trained from scratch on multiplication in base ${task.radix}`
        : `made of ${task.model} by training an adapter on multiplication in words`
    } and tested at temperature 1 on
${task.testLevels.length} levels (${list(task.testLevels)}; ${list(trained)} trained, the rest out of distribution),
${task.testPerLevel} problems a level, ${
      task.model === undefined ? `at most ${task.cap} attempts each` : `at most ${task.cap} attempts in one`
    }. Of the ${summary.length} statements below, the run
agrees with ${tally("agrees")}, disagrees with ${tally("disagrees")} and leaves ${
      tally("undecided")
    } undecided. Each verdict follows from the 95 % interval in its sentence: on the claim's side of the threshold it agrees, on the
other side it disagrees, across it is undecided.</p>
<p>${
      task.model === undefined
        ? "These are small models on a small task, trained with one seed. They test"
        : "This is a small language model on a small task, trained with one seed. It tests"
    } the mechanism, not the paper's 7-billion-parameter models.</p>
<ul class="findings">
${
      summary.map((finding) =>
        html`<li><span class="verdict ${finding.verdict}">${finding.verdict}</span><div>
<p><strong>${finding.claim}</strong> <span class="where">${finding.where}</span></p>
<p>${finding.evidence}</p></div></li>
`
      )
    }</ul>`
  }
}
