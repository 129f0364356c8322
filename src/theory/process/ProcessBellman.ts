/**
 * Bellman's equations of a finite process, for any immediate terms.
 *
 * @module
 */
import type { ActionValues, ProcessTables } from "./ProcessTables.ts"

/** Q and V at one cycle: `values[c]` = V(c), the expected discounted terms from context c on. */
export interface CycleValues {
  readonly q: ActionValues
  readonly values: ReadonlyArray<number>
}

/**
 * Computes Q from the values of the next cycle by one application of Bellman's equations.
 *
 * Q_D(k, STOP) = r(k, STOP); Q_D(k, RESAMPLE) = r(k, RESAMPLE) + γ·V'(k + 1); Q_S(c, k) = r(c, k) + Σ_d π_D(d|k)·Q_D(k, d).
 * `terms` are the immediate terms r, `nextValues` [n + 1] the V'. Source: this paper, A.3; eq. 12-14 for the KL penalty.
 */
export const bellmanBackup = (
  tables: ProcessTables,
  terms: ActionValues,
  gamma: number,
  nextValues: ReadonlyArray<number>
): ActionValues => {
  const resample = terms.resample.map((term, answer) => term + gamma * nextValues[answer + 1]!)
  const decided = terms.stop.map(
    (term, answer) => tables.stop[answer]! * term + tables.resample[answer]! * resample[answer]!
  )
  return {
    sampling: terms.sampling.map((row) => row.map((term, answer) => term + decided[answer]!)),
    stop: terms.stop,
    resample
  }
}
