/**
 * The masks that take the reward off single tokens at an update, and leave everything else of them: KL penalty, entropy bonus, denominators.
 *
 * @module
 */
import { Effect } from "effect"
import type { Parameters } from "../domain/Policy.ts"
import type { LossRequest } from "../model/Backprop.ts"
import { attempt } from "../model/loss/LossRequests.ts"
import * as Objective from "../theory/Objective.ts"
import * as RolloutCorrection from "../theory/RolloutCorrection.ts"
import { repeatOnTokens } from "../theory/TokenBatch.ts"
import type { GroupRelativeConfig } from "./GroupRelativeTrainer.ts"
import type { Metrics } from "./TrainState.ts"
import * as Update from "./Update.ts"

/** The entropies of a batch's distributions under given parameters, shape [tokens]: one pass with its derivative, which is thrown away. */
const entropiesOf = (parameters: Parameters, request: LossRequest, microBatches: number) =>
  Effect.map(
    Update.accumulate(
      parameters,
      { ...request, objective: Objective.nll(), weights: new Float64Array(request.owner.length) },
      microBatches
    ),
    ({ entropies }) => Float64Array.from(entropies)
  )

/** Takes the reward off the tokens that the off-policy and the high-entropy mask leave out; KL, entropy bonus and denominators keep them. */
export const maskRewards = Effect.fnUntraced(function* <E, R> (
  config: GroupRelativeConfig,
  parameters: Parameters,
  request: LossRequest,
  policies: { readonly samplerLogProbs: Float64Array; readonly scored: Effect.Effect<Float64Array, E, R> }
) {
  const { highEntropyShare, offPolicyThreshold } = config
  let advantages = request.advantages!
  let metrics: Metrics = {}
  if (offPolicyThreshold !== undefined) {
    const logProbs = yield* policies.scored
    const { samplerLogProbs } = policies
    const near = yield* attempt(
      "train",
      () =>
        RolloutCorrection.offPolicyKept(offPolicyThreshold, request.trajectories.map(() => -1), { ...request, logProbs, samplerLogProbs })
    )
    const isNear = repeatOnTokens(near, request.offsets)
    advantages = advantages.map((value, token) => (value >= 0 || isNear[token] === 1 ? value : 0))
    metrics = { "off_policy/masked_fraction": near.reduce((count, mark) => count + 1 - mark, 0) / near.length }
  }
  if (highEntropyShare !== undefined && highEntropyShare < 1) {
    const entropies = yield* entropiesOf(parameters, request, config.microBatches ?? 1)
    const marks = yield* attempt("train", () => RolloutCorrection.highEntropyKept(highEntropyShare, entropies, request.owner))
    advantages = advantages.map((value, token) => (marks[token] === 1 ? value : 0))
  }
  return { request: { ...request, advantages }, metrics }
})
