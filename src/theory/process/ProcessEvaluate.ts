/**
 * Both exact results of a finite process in the shape of the golden data: with the cap and without.
 *
 * @module
 */
import type { Process } from "./Process.ts"
import { enumerateProcess } from "./ProcessEnumeration.ts"
import type { ProcessGradient } from "./ProcessGradient.ts"
import { solveProcess } from "./ProcessSolve.ts"
import type { ActionValues } from "./ProcessTables.ts"

/** What both kinds of result have in common; see `CappedResults` for the meanings. */
export interface ProcessSummary {
  readonly return: number
  readonly accuracy: number
  readonly expectedCycles: number
  readonly klPenalty: number
  readonly gradReturn: ProcessGradient
  readonly gradKlPenalty: ProcessGradient
}

/** The uncapped summary with its Q tables: `qSampling[c][k]`, `qDecision[k]` = [STOP, RESAMPLE], the KL's likewise. */
export interface StationarySummary extends ProcessSummary {
  readonly qSampling: ReadonlyArray<ReadonlyArray<number>>
  readonly qDecision: ReadonlyArray<readonly [number, number]>
  readonly klQSampling: ReadonlyArray<ReadonlyArray<number>>
  readonly klQDecision: ReadonlyArray<readonly [number, number]>
}

/** A process's results under its id. */
export interface ProcessEvaluation {
  readonly id?: string
  readonly expected: { readonly capped: ProcessSummary; readonly stationary: StationarySummary }
}

const summary = (results: ProcessSummary): ProcessSummary => ({
  return: results.return,
  accuracy: results.accuracy,
  expectedCycles: results.expectedCycles,
  klPenalty: results.klPenalty,
  gradReturn: results.gradReturn,
  gradKlPenalty: results.gradKlPenalty
})

const decisionPairs = (q: ActionValues): ReadonlyArray<readonly [number, number]> =>
  q.stop.map((stop, answer) => [stop, q.resample[answer]!])

/**
 * Computes a process with and without its cap; plain data for `JSON.stringify`.
 *
 * `enumerateProcess` and `solveProcess` give the same with visitation and values. Errors: as `solveProcess`.
 */
export const evaluateProcess = (process: Process): ProcessEvaluation => {
  const stationary = solveProcess(process)
  return {
    ...(process.id === undefined ? {} : { id: process.id }),
    expected: {
      capped: summary(enumerateProcess(process)),
      stationary: {
        ...summary(stationary),
        qSampling: stationary.returnValues.q.sampling,
        qDecision: decisionPairs(stationary.returnValues.q),
        klQSampling: stationary.klValues.q.sampling,
        klQDecision: decisionPairs(stationary.klValues.q)
      }
    }
  }
}
