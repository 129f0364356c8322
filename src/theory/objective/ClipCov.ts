/**
 * Clip-Cov: PPO's clipped surrogate without a few tokens of high covariance (Cui et al., 2025, "The Entropy Mechanism of Reinforcement Learning
 * for Reasoning Language Models", arXiv:2505.22617; verl 0.9.1, `clip_cov`).
 *
 * @module
 */
import { type Band, selectBand } from "../Covariance.ts"
import { assertRange } from "../TheoryError.ts"
import { assertSettings, type LeafKind } from "./Leaf.ts"
import { type Surrogate, surrogate, surrogateLeaf } from "./ImportanceSurrogate.ts"

/**
 * The clipped surrogate of a token with a ratio of its own, but 0 on the tokens that the column `selected` marks: they are left out of the
 * gradient and stay in the denominators. Which they are, `Covariance.selectBand` says of the whole batch beforehand; `Objective.select` calls it.
 *
 * No dual clip and no clamp, as in verl.
 */
export interface ClipCov extends Band {
  readonly _tag: "ClipCov"
}

/**
 * Builds Clip-Cov; defaults: 2e-4 of the tokens, covariances between 1 and 5, clipped at 0.2 on both sides (verl 0.9.1). The authors' own runs clip at 1
 * on both sides (`Presets.clipCov`). Errors: `OutOfRange` (a share outside (0, 1], a band without an inside, a bound < 0).
 */
export const clipCov = (options: Partial<Band> = {}): ClipCov => {
  const where = "Objective.clipCov"
  const leaf: ClipCov = { _tag: "ClipCov", fraction: 2e-4, lower: 1, upper: 5, clipLow: 0.2, clipHigh: 0.2, ...options }
  const { clipHigh, clipLow, fraction, lower, upper } = leaf
  assertRange(where, "fraction", fraction, fraction > 0 && fraction <= 1, "(0, 1]")
  assertRange(where, "lower", lower, lower < upper, `(−∞, ${upper}), below upper`)
  assertSettings(where, { clipLow, clipHigh })
  return leaf
}

const plain = ({ clipHigh, clipLow }: ClipCov): Surrogate => surrogate({ clipLow, clipHigh })

/** Clip-Cov as a kind of leaf. */
export const clipCovLeaf: LeafKind<ClipCov> = {
  tag: "ClipCov",
  name: () => "clip-cov",
  needs: () => [
    { column: "advantages", neededBy: "Clip-Cov" },
    { column: "oldLogProbs", neededBy: "Clip-Cov" },
    { column: "selected", neededBy: "Clip-Cov" }
  ],
  select: (leaf, batch, seed) => selectBand(batch, leaf, seed),
  evaluate: (leaf, batch) => {
    const { derivative, entropyDerivative, loss } = surrogateLeaf.evaluate(plain(leaf), batch)
    const others = (value: number, token: number) => (batch.selected![token] === 1 ? 0 : value)
    return { loss: loss.map(others), derivative: derivative.map(others), entropyDerivative }
  },
  tensor: (algebra, leaf, frame) =>
    algebra.multiply(surrogateLeaf.tensor(algebra, plain(leaf), frame), algebra.subtract(1, frame.column("selected"))),
  clipRange: ({ clipHigh, clipLow }) => ({ clipLow, clipHigh })
}
