/**
 * The advantages of a step's decisions, weighed by what the decision is about: a right answer or a wrong one.
 *
 * @module
 */
import { Effect, Schema } from "effect"
import type { GradedGroup } from "../domain/Rollouts.ts"
import { attempts } from "../domain/Trajectory.ts"
import type { TwoStageRates } from "../theory/Accuracy.ts"
import { type DecisionWeights, naturalDecisionWeights } from "../theory/DecisionWeights.ts"
import { LARGEST, Size } from "./Bounds.ts"
import { isMuon, type OptimizerConfig, preconditioner } from "./Optimizer.ts"
import { mobilityOf, rateGradients } from "./TeachingMobility.ts"
import type { TrainState } from "./TrainState.ts"

/**
 * How decisions are weighed: `Natural` by the rates of the step's own rollouts, cut at `most` ≥ 1, and with `mobility: "measured"` by how the network lets the
 * rates follow each other (`TeachingMobility`, three more derivatives a step); `Fixed` by given factors.
 */
export const DecisionWeighting = Schema.Union([
  Schema.Struct({
    _tag: Schema.Literal("Natural"),
    most: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 1, maximum: LARGEST }))),
    mobility: Schema.optionalKey(Schema.Literal("measured"))
  }),
  Schema.Struct({ _tag: Schema.Literal("Fixed"), correct: Size, wrong: Size })
])
export type DecisionWeighting = typeof DecisionWeighting.Type

/**
 * The three rates of a step's rollouts, each with one imagined hit and one miss beside what was counted (Laplace's rule), so that a rate
 * is never 0 or 1 for want of trials. Answers that no one graded are left out.
 */
export const smoothedRates = (groups: ReadonlyArray<GradedGroup>): TwoStageRates => {
  const tries = groups.flatMap(({ members }) => members.map(({ trajectory }) => attempts(trajectory)))
  const graded = tries.flat().filter(({ sample }) => sample.correct !== undefined)
  const decided = graded.filter(({ decision }) => decision !== undefined)
  const share = <T>(all: ReadonlyArray<T>, isHit: (one: T) => boolean): number => (all.filter(isHit).length + 1) / (all.length + 2)
  return {
    sampleCorrect: share(graded, ({ sample }) => sample.correct === true),
    stopGivenCorrect: share(decided.filter(({ sample }) => sample.correct), ({ decision }) => decision?.action === "STOP"),
    resampleGivenWrong: share(decided.filter(({ sample }) => !sample.correct), ({ decision }) => decision?.action === "RESAMPLE")
  }
}

/**
 * The factors of a step on `groups`, sampled from `state`. A measured mobility is in Adam's metric once it has made a step, and Euclidean under Muon, which has no metric of its own; where the rollouts
 * lack right or wrong answers it is left out.
 */
export const weightsOf = Effect.fn("DecisionWeighting.weightsOf")(function* (
  weighting: DecisionWeighting,
  state: Pick<TrainState, "parameters" | "optimizer">,
  groups: ReadonlyArray<GradedGroup>,
  optimizer: OptimizerConfig,
  temperature: number
) {
  if (weighting._tag === "Fixed") return weighting
  const rates = smoothedRates(groups)
  const most = weighting.most === undefined ? {} : { most: weighting.most }
  if (weighting.mobility === undefined) return naturalDecisionWeights(rates, most)
  const measured = yield* rateGradients(state.parameters, groups, { temperature })
  if (measured === undefined) return naturalDecisionWeights(rates, most)
  return naturalDecisionWeights(rates, {
    ...most,
    mobility: mobilityOf(measured, isMuon(optimizer) ? undefined : preconditioner(optimizer, state.optimizer))
  })
})

/**
 * Multiplies the advantages of decision tokens by the factor of what they are about; answers' tokens, and decisions about answers that no one graded, keep theirs.
 *
 * Shapes: `advantages` [tokens] of the groups' members one after the other, `offsets` [members + 1] → [tokens].
 */
export const weigh = (
  { correct, wrong }: DecisionWeights,
  groups: ReadonlyArray<GradedGroup>,
  offsets: Int32Array,
  advantages: Float64Array
): Float64Array => {
  const weighed = advantages.slice()
  groups.flatMap(({ members }) => members).forEach(({ trajectory }, member) => {
    for (const { decision, sample } of attempts(trajectory)) {
      if (decision === undefined || sample.correct === undefined) continue
      for (let token = decision.start; token < decision.end; token++) {
        weighed[offsets[member]! + token]! *= sample.correct ? correct : wrong
      }
    }
  })
  return weighed
}
