/**
 * The tokens that a loss treats apart by what the whole mini-batch is like: Clip-Cov's and KL-Cov's.
 *
 * @module
 */
import { Effect } from "effect"
import { type Parameters, Policy } from "../domain/Policy.ts"
import type { Seed } from "../domain/Seed.ts"
import type { LossRequest } from "../model/Backprop.ts"
import * as Batch from "../model/loss/Batch.ts"
import { attempt } from "../model/loss/LossRequests.ts"
import * as Objective from "../theory/Objective.ts"

/**
 * Adds the column `selected` to a request whose objective reads it, at the log-probabilities of `parameters`: one forward pass. Other requests come back
 * as they are. Ask before the request is split: the selection is one of the whole mini-batch. (verl 0.9.1 selects within each micro-batch.)
 */
export const withSelection = Effect.fnUntraced(function* <R extends LossRequest> (parameters: Parameters, request: R, seed: Seed) {
  if (!Objective.readsSelection(request.objective)) return request
  const policy = yield* Policy
  const logProbs = Batch.concatenate(yield* policy.logProbs(parameters, request.trajectories, request.temperature))
  const selected = yield* attempt("train", () => Objective.select(request.objective, { ...request, logProbs }, seed))
  return { ...request, selected }
})
