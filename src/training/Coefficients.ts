/**
 * The coefficients that controllers move from step to step: β of a KL penalty, and an entropy bonus's.
 *
 * @module
 */
import * as Controllers from "../theory/Controllers.ts"
import * as Kl from "../theory/Kl.ts"
import { type TokenBatch, tokensBySequence } from "../theory/TokenBatch.ts"
import type { GroupRelativeConfig } from "./GroupRelativeTrainer.ts"
import type { TrainState } from "./TrainState.ts"

/** What the entropy controller carries: what a state has, or its start. */
export const entropyStateOf = (config: GroupRelativeConfig, state: TrainState): Controllers.EntropyState =>
  state.entropy ?? { coefficient: config.entropyCoefficient, entropy: Infinity }

/** The settings with the coefficients that a state's controllers have come to. */
export const withCoefficients = (config: GroupRelativeConfig, state: TrainState): GroupRelativeConfig => {
  const { adaptiveEntropy, adaptiveKl, kl } = config
  const beta = adaptiveKl === undefined || kl._tag === "None" ? undefined : state.klCoefficient
  return {
    ...config,
    ...(beta === undefined || kl._tag === "None" ? {} : { kl: { ...kl, beta } }),
    ...(adaptiveEntropy === undefined
      ? {}
      : { entropyCoefficient: Controllers.entropyCoefficient(adaptiveEntropy, entropyStateOf(config, state)) })
  }
}

/** β after a step: the KL of its rollouts, a mean over rollouts of their tokens' mean (verl), by the penalty's own estimator. */
export const nextBeta = (
  controller: Controllers.AdaptiveKl,
  { beta, estimator }: Exclude<Kl.Placement, { readonly _tag: "None" }>,
  batch: TokenBatch,
  rollouts: number
): number => {
  const klOf = (token: number): number => Kl.value(estimator, batch.logProbs[token]!, batch.referenceLogProbs![token]!)
  const sum = tokensBySequence(batch).reduce(
    (total, tokens) => total + tokens.reduce((kl, token) => kl + klOf(token), 0) / Math.max(tokens.length, 1),
    0
  )
  return Controllers.nextKlCoefficient(controller, beta, { kl: sum / rollouts, rollouts })
}
