/**
 * A KL penalty in the loss: β·estimator(log π, log π_ref) a token, times an importance ratio when corrected.
 *
 * What each estimator's gradient estimates is in `theory/Kl`. Source: Schulman, 2020, "Approximating KL Divergence".
 *
 * @module
 */
import { clampedRatio } from "../ClippedRatio.ts"
import * as Kl from "../Kl.ts"
import { weighed } from "../LogSpace.ts"
import type { TokenBatch } from "../TokenBatch.ts"
import {
  type Attributed,
  clampTensor,
  coupledLoss,
  eachToken,
  type Evaluation,
  type LeafKind,
  overRows,
  ownedSequences,
  type Term,
  tokenRatio
} from "./Leaf.ts"
import type { Frame, TensorAlgebra } from "./TensorAlgebra.ts"

/** A KL penalty in the loss: β·estimator a token, times the importance ratio when `corrected`; see `Kl.InLoss`. */
export interface KlInLoss extends Omit<Kl.InLoss, "_tag"> {
  readonly _tag: "KlInLoss"
}

/** Builds a KL penalty in the loss; defaults as `Kl.inLoss`: estimator k3, uncorrected, no clamps. */
export const klInLoss = (options: Parameters<typeof Kl.inLoss>[0]): KlInLoss => ({
  ...Kl.inLoss(options),
  _tag: "KlInLoss"
})

/** The uncorrected penalty of a token at β = 1, and `withValue`, its derivative plus itself: that of the penalty times π, over π. */
const estimateOf = (leaf: KlInLoss, logProb: number, reference: number): Term & { readonly withValue: number } => {
  const bound = leaf.logRatioClamp ?? Infinity
  const x = Math.min(Math.max(reference - logProb, -bound), bound)
  const raw = Kl.value(leaf.estimator, logProb, logProb + x)
  const limit = leaf.clamp ?? Infinity
  const value = Math.min(Math.max(raw, -limit), limit)
  const isConstant = !Kl.isStraightThrough(leaf.estimator) && (value !== raw || Math.abs(reference - logProb) > bound)
  const slope = isConstant ? 0 : Kl.derivative(leaf.estimator, logProb, reference)
  // k3's slope and value are ∓(eˣ − 1) and −x: written out their sum loses x to rounding from x ≈ 37 on.
  return { loss: value, derivative: slope, withValue: leaf.estimator === "k3" && !isConstant ? -x : slope + value }
}

/** Each token's penalty times its sequence's ratio s = exp(mean log-ratio): a token moves its own penalty, and by 1/L that of all. */
const evaluateBySequence = (leaf: KlInLoss, batch: TokenBatch): Evaluation => {
  const loss = new Float64Array(batch.logProbs.length)
  const derivative = new Float64Array(batch.logProbs.length)
  for (const tokens of ownedSequences(batch)) {
    const total = tokens.reduce((sum, token) => sum + batch.logProbs[token]! - batch.oldLogProbs![token]!, 0)
    const { inside, ratio } = clampedRatio(total / tokens.length, leaf.logRatioClamp)
    const terms = tokens.map((token) => estimateOf(leaf, batch.logProbs[token]!, batch.referenceLogProbs![token]!))
    const shared = inside ? terms.reduce((sum, term) => sum + term.loss, 0) / tokens.length : 0
    tokens.forEach((token, index) => {
      loss[token] = weighed(leaf.beta, weighed(ratio, terms[index]!.loss))
      derivative[token] = weighed(leaf.beta, weighed(ratio, terms[index]!.derivative + shared))
    })
  }
  return { loss, derivative, entropyDerivative: new Float64Array(loss.length) }
}

const evaluate = (leaf: KlInLoss, batch: TokenBatch): Evaluation => {
  if (leaf.corrected === "sequence") return evaluateBySequence(leaf, batch)
  const old = leaf.corrected ? batch.oldLogProbs : undefined
  return eachToken(batch, (token) => {
    const logProb = batch.logProbs[token]!
    const estimate = estimateOf(leaf, logProb, batch.referenceLogProbs![token]!)
    if (old === undefined) return { loss: weighed(leaf.beta, estimate.loss), derivative: weighed(leaf.beta, estimate.derivative) }
    const { inside, ratio } = clampedRatio(logProb - old[token]!, leaf.logRatioClamp)
    const change = inside ? estimate.withValue : estimate.derivative
    return { loss: weighed(leaf.beta, weighed(ratio, estimate.loss)), derivative: weighed(leaf.beta, weighed(ratio, change)) }
  })
}

/** The uncorrected penalty of every token at β = 1 as a tensor. */
const estimateTensor = <T>(algebra: TensorAlgebra<T>, leaf: KlInLoss, frame: Frame<T>, logProbs: T): T => {
  const difference = algebra.subtract(frame.column("referenceLogProbs"), logProbs)
  const x = clampTensor(algebra, difference, leaf.logRatioClamp)
  const estimate = () => {
    switch (leaf.estimator) {
      case "k1":
      case "k1-straight-through":
        return algebra.negate(x)
      case "k2":
        return algebra.multiply(algebra.square(x), 0.5)
      case "k3":
      case "k3-straight-through":
        return algebra.subtract(algebra.expm1(x), x)
      case "abs":
      case "abs-straight-through":
        // Not |x| itself, whose derivative at 0 a tensor library may set to −1; this one's is 0.
        return algebra.multiply(x, algebra.stopGradient(algebra.sign(x)))
    }
  }
  const clamped = clampTensor(algebra, estimate(), leaf.clamp)
  return Kl.isStraightThrough(leaf.estimator)
    ? algebra.withDerivativeOf(clamped, algebra.multiply(algebra.square(difference), 0.5))
    : clamped
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
  isCoupled: ({ corrected }) => corrected === "sequence",
  tensor: (algebra, leaf, frame) => {
    if (leaf.corrected === "sequence") {
      return coupledLoss(algebra, frame, (logProbs) => {
        const means = overRows(algebra, frame, algebra.subtract(logProbs, frame.column("oldLogProbs")), "mean")
        const ratio = algebra.exp(clampTensor(algebra, means, leaf.logRatioClamp))
        return algebra.multiply(algebra.multiply(ratio, estimateTensor(algebra, leaf, frame, logProbs)), leaf.beta)
      })
    }
    const value = estimateTensor(algebra, leaf, frame, frame.logProbs)
    const corrected = leaf.corrected ? algebra.multiply(tokenRatio(algebra, frame, leaf.logRatioClamp), value) : value
    return algebra.multiply(corrected, leaf.beta)
  },
  attributed: [attributed("k1", false), attributed("k2", false), attributed("k3", false), attributed("k3", true)]
}
