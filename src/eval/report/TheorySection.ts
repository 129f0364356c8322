/**
 * The report's theory: figure 1 and appendix C, computed.
 *
 * @module
 */
import { html, type Markup } from "./Html.ts"
import type { Results } from "../results/Results.ts"
import { fixed } from "./Words.ts"
import type { Section } from "./Page.ts"
import { table, twoLines } from "./Table.ts"

const parameterNames = { s: "θ_S", stopGivenCorrect: "θ_C", resampleGivenWrong: "θ_W" } as const
const actionNames = { SAMPLE_CORRECT: "sample, correct", SAMPLE_WRONG: "sample, wrong", STOP: "STOP", RESAMPLE: "RESAMPLE" } as const

/** Renders figure 1 and appendix C. */
export const theorySection = (results: Results, dynamics: Markup): Section => {
  const { appendixC, figure1: { options } } = results
  const pair = (computed: number, printed: number) => twoLines(fixed(computed, 4), `printed ${fixed(printed, 4)}`)
  return {
    id: "theory",
    title: "The theory, computed",
    short: "Theory",
    body: html`
<details><summary>Figure 1: the minimal model trained</summary>
<p>The paper's minimal model has three logits: θ_S sets P(correct), θ_C sets P(STOP | correct), θ_W sets P(RESAMPLE | wrong). It climbs the exact
expected gradient of surrogate reward minus β · KL${
      options === undefined
        ? null
        : ` (L = ${options.answerLength} tokens an answer, β = ${options.beta}, learning rate ${options.learningRate})`
    };
dotted lines mark where the reference is replaced by the policy, which makes the cycles. The last panel holds the paper's claim: the ratio stays near 1 for the surrogate and above 2 for the KL penalty. The paper does not print its settings.</p>
${dynamics}
</details>
<details><summary>Appendix C, computed against printed: the largest difference is ${fixed(appendixC.largestDifference, 4)}</summary>
<p>One trajectory (wrong, RESAMPLE, correct, STOP) of answers with 8 tokens each. The largest distance between a computed and a printed figure is
${fixed(appendixC.largestDifference, 4)}: the paper rounded the log-ratios before it multiplied them by the length.</p>
${
      table({
        caption: "Q values of the KL penalty, last action first, and what each action contributes",
        columns: ["Step and action", "r", "future", "Q", "parameter", "contribution"],
        rows: appendixC.steps.map((row) => [
          `${row.step} ${actionNames[row.action]}`,
          pair(row.r, row.printed.r),
          pair(row.future, row.printed.future),
          pair(row.q, row.printed.q),
          parameterNames[row.parameter],
          pair(row.contribution, row.printed.contribution)
        ])
      })
    }
${
      table({
        caption: "Update of each parameter on that trajectory, and the exact expectation over all trajectories",
        columns: ["Parameter", "reward push", "KL drag", "net", "expected push", "expected drag", "expected net"],
        rows: appendixC.update.map((row, k) => {
          const expected = appendixC.expectation.update[k]!
          return [
            parameterNames[row.parameter],
            pair(row.reward, row.printed.reward),
            pair(row.kl, row.printed.kl),
            pair(row.net, row.printed.net),
            fixed(expected.reward, 4),
            fixed(expected.kl, 4),
            fixed(expected.net, 4)
          ]
        })
      })
    }
${
      table({
        caption: "The appendix's claims about sizes: on its one trajectory, and in expectation",
        columns: ["Claim", "from the printed figures", "computed", "in expectation"],
        rows: appendixC.claims.map((claim) => [
          claim.statement,
          fixed(claim.printed, 2),
          twoLines(fixed(claim.value, 2), claim.holds ? "holds" : "does not hold"),
          twoLines(fixed(claim.inExpectation, 2), claim.holdsInExpectation ? "holds" : "does not hold")
        ])
      })
    }
</details>`
  }
}
