/**
 * The reward as a service: it grades a trajectory, and maps the grade to a number in a separate step.
 *
 * @module
 */
import { Context, Effect, Layer, Schema } from "effect"
import type { Outcome, Query } from "./Query.ts"
import { attempts, type Trajectory } from "./Trajectory.ts"

/** A reward that could not be computed (a checker that failed, not an answer that was wrong). */
export class RewardError extends Schema.TaggedError<RewardError>()("RewardError", {
  query: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `reward of ${this.query}: ${this.problem}`
  }
}

/** A graded trajectory: each sample span says whether its answer was correct; `outcome` is the final answer's. */
export interface Graded<T extends Trajectory = Trajectory> {
  readonly trajectory: T
  readonly outcome: Outcome
  /** R(τ), reward units. */
  readonly reward: number
}

/** What a reward does: grade one trajectory of a query. */
export interface RewardService {
  readonly grade: <T extends Trajectory>(query: Query, trajectory: T) => Effect.Effect<Graded<T>, RewardError>
}

/** Normal form of a numeral: no separators, no leading zeros. `undefined` where it is not a numeral. */
export const normalizeAnswer = (text: string): string | undefined => {
  const digits = text.replace(/[\s,_]/g, "")
  return /^\d+$/.test(digits) ? digits.replace(/^0+(?=\d)/, "") : undefined
}

const isTruncated = (trajectory: Trajectory): boolean => trajectory.ending === "truncated"

/**
 * Grades by exact match of the final answer. A trajectory that says RESAMPLE in its last cycle has no final answer and
 * is `Wrong`; one that was cut off is `Truncated`.
 */
export const gradeExactly = <T extends Trajectory>(query: Query, trajectory: T): { readonly trajectory: T; readonly outcome: Outcome } => {
  const gold = normalizeAnswer(query.answer)
  const isCorrect = (answer: string | undefined): boolean => gold !== undefined && answer !== undefined && normalizeAnswer(answer) === gold
  const graded = {
    ...trajectory,
    spans: trajectory.spans.map((span) => (span.kind === "sample" ? { ...span, correct: isCorrect(span.answer) } : span))
  }
  const last = attempts(graded).at(-1)?.sample
  const outcome = (): Outcome => {
    if (gold === undefined) return "GoldInvalid"
    if (isTruncated(trajectory)) return "Truncated"
    if (trajectory.ending === "cap") return "Wrong"
    if (last?.answer === undefined || normalizeAnswer(last.answer) === undefined) return "Unparsable"
    return last.correct === true ? "Correct" : "Wrong"
  }
  return { trajectory: graded, outcome: outcome() }
}

/** The service tag. `layerExact` is the paper's reward: 1 if the final answer equals the product, else 0 (A.4). */
export class Reward extends Context.Service<Reward, RewardService>()("decision-sampling/domain/Reward") {
  static readonly layerExact: Layer.Layer<Reward> = Reward.layerOutcome({
    Correct: 1,
    Wrong: 0,
    Unparsable: 0,
    GoldInvalid: 0,
    Truncated: 0
  })

  /** A reward of one's own that depends only on the outcome, e.g. ±1. */
  static layerOutcome(values: Readonly<Record<Outcome, number>>): Layer.Layer<Reward> {
    return Layer.succeed(Reward, {
      grade: (query, trajectory) =>
        Effect.sync(() => {
          const { trajectory: graded, outcome } = gradeExactly(query, trajectory)
          return { trajectory: graded, outcome, reward: values[outcome] }
        })
    })
  }
}
