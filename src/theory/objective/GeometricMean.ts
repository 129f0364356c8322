/**
 * GMPO: −A times the geometric mean of token ratios, each clipped before the mean is taken (Zhao et al., 2025, "Geometric-Mean Policy
 * Optimization", arXiv:2507.20673).
 *
 * GSPO's ratio is the same mean, clipped afterwards: there one bound decides for a whole sequence, here every token has its own.
 *
 * @module
 */
import type { TokenBatch } from "../TokenBatch.ts"
import { assertSettings, byAdvantage, coupledLoss, type Evaluation, type LeafKind, overRows, ownedSequences } from "./Leaf.ts"

/**
 * The GMPO loss −A·exp(mean_t x̃_t) of every token of a sequence. With x_t = log π_t − log π_old,t, x̃_t = min(x_t, clipHigh) where A > 0 and
 * max(x_t, −clipLow) where A < 0; a token with A = 0 counts as x̃ = 0. The bounds are log-ratios (nats), not distances from 1; null switches one off.
 *
 * A clipped token has derivative 0. With both bounds off it is `surrogate({ ratio: "sequence", clipLow: null, clipHigh: null })` wherever no
 * advantage is 0. Aggregate by `seq-mean-token-mean`: verl 0.9.1 (`geo_mean`) and TRL 1.16.0 (`trl.experimental.gmpo`) always take the mean over all rows.
 */
export interface GeometricMean {
  readonly _tag: "GeometricMean"
  readonly clipLow: number | null
  readonly clipHigh: number | null
}

/** Builds the GMPO loss; defaults: log-ratios within ±0.4 (the paper, section 4). Errors: `OutOfRange` (a bound < 0). */
export const geometricMean = (options: Partial<Omit<GeometricMean, "_tag">> = {}): GeometricMean => {
  const leaf: GeometricMean = { _tag: "GeometricMean", clipLow: 0.4, clipHigh: 0.4, ...options }
  assertSettings("Objective.geometricMean", { clipLow: leaf.clipLow, clipHigh: leaf.clipHigh })
  return leaf
}

/** Between which bounds a token's log-ratio counts, by the sign of its advantage. */
const within = ({ clipHigh, clipLow }: GeometricMean, advantage: number): readonly [low: number, high: number] => {
  if (advantage > 0) return [-Infinity, clipHigh ?? Infinity]
  if (advantage < 0) return [clipLow === null ? -Infinity : -clipLow, Infinity]
  return [0, 0]
}

const evaluate = (leaf: GeometricMean, batch: TokenBatch): Evaluation => {
  const advantages = batch.advantages!
  const loss = new Float64Array(batch.logProbs.length)
  const derivative = new Float64Array(batch.logProbs.length)
  for (const tokens of ownedSequences(batch)) {
    const clipped = tokens.map((token) => {
      const x = batch.logProbs[token]! - batch.oldLogProbs![token]!
      const [low, high] = within(leaf, advantages[token]!)
      return { x: Math.min(Math.max(x, low), high), moves: x >= low && x <= high && advantages[token] !== 0 }
    })
    const ratio = Math.exp(clipped.reduce((sum, { x }) => sum + x, 0) / tokens.length)
    const advantage = tokens.reduce((sum, token) => sum + advantages[token]!, 0) / tokens.length
    tokens.forEach((token, index) => {
      loss[token] = -ratio * advantages[token]!
      derivative[token] = clipped[index]!.moves && advantage !== 0 ? -ratio * advantage : 0
    })
  }
  return { loss, derivative, entropyDerivative: new Float64Array(loss.length) }
}

/** The GMPO loss as a kind of leaf. */
export const geometricMeanLeaf: LeafKind<GeometricMean> = {
  tag: "GeometricMean",
  name: () => "gmpo",
  needs: () => [
    { column: "advantages", neededBy: "GMPO" },
    { column: "oldLogProbs", neededBy: "GMPO" }
  ],
  evaluate,
  isCoupled: () => true,
  tensor: (algebra, leaf, frame) => {
    const cost = algebra.negate(frame.column("advantages"))
    const bound = (end: 0 | 1) => byAdvantage(algebra, frame, (a) => within(leaf, a)[end])
    // A log-ratio of 0 and no slope where the advantage is 0: bounds of 0 alone would leave the slope at x = 0.
    const counts = algebra.constant(Float32Array.from(frame.values("advantages"), (a, i) => (a === 0 || frame.owned[i] === 0 ? 0 : 1)))
    const [low, high] = [bound(0), bound(1)]
    return coupledLoss(algebra, frame, (logProbs) => {
      const x = algebra.subtract(logProbs, frame.column("oldLogProbs"))
      const clipped = algebra.multiply(algebra.maximum(algebra.minimum(x, high), low), counts)
      return algebra.multiply(cost, algebra.exp(overRows(algebra, frame, clipped, "mean")))
    })
  },
  clipRange: ({ clipHigh, clipLow }) => ({
    clipLow: clipLow === null ? null : -Math.expm1(-clipLow),
    clipHigh: clipHigh === null ? null : Math.expm1(clipHigh)
  }),
  attributed: [{
    name: "gmpo",
    meaning: "geometric mean of the response's ratios, each clipped before (GMPO; log-ratios within ±0.4)",
    source: "Zhao et al. 2025",
    make: () => geometricMean()
  }]
}
