/**
 * The theory's part of the results: appendix C and figure 1, computed.
 *
 * @module
 */
import type { Figure1Row, Results } from "../../eval/Results.ts"
import { appendixC } from "../../theory/AppendixC.ts"
import { type LogitSeries, simulateDynamics } from "../../theory/Dynamics.ts"

const at = (series: LogitSeries, i: number): Figure1Row["rates"] => ({
  sampleCorrect: series.sampleCorrect[i],
  stopGivenCorrect: series.stopGivenCorrect[i],
  resampleGivenWrong: series.resampleGivenWrong[i]
})

/** Figure 1's run as rows, one a step. */
export const figure1 = (): ReadonlyArray<Figure1Row> => {
  const run = simulateDynamics()
  return run.accuracy.map((accuracy, step) => ({
    step,
    rates: at(run.rates, step),
    accuracy,
    surrogate: at(run.surrogate, step),
    kl: at(run.kl, step),
    net: at(run.net, step),
    surrogateRatio: run.attribution.surrogate[step],
    klRatio: run.attribution.kl[step]
  }))
}

/** What the report shows of the theory. */
export const theoryResults = (): Pick<Results, "appendixC" | "figure1"> => ({ appendixC: appendixC(), figure1: { rows: figure1() } })
