/**
 * Sections of the page about several seeds: accuracy, rates before and after, predictions, the verifier, the gradient's split.
 *
 * @module
 */
import type { AcrossSeeds, SeedsModel, Spread } from "../results/AcrossSeeds.ts"
import { html, type HtmlValue, type Markup } from "./Html.ts"
import { fixed, percent, percentInterval, points, pointsInterval, UNDEFINED } from "./Words.ts"
import type { Section } from "./Page.ts"
import { table, twoLines } from "./Table.ts"

const share = ({ interval, mean }: Spread): HtmlValue => (mean === null ? UNDEFINED : twoLines(percent(mean), percentInterval(interval)))
const change = ({ interval, mean }: Spread): HtmlValue => (mean === null ? UNDEFINED : twoLines(points(mean), pointsInterval(interval)))
const number = (digits: number) => ({ interval, mean }: Spread): HtmlValue =>
  mean === null
    ? UNDEFINED
    : twoLines(fixed(mean, digits), interval === null ? "no interval" : `${fixed(interval[0], digits)} to ${fixed(interval[1], digits)}`)

const scopeOf = (model: SeedsModel, scope: string) => model.scopes.find((row) => row.scope === scope)

/** Table 1's form: accuracy by level, mean over seeds. */
export const seedsAccuracySection = (
  report: AcrossSeeds,
  { figure, name }: { readonly figure: Markup; readonly name: (id: string) => Markup }
): Section => ({
  id: "accuracy",
  title: "Accuracy by level",
  body: html`
<p>The form of the paper's table 1: means over seeds, with the 95 % interval of the mean from the seeds' own spread (Student's t).</p>
${figure}
<details><summary>As a table</summary>
${
    table({
      caption: `Accuracy, ${report.seeds.length} seeds`,
      columns: [
        "Model",
        ...report.task.testLevels.map((level) =>
          html`${level}${report.task.trainLevels.includes(level) ? html`<small>trained</small>` : null}`
        )
      ],
      rows: report.seedModels.map((model) => [
        name(model.id),
        ...report.task.testLevels.map((level) => {
          const row = scopeOf(model, level)
          return row === undefined ? UNDEFINED : share(row.accuracy)
        })
      ])
    })
  }
</details>`
})

const SCOPES = ["trained", "unseen"] as const

/** p_S, p_D|C and p_D|W of every model, with the change against its start, on trained and on unseen levels. */
export const seedsRatesSection = (
  report: AcrossSeeds,
  { changes, name, rates }: {
    readonly rates: ReadonlyArray<Markup>
    readonly changes: ReadonlyArray<Markup>
    readonly name: (id: string) => Markup
  }
): Section => ({
  id: "rates",
  title: "Rates, and what each run changed",
  body: html`
<p>p_S, p_D|C and p_D|W, and their change against the model that a run started from, in percentage points.</p>
<details><summary>Rates by level, the form of the paper's figures 2 and 3</summary><div class="figures">${rates}</div></details>
<details><summary>What every run of reinforcement learning changed, variants among them</summary>${changes}</details>
${
    SCOPES.map((scope) =>
      html`<details><summary>All numbers, ${scope} levels pooled</summary>${
        table({
          caption: `${scope === "trained" ? "Trained" : "Unseen"} levels pooled`,
          columns: [
            "Model",
            "accuracy",
            "p_S",
            "p_D|C",
            "p_D|W",
            "change: accuracy",
            "of p_S",
            "of p_D|C",
            "of p_D|W",
            "Shapley: sampling",
            "decision"
          ],
          rows: report.seedModels.flatMap((model) => {
            const row = scopeOf(model, scope)
            if (row === undefined) return []
            const changed = model.change?.find((other) => other.scope === scope)
            return [[
              name(model.id),
              share(row.accuracy),
              share(row.pSample),
              share(row.pStopGivenCorrect),
              share(row.pResampleGivenWrong),
              ...(changed === undefined
                ? Array.from({ length: 6 }, () => UNDEFINED)
                : [
                  changed.observed,
                  changed.pSample,
                  changed.pStopGivenCorrect,
                  changed.pResampleGivenWrong,
                  changed.sampling,
                  changed.decision
                ].map(change))
            ]]
          })
        })
      }</details>
`
    )
  }`
})

/** Predicted minus observed accuracy of the three forms of the formula. */
export const seedsPredictionSection = (report: AcrossSeeds, name: (id: string) => Markup): Section => ({
  id: "predictions",
  title: "Predicted against observed accuracy",
  body: html`
<p>Predicted minus observed accuracy, in percentage points: the paper's formula, the same with the cap, and with the cap and p_S by attempt.</p>
<details><summary>The gaps of every model</summary>
${
    table({
      caption: "Gap of each form, trained and unseen levels pooled",
      columns: [
        "Model",
        ...SCOPES.flatMap((scope) => ["formula", "capped", "by attempt"].map((form) => html`${form}<small>${scope}</small>`))
      ],
      rows: report.seedModels.map((model) => [
        name(model.id),
        ...SCOPES.flatMap((scope) => {
          const row = scopeOf(model, scope)
          return row === undefined ? [UNDEFINED, UNDEFINED, UNDEFINED] : [row.gap, row.gapCapped, row.gapByAttempt].map(change)
        })
      ])
    })
  }
</details>`
})

/** The latent verifier of each base, and what reinforcement learning from the blind start made of the rates. */
export const verifierSection = ({ verifier }: AcrossSeeds, figure: Markup): Section => ({
  id: "verifier",
  title: "The verifier in the base",
  body: html`
<p>A base model's verdict tokens, judged on its own first answers, against the change that GRPO from its echo start made.</p>
${figure}
<details><summary>As a table</summary>
${
    table({
      caption: "Base models",
      columns: ["Base", "seed", "levels", "P(OK | right)", "P(BAD | wrong)", "balanced", "change of p_S", "of p_D|C", "of p_D|W"],
      rows: verifier.map((point) => [
        point.base,
        point.seed,
        point.scope,
        percent(point.acceptsRight),
        percent(point.rejectsWrong),
        percent(point.balancedAccuracy),
        points(point.change.pSample),
        points(point.change.pStopGivenCorrect),
        points(point.change.pResampleGivenWrong)
      ])
    })
  }
</details>`
})

/** How the gradient splits between the two policies, by part of the objective. */
export const splitSection = (report: AcrossSeeds, name: (id: string) => Markup): Section => ({
  id: "gradients",
  title: "How the gradient splits",
  body: html`
<p>‖g_S‖ : ‖g_D‖ of each part of an objective, whole and per token, and the cosine between the two: the median over a run's measurements (from the second on), mean over seeds.</p>
<details><summary>The split of every run</summary>
${
    table({
      caption: "Split of the gradient",
      columns: ["Run", "part", "S : D", "per token", "cosine"],
      rows: report.splits.map(({ cosine, model, part, ratio, ratioPerToken }) => [
        name(model),
        part,
        number(2)(ratio),
        number(2)(ratioPerToken),
        number(3)(cosine)
      ])
    })
  }
</details>`
})
