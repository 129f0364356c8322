/**
 * Where importance ratios start, which parameters rollouts are drawn with, and how far sampler and trained policy are apart.
 *
 * @module
 */
import { Schema } from "effect"
import { ConfigError } from "../domain/Errors.ts"
import type { Parameters } from "../domain/Policy.ts"
import type { GradedGroup } from "../domain/Rollouts.ts"
import type { SamplerService } from "../domain/Sampler.ts"
import { bounded, logRatios, type TwoPolicies } from "../theory/correction/Ratios.ts"
import { NOT_OWNED } from "../theory/Partition.ts"
import type { Correction } from "./Correction.ts"
import type { Metrics, TrainState } from "./TrainState.ts"

/** Whose log-probabilities are the old ones of a step: those that rollouts bring, or the policy's before the step, computed anew. */
export const OldLogProbs = Schema.Literals(["sampler", "policy"])
export type OldLogProbs = typeof OldLogProbs.Type

/** Settings that say where ratios start and what rollouts are drawn with. */
export interface OldLogProbsConfig {
  readonly correction?: Correction
  readonly oldLogProbs?: OldLogProbs
  readonly publishEvery?: number
  readonly offPolicyThreshold?: number
}

/** Decides whose log-probabilities are old ones. Throws `ConfigError` for settings that need those of a sampler which brings none. */
export const sourceOf = (config: OldLogProbsConfig, { logProbs = "policy" }: Pick<SamplerService, "logProbs">): OldLogProbs => {
  if (logProbs === "none") {
    const expected = "for a sampler that brings log-probabilities, and this one brings none"
    if (config.oldLogProbs === "sampler") {
      throw new ConfigError({ field: "oldLogProbs", value: "sampler", expected: `"policy": that is ${expected}` })
    }
    for (const field of ["correction", "offPolicyThreshold"] as const) {
      if (config[field] === undefined) continue
      throw new ConfigError({ field, value: JSON.stringify(config[field]), expected: `left out: it is ${expected}` })
    }
  }
  return config.oldLogProbs ?? (config.correction !== undefined || logProbs !== "policy" ? "policy" : "sampler")
}

/** The parameters that a step's rollouts are drawn with, and the step that they are of. */
export const drawnWith = (
  { publishEvery = 1 }: OldLogProbsConfig,
  { parameters, sampler, step }: Pick<TrainState, "parameters" | "sampler" | "step">
): { readonly parameters: Parameters; readonly step: number } =>
  sampler === undefined || step % publishEvery === 0 ? { parameters, step } : sampler

/** Puts log-probabilities [N] into groups of rollouts that brought none. */
export const put = (groups: ReadonlyArray<GradedGroup>, logProbs: Float64Array, offsets: Int32Array): ReadonlyArray<GradedGroup> => {
  let row = 0
  return groups.map(({ members, query }) => ({
    query,
    members: members.map((member) => {
      const own = Array.from(logProbs.subarray(offsets[row], offsets[row + 1]))
      row++
      return { ...member, trajectory: { ...member.trajectory, logProbs: own } }
    })
  }))
}

/**
 * Measures how far the sampler and the trained policy before the step are apart on owned tokens, all and those of each sub-policy. With
 * x = log π − log π_sampler: mean |x| and max |x| (TRL's `sampling/sampling_logp_difference`), and the mean of eˣ − 1 − x, the k3 estimate
 * of KL(π_sampler ‖ π) with x clamped to ±20 (verl's `rollout_corr/k3_kl`), nats a token. Left out for a sub-policy without tokens.
 * Errors: `ShapeMismatch`, `NonFinite`, `OutOfRange`, `EmptyGroup`.
 */
export const mismatch = (policies: TwoPolicies, names: ReadonlyArray<string>): Metrics => {
  const ratios = logRatios("OldLogProbs.mismatch", policies)
  const of = (suffix: string, isCounted: (owner: number) => boolean): Metrics => {
    let [count, sum, most, k3] = [0, 0, 0, 0]
    ratios.forEach((ratio, token) => {
      if (!isCounted(policies.owner[token]!)) return
      count++
      sum += Math.abs(ratio)
      most = Math.max(most, Math.abs(ratio))
      k3 += Math.expm1(bounded(ratio)) - bounded(ratio)
    })
    return count === 0 ? {} : {
      [`sampling/sampling_logp_difference/mean${suffix}`]: sum / count,
      [`sampling/sampling_logp_difference/max${suffix}`]: most,
      [`rollout_corr/k3_kl${suffix}`]: k3 / count
    }
  }
  return Object.assign(
    of("", (owner) => owner !== NOT_OWNED),
    ...names.map((name, owner) => of(`/${name}`, (value) => value === owner))
  ) as Metrics
}
