/**
 * SAPO: −A·f(r) with a soft gate f in place of PPO's clip (Gao et al., 2025, "Soft Adaptive Policy Optimization", arXiv:2511.20347).
 *
 * @module
 */
import { clampedRatio } from "../ClippedRatio.ts"
import { sigmoid } from "../LogSpace.ts"
import { assertRange } from "../TheoryError.ts"
import { byAdvantage, eachToken, type LeafKind, tokenRatio } from "./Leaf.ts"

/**
 * The SAPO loss −A·(4/τ)·σ(τ(r − 1)) with r = π/π_old of the token, σ the logistic function, and τ = `temperaturePositive` where A > 0,
 * `temperatureNegative` elsewhere. |log r| is held within `logRatioClamp`; null does not hold it (verl 0.9.1: 20).
 *
 * Its derivative −A·r·4σ(1 − σ) is that of the unclipped surrogate, −A·r, damped by a factor that is 1 at r = 1 and falls off on both sides, the faster
 * the larger τ. The value at r = 1 is −2A/τ, not −A.
 */
export interface Sapo {
  readonly _tag: "Sapo"
  readonly temperaturePositive: number
  readonly temperatureNegative: number
  readonly logRatioClamp: number | null
}

/** Builds the SAPO loss; defaults: τ = 1 and 1.05 (verl 0.9.1, TRL 1.16.0), no clamp. Errors: `OutOfRange` for a τ that is not > 0. */
export const sapo = (options: Partial<Omit<Sapo, "_tag">> = {}): Sapo => {
  const leaf: Sapo = { _tag: "Sapo", temperaturePositive: 1, temperatureNegative: 1.05, logRatioClamp: null, ...options }
  for (const what of ["temperaturePositive", "temperatureNegative"] as const) {
    assertRange("Objective.sapo", what, leaf[what], Number.isFinite(leaf[what]) && leaf[what] > 0, "(0, ∞)")
  }
  return leaf
}

const temperatureOf = (leaf: Sapo, advantage: number): number => (advantage > 0 ? leaf.temperaturePositive : leaf.temperatureNegative)

/** The SAPO loss as a kind of leaf. */
export const sapoLeaf: LeafKind<Sapo> = {
  tag: "Sapo",
  name: () => "sapo",
  needs: () => [
    { column: "advantages", neededBy: "SAPO" },
    { column: "oldLogProbs", neededBy: "SAPO" }
  ],
  evaluate: (leaf, batch) =>
    eachToken(batch, (token) => {
      const advantage = batch.advantages![token]!
      const temperature = temperatureOf(leaf, advantage)
      const { inside, ratio } = clampedRatio(batch.logProbs[token]! - batch.oldLogProbs![token]!, leaf.logRatioClamp)
      const beyond = temperature * (ratio - 1)
      const [gate, rest] = [sigmoid(beyond), sigmoid(-beyond)]
      // r·σ(1 − σ); for a ratio that overflows it is 0, not ∞·0.
      const slope = inside && rest !== 0 ? 4 * ratio * gate * rest : 0
      return { loss: -advantage * (4 / temperature) * gate, derivative: -advantage * slope }
    }),
  tensor: (algebra, leaf, frame) => {
    const temperature = byAdvantage(algebra, frame, (advantage) => temperatureOf(leaf, advantage))
    const height = byAdvantage(algebra, frame, (advantage) => 4 / temperatureOf(leaf, advantage))
    const beyond = algebra.subtract(
      tokenRatio(algebra, frame, leaf.logRatioClamp),
      algebra.constant(new Float32Array(frame.owned.length).fill(1))
    )
    const gate = algebra.multiply(algebra.sigmoid(algebra.multiply(beyond, temperature)), height)
    return algebra.multiply(algebra.negate(frame.column("advantages")), gate)
  },
  attributed: [{
    name: "sapo",
    meaning: "−A·(4/τ)·σ(τ(r − 1)): a soft gate in place of the clip (SAPO; τ = 1, 1.05)",
    source: "Gao et al. 2025",
    make: () => sapo()
  }]
}
