/**
 * The theory's part of the results: appendix C and figure 1, computed.
 *
 * @module
 */
import type { Figure1, Figure1Row, Results } from "../../eval/results/Results.ts"
import { appendixC } from "../../theory/illustration/AppendixC.ts"
import { FIGURE_1, type LogitSeries, simulateDynamics } from "../../theory/illustration/Dynamics.ts"

const at = (series: LogitSeries, i: number): Figure1Row["rates"] => ({
  sampleCorrect: series.sampleCorrect[i]!,
  stopGivenCorrect: series.stopGivenCorrect[i]!,
  resampleGivenWrong: series.resampleGivenWrong[i]!
})

/** Figure 1's run with its settings, one row a step. */
export const figure1 = (): Figure1 => {
  const run = simulateDynamics(FIGURE_1)
  const { answerLength, beta, learningRate, refreshEvery } = FIGURE_1
  return {
    options: { answerLength, beta, learningRate, refreshEvery },
    rows: run.accuracy.map((accuracy, step) => ({
      step,
      rates: at(run.rates, step),
      accuracy,
      surrogate: at(run.surrogate, step),
      kl: at(run.kl, step),
      net: at(run.net, step),
      surrogateRatio: run.attribution.surrogate[step]!,
      klRatio: run.attribution.kl[step]!
    }))
  }
}

/** What the report shows of the theory. */
export const theoryResults = (): Pick<Results, "appendixC" | "figure1"> => ({ appendixC: appendixC(), figure1: figure1() })
