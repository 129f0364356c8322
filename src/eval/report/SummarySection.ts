/**
 * The report's first screen: what each run changed, what the words mean, and a sentence a finding.
 *
 * @module
 */
import { CHANGED, type runChanges } from "../figures/ChangeFigure.ts"
import type { Finding, Results } from "../results/Results.ts"
import { type Claim, claimsOf } from "../results/Summary.ts"
import { usedOf, usedWords } from "../results/Used.ts"
import { html, type HtmlValue, type Markup } from "./Html.ts"
import type { Section } from "./Page.ts"
import { table, twoLines } from "./Table.ts"
import { terms } from "./Terms.ts"
import { list, points, pointsInterval, UNDEFINED } from "./Words.ts"

/** One paragraph: what was trained, on what it was tested, and how the verdicts come about. */
export const whatWasUsed = ({ models, preset, seed, task }: Results): Markup => {
  const trained = task.trainLevels.filter((level) => task.testLevels.includes(level))
  return html`<p class="lead">Preset <strong>${preset}</strong>, seed ${seed}: ${models.length} models, ${
    task.model === undefined
      ? `transformers trained from scratch on multiplication in base ${task.radix}`
      : `made of ${task.model} by training an adapter on multiplication in words`
  }. Tested at temperature 1 on ${task.testLevels.length} levels (${list(trained)} trained): ${
    usedWords(usedOf(models, task.testLevels), task.testPerLevel)
  }, ${task.model === undefined ? `at most ${task.cap} attempts` : `at most ${task.cap} attempts in a response`}.</p>`
}

const VERDICTS = ["agrees", "disagrees", "undecided"] as const satisfies ReadonlyArray<Finding["verdict"]>

const joined = (items: ReadonlyArray<Markup>): HtmlValue => items.map((item, k) => (k === 0 ? item : html`, ${item}`))

const sentence = (claims: ReadonlyArray<Claim>, name: (id: string) => Markup): Markup => {
  const [first] = claims
  const parts = VERDICTS.flatMap((verdict) => {
    const of = claims.filter((claim) => claim.verdict === verdict)
    return of.length === 0
      ? []
      : [
        html`<span class="verdict ${verdict}">${verdict}</span> ${
          joined(of.map(({ model, number, subject }) =>
            html`<span class="of">${model === undefined ? subject : name(model)} (${
              number === UNDEFINED ? "nothing to measure" : number
            })</span>`
          ))
        }`
      ]
  })
  return html`<strong>${first?.topic}:</strong> ${parts.map((part, k) => (k === 0 ? part : html`; ${part}`))}.`
}

const evidence = ({ evidence: words, subject, verdict, where }: Claim): Markup =>
  html`<p><span class="verdict ${verdict}">${verdict}</span> <strong>${subject}</strong> <span class="where">${where}</span><br>${words}</p>`

/** Renders the first screen. */
export const summarySection = (
  results: Results,
  changes: ReturnType<typeof runChanges>,
  parts: { readonly figure: Markup | null; readonly name: (id: string) => Markup }
): Section => {
  const { comparisons, models, task } = results
  const claims = claimsOf({ models, comparisons, task })
  const topics = Map.groupBy(claims, ({ topic }) => topic)
  const tally = (verdict: Finding["verdict"]) => claims.filter((claim) => claim.verdict === verdict).length
  const { runs, scopes } = changes
  return {
    id: "summary",
    title: "What this run says",
    short: "Summary",
    body: html`
<div class="first">
<div>${parts.figure ?? html`<p>No model of this run started from another one.</p>`}
${
      runs.length === 0 ? null : html`<details><summary>The numbers of this figure</summary>${
        scopes.map((scope, s) =>
          table({
            caption: `Changes on ${scope} levels, points, with 95 % intervals`,
            columns: ["Model", ...CHANGED],
            rows: runs.map(({ changes, from, id }) => [
              twoLines(parts.name(id), `from ${from}`),
              ...changes.map((of) => twoLines(points(of[s]!.value), pointsInterval(of[s]!.interval)))
            ])
          })
        )
      }</details>`
    }
</div>
${terms("run")}
</div>
${
      claims.length === 0 ?
        null :
        html`<h3>The paper's claims, held against this run (changes in points): ${tally("agrees")} agree, ${tally("disagrees")} disagree, ${
          tally("undecided")
        } undecided</h3>
<ul class="sentences">
${
          [...topics.values()].map((of) =>
            html`<li><details><summary>${sentence(of, parts.name)}</summary>${of.map(evidence)}</details></li>
`
          )
        }</ul>
<p class="soft">A verdict follows from a 95 % interval: on the claim's side of its threshold it agrees, on the other side it disagrees, across it is undecided. ${
          task.model === undefined
            ? "Small models on a small task, trained with one seed, test"
            : "A small language model on a small task, trained with one seed, tests"
        } the mechanism, not the paper's 7-billion-parameter models.</p>`
    }`
  }
}
