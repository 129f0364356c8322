/**
 * The page's attribution of a rollouts file: figure, sizes and shares, verdicts with their evidence.
 *
 * @module
 */
import { html, type Markup } from "./Html.ts"
import type { Section } from "./Page.ts"
import { table, twoLines } from "./Table.ts"
import { percent, UNDEFINED } from "./Words.ts"
import type { AttributionReport, ObjectiveReport, VerdictReport } from "../attribute/AttributionReport.ts"

const short = (
  value: number | null | undefined
): string => (value === null || value === undefined ? UNDEFINED : value.toPrecision(3).replace("-", "−"))

/** "unbalanced towards sampling"; "none" where all weights are 0. */
const verdictWords = ({ towards, verdict }: VerdictReport): string => (towards === null ? verdict : `${verdict} towards ${towards}`)

const sizes = (label: string, objectives: ReadonlyArray<ObjectiveReport>): Markup =>
  table({
    caption: `Immediate terms and weights of ${label}: means of |·| over actions and tokens`,
    columns: [
      "Objective",
      "rows",
      "|r_S| an answer",
      "|r_D| a decision",
      "|r_S| a token",
      "|r_D| a token",
      "growth of |r_S|",
      "π_D of Σ|r|",
      "π_D of Σ|weight|"
    ],
    rows: objectives.map(({ growthExponent, immediate, meaning, name, rows, scoreWeights }) => [
      twoLines(name, meaning),
      rows,
      short(immediate?.sampling.perAction),
      short(immediate?.decision.perAction),
      short(immediate?.sampling.perToken),
      short(immediate?.decision.perToken),
      growthExponent === null ? UNDEFINED : `L^${short(growthExponent)}`,
      percent(immediate?.decisionShare ?? null),
      percent(scoreWeights?.decisionShare ?? null)
    ])
  })

const shares = (label: string, objectives: ReadonlyArray<ObjectiveReport>): Markup =>
  table({
    caption: `π_D's share of the weight of ${label} under each aggregation`,
    columns: ["Objective", ...(objectives[0]?.aggregation.map(({ mode }) => mode) ?? [])],
    rows: objectives.map(({ aggregation, name }) => [name, ...aggregation.map(({ decisionShare }) => percent(decisionShare))])
  })

const byPart = (label: string, objectives: ReadonlyArray<ObjectiveReport>): Markup | null =>
  objectives.every(({ parts }) => parts === undefined) ? null : table({
    caption: `Sub-policies of ${label}: means of |r|, shares of Σ|r| and Σ|weight|, and the verdict beside the decisions`,
    columns: ["Objective", "sub-policy", "|r| an action", "|r| a token", "of Σ|r|", "of Σ|weight|", "verdict"],
    rows: objectives.flatMap(({ name, parts = {} }) =>
      Object.entries(parts).map(([part, { immediate, immediateShare, scoreWeightShare, verdict }]) => [
        name,
        part,
        short(immediate.perAction),
        short(immediate.perToken),
        percent(immediateShare),
        percent(scoreWeightShare),
        verdict === null ? UNDEFINED : verdictWords(verdict)
      ])
    )
  })

/** Renders the attribution of one file. */
export const attributionFileSection = (
  file: { readonly id: string; readonly label: string; readonly report: AttributionReport; readonly figure: Markup }
): Section => {
  const { figure, id, label, report } = file
  const objectives = report.objectives.filter(({ rows }) => rows > 0)
  const [firstBad] = report.badRows
  return {
    id,
    title: `Attribution: ${label}`,
    body: html`
<p>${report.rows} rollouts, γ = ${report.settings.gamma}, β = ${report.settings.beta}, c = ${report.settings.constant}. An objective of the reward gives every token the
weight γ^(t−1)·Q of ∇log π, one of the loss the derivative of the token's own term. Of ${report.rows} rollouts ${report.advantages.advantage} had an advantage;
in ${report.advantages.score} the score stands for it.</p>
${figure}
${sizes(label, objectives)}
${shares(label, objectives)}
${byPart(label, objectives)}
<ul class="findings">${
      objectives.flatMap(({ name, undefinedBecause, verdict }) => (verdict === null
        ? undefinedBecause === undefined
          ? []
          : [
            html`<li><span class="verdict">undefined</span><div><p><strong>${name}</strong></p><p>Because ${undefinedBecause}.</p></div></li>`
          ]
        : [
          html`<li><span class="verdict">${verdictWords(verdict)}</span><div><p><strong>${name}</strong></p><p>${
            verdict.evidence.map((sentence) => `${sentence}.`).join(" ")
          }</p></div></li>`
        ])
      )
    }</ul>
${
      firstBad === undefined
        ? null
        : html`<p>${report.badRows.length} lines could not be read; the first is line ${firstBad.line}: ${firstBad.reason}</p>`
    }`
  }
}
