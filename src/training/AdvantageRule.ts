/**
 * How a trainer turns the rewards of a step into advantages: one of the theory's estimators, one of the negative
 * reinforcement family, or a function of one's own.
 *
 * @module
 */
import * as Advantage from "../theory/Advantage.ts"
import * as NegativeReinforcement from "../theory/NegativeReinforcement.ts"

/** PSR, NSR or W-REINFORCE as an advantage; rewards must be 0 or 1 (Zhu et al., 2025). */
export interface NegativeReinforcementRule extends NegativeReinforcement.NegativeReinforcement {
  readonly _tag: "NegativeReinforcement"
}

/** A function of one's own: all rewards [M] and the groups' offsets [Q+1] give an advantage each [M]. */
export type AdvantageFunction = (rewards: Float64Array, groups: Int32Array) => Float64Array

/** What a trainer accepts as its advantage. */
export type AdvantageRule = Advantage.Estimator | NegativeReinforcementRule | AdvantageFunction

/** Builds a rule of the negative reinforcement family; defaults as `NegativeReinforcement.make`. */
export const negativeReinforcement = (...settings: Parameters<typeof NegativeReinforcement.make>): NegativeReinforcementRule => ({
  _tag: "NegativeReinforcement",
  ...NegativeReinforcement.make(...settings)
})

/** Computes the advantage of every rollout. Shapes: rewards [M], groups [Q+1] → [M]. Errors: those of the rule. */
export const advantages = (rule: AdvantageRule, rewards: Float64Array, groups: Int32Array): Float64Array => {
  if (typeof rule === "function") return rule(rewards, groups)
  return rule._tag === "NegativeReinforcement"
    ? NegativeReinforcement.advantages(rule, rewards)
    : Advantage.advantages(rule, rewards, groups)
}

/** Marks the rollouts that stay in the loss, denominators included: all, unless the rule drops a class. Shapes: [M] → [M] of 0 and 1. */
export const kept = (rule: AdvantageRule, rewards: Float64Array): Uint8Array =>
  typeof rule !== "function" && rule._tag === "NegativeReinforcement"
    ? NegativeReinforcement.kept(rule, rewards)
    : new Uint8Array(rewards.length).fill(1)
