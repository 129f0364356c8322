/**
 * Exact results of a finite process with a cap on its cycles, by recursion over the cycles.
 *
 * A RESAMPLE in cycle `maxCycles` ends the episode with reward 0; its probability and its penalty count.
 *
 * @module
 */
import type { Process } from "./Process.ts"
import { bellmanBackup, type CycleValues } from "./ProcessBellman.ts"
import { type ProcessGradient, qFormGradient, type VisitedValues } from "./ProcessGradient.ts"
import { type ActionValues, cycleTerms, klTerms, meanOverAnswers, type ProcessTables, processTables, returnTerms } from "./ProcessTables.ts"

/**
 * Results of a capped process. Cycles are 0-based: `visitation[t][c]` = γ^t·Pr(cycle t happens, in context c).
 *
 * `return` = E[γ^{T−1}·R]; `accuracy` = Pr(stops on a correct answer); `klPenalty` = −β·E[Σ_t γ^{t−1}·log-ratios];
 * `gradReturn`, `gradKlPenalty` their derivatives by every logit of the policy.
 */
export interface CappedResults {
  readonly return: number
  readonly accuracy: number
  readonly expectedCycles: number
  readonly klPenalty: number
  readonly gradReturn: ProcessGradient
  readonly gradKlPenalty: ProcessGradient
  readonly visitation: ReadonlyArray<ReadonlyArray<number>>
  readonly returnValues: ReadonlyArray<CycleValues>
  readonly klValues: ReadonlyArray<CycleValues>
}

/**
 * Computes Q and V of given immediate terms at every cycle, from the last backwards.
 *
 * Q_D(k, STOP) = r(k, STOP); Q_D(k, RESAMPLE) = r(k, RESAMPLE) + γ·V'(k + 1), V' the next cycle's value, 0 after the last;
 * Q_S(c, k) = r(c, k) + Σ_d π_D(d|k)·Q_D(k, d); V(c) = Σ_k π_S(k|c)·Q_S(c, k). Takes O(maxCycles·n²).
 * Source: this paper, A.3 (Bellman equations), with a horizon.
 */
export const cappedValues = (tables: ProcessTables, terms: ActionValues, gamma: number): ReadonlyArray<CycleValues> => {
  const cycles: Array<CycleValues> = []
  let next: ReadonlyArray<number> = tables.sampling.map(() => 0)
  for (let cycle = 0; cycle < tables.process.maxCycles; cycle++) {
    const q = bellmanBackup(tables, terms, gamma, next)
    next = tables.sampling.map((_, context) => meanOverAnswers(tables, context, (answer) => q.sampling[context]![answer]!))
    cycles.push({ q, values: next })
  }
  return cycles.toReversed()
}

/**
 * Computes γ^t·Pr(cycle t happens, in context c) for every cycle t, from the first forwards.
 *
 * The first cycle is in context 0; cycle t + 1 is in context k + 1 with γ·Σ_c d_t(c)·π_S(k|c)·π_D(RESAMPLE|k).
 * Source: this paper, A.3.1.
 */
export const cappedVisitation = (tables: ProcessTables, gamma: number): ReadonlyArray<ReadonlyArray<number>> => {
  let next: ReadonlyArray<number> = tables.sampling.map((_, context) => (context === 0 ? 1 : 0))
  const cycles = [next]
  while (cycles.length < tables.process.maxCycles) {
    const visits = next
    const resampled = tables.resample.map((resample, answer) => {
      const sampled = tables.sampling.reduce((sum, row, context) => sum + visits[context]! * row[answer]!, 0)
      return gamma * resample * sampled
    })
    next = [0, ...resampled]
    cycles.push(next)
  }
  return cycles
}

/**
 * Computes everything about a process capped at its `maxCycles`, exactly.
 *
 * Gradients by the Q form of Lemma 2 over the cycles. Domain: a process as `parseProcess` gives it.
 * Source: this paper, Lemma 2, Theorem 3.2, A.3 and A.5.
 */
export const enumerateProcess = (process: Process): CappedResults => {
  const { gamma } = process
  const tables = processTables(process)
  const visitation = cappedVisitation(tables, gamma)
  const returnValues = cappedValues(tables, returnTerms(tables), gamma)
  const klValues = cappedValues(tables, klTerms(tables), gamma)
  const stages = (cycles: ReadonlyArray<CycleValues>): ReadonlyArray<VisitedValues> =>
    cycles.map(({ q }, cycle) => ({ q, visitation: visitation[cycle]! }))
  const atQuery = (cycles: ReadonlyArray<CycleValues>): number => cycles[0]!.values[0]!
  return {
    return: atQuery(returnValues),
    accuracy: atQuery(cappedValues(tables, returnTerms(tables), 1)),
    expectedCycles: atQuery(cappedValues(tables, cycleTerms(tables), 1)),
    klPenalty: atQuery(klValues),
    gradReturn: qFormGradient(tables, stages(returnValues)),
    gradKlPenalty: qFormGradient(tables, stages(klValues)),
    visitation,
    returnValues,
    klValues
  }
}
