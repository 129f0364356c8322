/**
 * The policy gradient of a finite process, in the Q form of Lemma 2.
 *
 * ∇J = Σ_s d(s) Σ_a π_S(a|s)·[∇log π_S(a|s)·Q_S(s,a) + Σ_d π_D(d|a)·∇log π_D(d|a)·Q_D(a,d)], with d(s) the discounted
 * visitation of context s and a an answer. For softmax logits ∇log π of a token is 1[token] − π, so each derivative is a
 * conditional mean of Q less the mean it is part of.
 *
 * @module
 */
import type { ProcessPolicy } from "./Process.ts"
import type { ActionValues, ProcessTables } from "./ProcessTables.ts"

/** A derivative by every logit, in the shape of the policy. */
export type ProcessGradient = ProcessPolicy

/** One stage of a process: how often each context is visited at it, discounted, and the Q values there. */
export interface VisitedValues {
  readonly visitation: ReadonlyArray<number>
  readonly q: ActionValues
}

const sum = (values: ReadonlyArray<number>): number => values.reduce((total, value) => total + value, 0)

/** Σ over stages of d(c)·π_S(k|c)·Q(c, k), for every context and answer. */
const weighedSamplingQ = (
  tables: ProcessTables,
  stages: ReadonlyArray<VisitedValues>
): ReadonlyArray<ReadonlyArray<number>> =>
  tables.sampling.map((row, context) =>
    row.map((probability, answer) =>
      sum(stages.map(({ q, visitation }) => visitation[context]! * probability * q.sampling[context]![answer]!))
    )
  )

/** Σ over stages of (visits of answer k)·(Q(k, STOP) − Q(k, RESAMPLE)). */
const weighedStopAdvantage = (tables: ProcessTables, stages: ReadonlyArray<VisitedValues>): ReadonlyArray<number> =>
  tables.stop.map((_, answer) =>
    sum(
      stages.map(({ q, visitation }) => {
        const visits = sum(tables.sampling.map((row, context) => visitation[context]! * row[answer]!))
        return visits * (q.stop[answer]! - q.resample[answer]!)
      })
    )
  )

/**
 * Computes the derivative of Σ_stages Σ_actions d·π·Q by every logit, Q and d held constant (Lemma 2).
 *
 * Stationary processes have one stage; capped ones a stage for each cycle, whose visitation carries γ^{t−1}.
 * Token logit x after prefix u in context c: Σ_{k under u·x} d·π_S(k|c)·Q − π(x|u)·Σ_{k under u} d·π_S(k|c)·Q.
 * STOP logit of answer k: visits(k)·π_D(STOP)·π_D(RESAMPLE)·(Q(k, STOP) − Q(k, RESAMPLE)).
 * Source: this paper, Lemma 2, A.3 and eq. 5.
 */
export const qFormGradient = (tables: ProcessTables, stages: ReadonlyArray<VisitedValues>): ProcessGradient => {
  const stopAdvantage = weighedStopAdvantage(tables, stages)
  return {
    sampling: weighedSamplingQ(tables, stages).map((weighedQ, context) =>
      Object.fromEntries(
        tables.nodes.map(({ answersBelow, prefix }) => {
          const probabilities = tables.tokenProbability[context]!.get(prefix)!
          const taken = answersBelow.map((answers) => sum(answers.map((answer) => weighedQ[answer]!)))
          return [prefix, taken.map((value, token) => value - probabilities[token]! * sum(taken))]
        })
      )
    ),
    decision: stopAdvantage.map((advantage, answer) => tables.stop[answer]! * tables.resample[answer]! * advantage)
  }
}
