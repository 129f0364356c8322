/**
 * KL-Cov: the unclipped surrogate, with a penalty on the tokens of largest covariance alone (Cui et al., 2025, "The Entropy Mechanism of Reinforcement
 * Learning for Reasoning Language Models", arXiv:2505.22617; verl 0.9.1, `kl_cov`).
 *
 * @module
 */
import { selectTop } from "../Covariance.ts"
import { assertRange } from "../TheoryError.ts"
import { eachToken, type LeafKind, tokenRatio } from "./Leaf.ts"

/**
 * The loss −r·A + β·|log π − log π_old|·m of a token, m = 1 on the tokens that the column `selected` marks. Which they are,
 * `Covariance.selectTop` says of the whole batch beforehand; `Objective.select` calls it. The absolute log-ratio is verl's estimate of the KL
 * divergence from the policy that sampled; its derivative is taken as 0 at log π = log π_old.
 */
export interface KlCov {
  readonly _tag: "KlCov"
  readonly fraction: number
  readonly coefficient: number
}

/**
 * Builds KL-Cov; defaults: 2e-4 of the tokens (verl 0.9.1; the authors' 7B runs have 2e-3, `Presets.klCov`), β = 1 (the authors'). verl's `ppo_kl_coef` is 0.1 in its
 * configuration, 1 where that says nothing. Errors: `OutOfRange` (a share outside (0, 1], β not in [0, ∞)).
 */
export const klCov = (options: Partial<Omit<KlCov, "_tag">> = {}): KlCov => {
  const leaf: KlCov = { _tag: "KlCov", fraction: 2e-4, coefficient: 1, ...options }
  const { coefficient, fraction } = leaf
  assertRange("Objective.klCov", "fraction", fraction, fraction > 0 && fraction <= 1, "(0, 1]")
  assertRange("Objective.klCov", "coefficient", coefficient, coefficient >= 0 && coefficient < Infinity, "[0, ∞)")
  return leaf
}

/** KL-Cov as a kind of leaf. */
export const klCovLeaf: LeafKind<KlCov> = {
  tag: "KlCov",
  name: () => "kl-cov",
  needs: () => [
    { column: "advantages", neededBy: "KL-Cov" },
    { column: "oldLogProbs", neededBy: "KL-Cov" },
    { column: "selected", neededBy: "KL-Cov" }
  ],
  select: (leaf, batch) => selectTop(batch, leaf),
  evaluate: ({ coefficient }, batch) =>
    eachToken(batch, (token) => {
      const x = batch.logProbs[token]! - batch.oldLogProbs![token]!
      const gain = -Math.exp(x) * batch.advantages![token]!
      const leash = coefficient * batch.selected![token]!
      return { loss: gain + leash * Math.abs(x), derivative: gain + leash * Math.sign(x) }
    }),
  tensor: (algebra, { coefficient }, frame) => {
    const x = algebra.subtract(frame.logProbs, frame.column("oldLogProbs"))
    const gain = algebra.multiply(algebra.negate(frame.column("advantages")), tokenRatio(algebra, frame, null))
    // Not |x| itself, whose derivative at 0 a tensor library may set to −1; this one's is 0.
    const size = algebra.multiply(x, algebra.stopGradient(algebra.sign(x)))
    return algebra.add(gain, algebra.multiply(algebra.multiply(size, frame.column("selected")), coefficient))
  }
}
