import { NOT_OWNED, TWO_STAGE } from "../../src/domain/Partition.ts"
import type { ScoredTokens } from "../../src/domain/Policy.ts"
import type { LossRequest } from "../../src/model/Backprop.ts"
import * as Aggregate from "../../src/theory/Aggregate.ts"
import { nll } from "../../src/theory/Objective.ts"

/** The mean NLL over all tokens after the prompts, all of them π_S's. */
export const nllRequest = (trajectories: ReadonlyArray<ScoredTokens>): LossRequest => {
  const owner = Uint8Array.from(
    trajectories.flatMap(({ promptLength, tokens }) => tokens.map((_, t) => (t < promptLength ? NOT_OWNED : 0)))
  )
  let at = 0
  const offsets = Int32Array.from([0, ...trajectories.map(({ tokens }) => (at += tokens.length))])
  return {
    trajectories,
    offsets,
    owner,
    objective: nll(),
    partition: TWO_STAGE,
    temperature: 1,
    weights: Aggregate.weights(Aggregate.tokenMean, offsets, owner)
  }
}
