/**
 * The entropy bonus −c·H(π(·|s_t)) of a token (Williams and Peng, 1991; verl's `entropy_coeff`, TRL's `entropy_coef`).
 *
 * @module
 */
import { assertFinite } from "../TheoryError.ts"
import { eachToken, type LeafKind } from "./Leaf.ts"

/**
 * The entropy bonus −c·H(π(·|s_t)): c nats of reward for every nat of entropy of the distribution that token t was taken from,
 * over the allowed tokens and at the sampling temperature (Williams and Peng, 1991; verl's `entropy_coeff`, TRL's `entropy_coef`).
 */
export interface EntropyBonus {
  readonly _tag: "EntropyBonus"
  readonly coefficient: number
}

/** Builds an entropy bonus. Errors: `NonFinite` for a coefficient that is not finite; a negative one is a penalty. */
export const entropyBonus = ({ coefficient }: { readonly coefficient: number }): EntropyBonus => {
  assertFinite("Objective.entropyBonus", "coefficient", [coefficient])
  return { _tag: "EntropyBonus", coefficient }
}

/** The entropy bonus as a kind of leaf. */
export const entropyBonusLeaf: LeafKind<EntropyBonus> = {
  tag: "EntropyBonus",
  name: () => "entropy",
  needs: () => [{ column: "entropies", neededBy: "an entropy bonus" }],
  evaluate: ({ coefficient }, batch) =>
    eachToken(batch, (token) => ({
      loss: -coefficient * batch.entropies![token]!,
      derivative: 0,
      entropyDerivative: -coefficient
    })),
  tensor: (algebra, { coefficient }, frame) => algebra.multiply(frame.entropies(), -coefficient)
}
