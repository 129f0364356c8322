/**
 * The comparison of objectives in appendix D.4, computed cell by cell from an objective's Q.
 *
 * Nothing is written down: an objective is a function from a trajectory to a table of Q, and each property is found by changing the
 * trajectory and looking at what Q does.
 *
 * @module
 */
import { attribution, sufficientStatistic, type Verdict, weighedCycles } from "./Attribution.ts"
import type { QTable } from "./QTable.ts"
import type { ScoredAttempt, ScoredTrajectory } from "./ScoredTrajectory.ts"
import { TheoryError } from "./TheoryError.ts"

/** An objective as the table sees it: its Q on a trajectory. */
export interface Terms {
  readonly qValues: (trajectory: ScoredTrajectory) => QTable
}

/**
 * One column of the table.
 *
 * `futureLengths`: does Q_D change when a later answer gets a token more? `"constant"` if by the same amount for every
 * probability of that token, `"weighted"` if the amount depends on it, `"none"` if not at all. `verdict` is that of `attribution` with an
 * answer weighed as one action, as eq. 5 does; other than the cells before it, it depends on how many attempts the trajectories have.
 */
export interface Properties {
  readonly samplingDependsOnPolicy: boolean
  readonly decisionDependsOnPolicy: boolean
  readonly futureLengths: "none" | "constant" | "weighted"
  readonly oneStatistic: boolean
  readonly verdict: Verdict["verdict"]
}

const mapLogProbs = (trajectory: ScoredTrajectory, change: (logProb: number) => number): ScoredTrajectory => ({
  attempts: trajectory.attempts.map((attempt) => ({
    ...attempt,
    tokenLogProbs: attempt.tokenLogProbs.map(change),
    decisionLogProb: change(attempt.decisionLogProb)
  }))
})

const appendToken = (trajectory: ScoredTrajectory, cycle: number, logProb: number): ScoredTrajectory => {
  const lengthen = (attempt: ScoredAttempt): ScoredAttempt => ({
    ...attempt,
    tokenLogProbs: [...attempt.tokenLogProbs, logProb],
    ...(attempt.referenceTokenLogProbs === undefined
      ? {}
      : { referenceTokenLogProbs: [...attempt.referenceTokenLogProbs, Math.log(0.5)] })
  })
  return { attempts: trajectory.attempts.map((attempt, at) => (at === cycle ? lengthen(attempt) : attempt)) }
}

const differs = (left: number, right: number): boolean => Math.abs(left - right) > 1e-9 * Math.max(1, Math.abs(left), Math.abs(right))

const anyDiffers = (left: ReadonlyArray<number>, right: ReadonlyArray<number>): boolean =>
  left.some((value, index) => differs(value, right[index]!))

/** Looks at every decision before the last answer; the last answer gets a token of probability ¾, then one of ¼. */
const futureLengthsOf = (terms: Terms, trajectories: ReadonlyArray<ScoredTrajectory>): Properties["futureLengths"] => {
  const effects = trajectories.flatMap((trajectory) => {
    const last = trajectory.attempts.length - 1
    const earlier = (changed: ScoredTrajectory) => terms.qValues(changed).decision.slice(0, last)
    const before = earlier(trajectory)
    const likely = earlier(appendToken(trajectory, last, Math.log(0.75)))
    const unlikely = earlier(appendToken(trajectory, last, Math.log(0.25)))
    return before.map((q, cycle) => ({ likely: likely[cycle]! - q, unlikely: unlikely[cycle]! - q }))
  })
  if (effects.some(({ likely, unlikely }) => differs(likely, unlikely))) return "weighted"
  return effects.some(({ likely }) => differs(likely, 0)) ? "constant" : "none"
}

/**
 * Computes an objective's column of the table from trajectories.
 *
 * Policy dependence is looked for by halving every log-probability (each probability becomes its root). Give trajectories with two
 * attempts or more and several lengths: what is never varied cannot be seen. Use γ > 0: at 0 no decision sees a later answer.
 *
 * Errors: `EmptyGroup` unless some trajectory has two attempts. Source: this paper, appendix D.4.
 */
export const properties = (terms: Terms, trajectories: ReadonlyArray<ScoredTrajectory>): Properties => {
  if (!trajectories.some(({ attempts }) => attempts.length > 1)) {
    const reason = { _tag: "EmptyGroup", what: "trajectories of two or more attempts", index: 0 } as const
    throw new TheoryError("PropertyTable.properties", reason)
  }
  const changed = trajectories.map((trajectory) => mapLogProbs(trajectory, (logProb) => logProb / 2))
  const before = trajectories.map(terms.qValues)
  const after = changed.map(terms.qValues)
  const dependsOnPolicy = (read: (table: QTable) => ReadonlyArray<number>) =>
    before.some((table, index) => anyDiffers(read(table), read(after[index]!)))
  return {
    samplingDependsOnPolicy: dependsOnPolicy((table) => table.tokens.flat()),
    decisionDependsOnPolicy: dependsOnPolicy((table) => table.decision),
    futureLengths: futureLengthsOf(terms, trajectories),
    oneStatistic: sufficientStatistic(before)._tag === "Statistic",
    verdict: attribution(before.map((q) => weighedCycles(q, { level: "action" }))).verdict
  }
}
