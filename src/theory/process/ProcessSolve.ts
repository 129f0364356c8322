/**
 * Exact results of a finite process without a cap on its cycles, by a linear solve over its contexts.
 *
 * Contexts are the query and each answer before; going from one to another takes a RESAMPLE. V and the visitation solve
 * systems with the same (n + 1)-dimensional matrix I − γM, M(c, k + 1) = π_S(k|c)·π_D(RESAMPLE|k).
 *
 * @module
 */
import type { Process } from "./Process.ts"
import { bellmanBackup, type CycleValues } from "./ProcessBellman.ts"
import { type ProcessGradient, qFormGradient } from "./ProcessGradient.ts"
import { reduceChain, type ReducedChain } from "./ProcessLinearSolve.ts"
import { type ActionValues, cycleTerms, klTerms, meanOverAnswers, type ProcessTables, processTables, returnTerms } from "./ProcessTables.ts"

/**
 * Results of an uncapped process. `visitation[c]` = Σ_t γ^{t−1}·Pr(cycle t happens, in context c).
 *
 * The other fields are as in `CappedResults`; Q and V are the same at every cycle.
 */
export interface StationaryResults {
  readonly return: number
  readonly accuracy: number
  readonly expectedCycles: number
  readonly klPenalty: number
  readonly gradReturn: ProcessGradient
  readonly gradKlPenalty: ProcessGradient
  readonly visitation: ReadonlyArray<number>
  readonly returnValues: CycleValues
  readonly klValues: CycleValues
}

/**
 * Reduces the chain of contexts, I − γM, so that values and visitations of a process are solved with it.
 *
 * γ = 1 counts visits. Errors: `OutOfRange` where STOP has probability 0 in float64 (logits below about −700) so that a
 * context is never left. Source: this paper, A.3.1 (visitation recursion, solved).
 */
export const contextChain = (tables: ProcessTables, gamma: number): ReducedChain => {
  const goesOn = tables.resample.map((resample) => gamma * resample)
  const leaves = tables.stop.map((stop, answer) => stop + (1 - gamma) * tables.resample[answer]!)
  return reduceChain(
    tables.sampling.map((row) => [0, ...row.map((probability, answer) => probability * goesOn[answer]!)]),
    tables.sampling.map((_, context) => meanOverAnswers(tables, context, (answer) => leaves[answer]!))
  )
}

/**
 * Computes the discounted visitation of every context from the query: d = e_qᵀ·(I − γM)⁻¹.
 *
 * Shape: [n + 1]. `chain` is `contextChain(tables, gamma)`; it brings the discount along. Source: this paper, A.3.1.
 */
export const visitationFromQuery = (chain: ReducedChain): ReadonlyArray<number> =>
  Array.from(chain.visits(Array.from({ length: chain.states }, (_, context) => (context === 0 ? 1 : 0))))

/**
 * Computes V of given immediate terms in every context: V = (I − γM)⁻¹·(expected terms of one cycle).
 *
 * `chain` is `contextChain(tables, gamma)`; it brings the discount along. Source: this paper, remark of section 3.2.
 */
export const contextValues = (tables: ProcessTables, terms: ActionValues, chain: ReducedChain): ReadonlyArray<number> => {
  const oneCycle = tables.sampling.map((_, context) =>
    meanOverAnswers(
      tables,
      context,
      (answer) =>
        terms.sampling[context]![answer]! +
        tables.stop[answer]! * terms.stop[answer]! +
        tables.resample[answer]! * terms.resample[answer]!
    )
  )
  return Array.from(solveSigned(chain, oneCycle))
}

// Terms of both signs are solved apart, so that each solve only adds.
const solveSigned = (chain: ReducedChain, rightSide: ReadonlyArray<number>): Float64Array => {
  const gains = chain.solve(rightSide.map((value) => Math.max(value, 0)))
  const losses = chain.solve(rightSide.map((value) => Math.max(-value, 0)))
  return gains.map((value, context) => value - losses[context]!)
}

/**
 * Computes everything about a process without a cap, exactly.
 *
 * Gradients by the Q form of Lemma 2 with the stationary visitation. Domain: a process as `parseProcess` gives it.
 * Errors: as `contextChain`. Source: this paper, Lemma 2, Theorem 3.2, A.3 and A.5.
 */
export const solveProcess = (process: Process): StationaryResults => {
  const { gamma } = process
  const tables = processTables(process)
  const discounted = contextChain(tables, gamma)
  const counted = gamma === 1 ? discounted : contextChain(tables, 1)
  const visitation = visitationFromQuery(discounted)
  const valuesOf = (terms: ActionValues): CycleValues => {
    const values = contextValues(tables, terms, discounted)
    return { q: bellmanBackup(tables, terms, gamma, values), values }
  }
  const returnValues = valuesOf(returnTerms(tables))
  const klValues = valuesOf(klTerms(tables))
  return {
    return: returnValues.values[0]!,
    accuracy: contextValues(tables, returnTerms(tables), counted)[0]!,
    expectedCycles: contextValues(tables, cycleTerms(tables), counted)[0]!,
    klPenalty: klValues.values[0]!,
    gradReturn: qFormGradient(tables, [{ visitation, q: returnValues.q }]),
    gradKlPenalty: qFormGradient(tables, [{ visitation, q: klValues.q }]),
    visitation,
    returnValues,
    klValues
  }
}
