/**
 * A KL penalty in the loss: β·estimator(log π, log π_ref) a token, times π/π_old when corrected.
 *
 * What each estimator's gradient estimates is in `theory/Kl`. Source: Schulman, 2020, "Approximating KL Divergence".
 *
 * @module
 */
import { clampedRatio } from "../ClippedRatio.ts"
import * as Kl from "../Kl.ts"
import { weighed } from "../LogSpace.ts"
import type { TokenBatch } from "../TokenBatch.ts"
import { type Attributed, clampTensor, eachToken, type Evaluation, type LeafKind, tokenRatio } from "./Leaf.ts"

/** A KL penalty in the loss: β·estimator a token, times the importance ratio when `corrected`; see `Kl.InLoss`. */
export interface KlInLoss extends Omit<Kl.InLoss, "_tag"> {
  readonly _tag: "KlInLoss"
}

/** Builds a KL penalty in the loss; defaults as `Kl.inLoss`: estimator k3, uncorrected, no clamps. */
export const klInLoss = (options: Parameters<typeof Kl.inLoss>[0]): KlInLoss => ({
  ...Kl.inLoss(options),
  _tag: "KlInLoss"
})

const evaluate = (leaf: KlInLoss, batch: TokenBatch): Evaluation => {
  const reference = batch.referenceLogProbs!
  const old = leaf.corrected ? batch.oldLogProbs : undefined
  return eachToken(batch, (token) => {
    const logProb = batch.logProbs[token]!
    const bound = leaf.logRatioClamp ?? Infinity
    const x = Math.min(Math.max(reference[token]! - logProb, -bound), bound)
    const raw = Kl.value(leaf.estimator, logProb, logProb + x)
    const limit = leaf.clamp ?? Infinity
    const value = Math.min(Math.max(raw, -limit), limit)
    const straight = leaf.estimator === "k3-straight-through"
    const constant = !straight && (value !== raw || Math.abs(reference[token]! - logProb) > bound)
    const slope = constant ? 0 : Kl.derivative(leaf.estimator, logProb, reference[token]!)
    if (old === undefined) return { loss: weighed(leaf.beta, value), derivative: weighed(leaf.beta, slope) }
    const { inside, ratio } = clampedRatio(logProb - old[token]!, leaf.logRatioClamp)
    // k3's slope and value are ∓(eˣ − 1) and −x: written out their sum loses x to rounding from x ≈ 37 on.
    const change = leaf.estimator === "k3" && inside && !constant ? -x : slope + (inside ? value : 0)
    return { loss: weighed(leaf.beta, weighed(ratio, value)), derivative: weighed(leaf.beta, weighed(ratio, change)) }
  })
}

const attributed = (estimator: "k1" | "k2" | "k3", corrected: boolean): Attributed<KlInLoss> => ({
  name: `kl-loss-${estimator}${corrected ? "-corrected" : ""}`,
  meaning: `KL penalty in the loss, estimator ${estimator}${corrected ? ", times π/π_old" : ""}`,
  source: "appendix E (k3); Schulman 2020",
  make: ({ beta }) => klInLoss({ beta, estimator, corrected })
})

/** The KL penalty in the loss as a kind of leaf. */
export const klInLossLeaf: LeafKind<KlInLoss> = {
  tag: "KlInLoss",
  name: ({ estimator }) => `kl-${estimator}`,
  needs: ({ corrected }) => [
    { column: "referenceLogProbs", neededBy: "a KL penalty" },
    ...(corrected ? [{ column: "oldLogProbs", neededBy: "a corrected KL penalty" } as const] : [])
  ],
  evaluate,
  tensor: (algebra, leaf, frame) => {
    const difference = algebra.subtract(frame.column("referenceLogProbs"), frame.logProbs)
    const x = clampTensor(algebra, difference, leaf.logRatioClamp)
    const estimate = () => {
      switch (leaf.estimator) {
        case "k1":
          return algebra.negate(x)
        case "k2":
          return algebra.multiply(algebra.square(x), 0.5)
        case "k3":
        case "k3-straight-through":
          return algebra.subtract(algebra.expm1(x), x)
        case "abs":
          // Not |x| itself, whose derivative at 0 a tensor library may set to −1; this one's is 0.
          return algebra.multiply(x, algebra.stopGradient(algebra.sign(x)))
      }
    }
    const clamped = clampTensor(algebra, estimate(), leaf.clamp)
    const value = leaf.estimator === "k3-straight-through"
      ? algebra.withDerivativeOf(clamped, algebra.multiply(algebra.square(difference), 0.5))
      : clamped
    const corrected = leaf.corrected ? algebra.multiply(tokenRatio(algebra, frame, leaf.logRatioClamp), value) : value
    return algebra.multiply(corrected, leaf.beta)
  },
  attributed: [attributed("k1", false), attributed("k2", false), attributed("k3", false), attributed("k3", true)]
}
