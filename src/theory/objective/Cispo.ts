/**
 * CISPO: −sg(clip(r))·A·log π, a clipped importance weight that is not differentiated (Chen et al., 2025, "MiniMax-M1", arXiv:2506.13585, eq. 4-5).
 *
 * Where PPO's clip takes a token's gradient away, this one only bounds its weight: no token leaves the gradient.
 *
 * @module
 */
import { clampedRatio } from "../ClippedRatio.ts"
import { assertSettings, eachToken, type LeafKind, tokenRatio, weightedLogProb } from "./Leaf.ts"

/**
 * The CISPO loss −sg(clip(r, 1 − clipLow, 1 + clipHigh))·A·log π with r = π/π_old of the token, |log r| within `logRatioClamp`; null switches a
 * bound off. At r = 1 its gradient is that of REINFORCE.
 *
 * The paper tunes the upper bound only. TRL 1.16.0 has no lower one, and its `epsilon_high` is the bound itself, 1 + clipHigh (5 is `clipHigh: 4`);
 * verl 0.9.1 has both, as distances from 1 (0.2 by default; its example lets go of the lower one), and clamps the log-ratio at 20.
 */
export interface Cispo {
  readonly _tag: "Cispo"
  readonly clipLow: number | null
  readonly clipHigh: number | null
  readonly logRatioClamp: number | null
}

/** Builds the CISPO loss; defaults: no lower bound and 5 above (clipHigh 4; Khatri et al., 2025, arXiv:2510.13786), no clamp. Errors: `OutOfRange` (a bound < 0). */
export const cispo = (options: Partial<Omit<Cispo, "_tag">> = {}): Cispo => {
  const leaf: Cispo = { _tag: "Cispo", clipLow: null, clipHigh: 4, logRatioClamp: null, ...options }
  const { clipHigh, clipLow, logRatioClamp } = leaf
  assertSettings("Objective.cispo", { clipLow, clipHigh, logRatioClamp })
  return leaf
}

/** The largest float32, nearly: a bound that bounds nothing. */
const NO_BOUND = 3e38

const boundsOf = ({ clipHigh, clipLow }: Cispo) => ({
  low: clipLow === null ? 0 : 1 - clipLow,
  high: clipHigh === null ? NO_BOUND : 1 + clipHigh
})

/** The CISPO loss as a kind of leaf. */
export const cispoLeaf: LeafKind<Cispo> = {
  tag: "Cispo",
  name: () => "cispo",
  needs: () => [
    { column: "advantages", neededBy: "CISPO" },
    { column: "oldLogProbs", neededBy: "CISPO" }
  ],
  evaluate: (leaf, batch) => {
    const { high, low } = boundsOf(leaf)
    return eachToken(batch, (token) => {
      const { ratio } = clampedRatio(batch.logProbs[token]! - batch.oldLogProbs![token]!, leaf.logRatioClamp)
      const derivative = -Math.min(Math.max(ratio, low), high) * batch.advantages![token]!
      return { loss: derivative * batch.logProbs[token]!, derivative }
    })
  },
  tensor: (algebra, leaf, frame) => {
    const { high, low } = boundsOf(leaf)
    return weightedLogProb(algebra, frame, algebra.clip(tokenRatio(algebra, frame, leaf.logRatioClamp), low, high))
  },
  clipRange: ({ clipHigh, clipLow }) => ({ clipLow, clipHigh }),
  attributed: [{
    name: "cispo",
    meaning: "−sg(min(r, 5))·A·log π: a clipped importance weight, not differentiated (CISPO)",
    source: "Chen et al. 2025, eq. 4",
    make: () => cispo()
  }]
}
