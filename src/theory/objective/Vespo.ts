/**
 * VESPO: −sg(φ(W))·A·log π with a smooth weight φ of the whole sequence's ratio W ("Variational Sequence-Level Soft Policy Optimization",
 * 2026, arXiv:2602.10693; TRL 1.16.0, `get_gamma_weights`).
 *
 * @module
 */
import { assertRange } from "../TheoryError.ts"
import type { TokenBatch } from "../TokenBatch.ts"
import { byAdvantage, clampTensor, type Evaluation, type LeafKind, overRows, ownedSequences, weightedLogProb } from "./Leaf.ts"

/**
 * The VESPO loss −sg(φ)·A·log π of a token, φ = e^λ·W^k·e^(−λW) with W = Π π/π_old over the sequence's tokens; (k, λ) are the positive pair where
 * A ≥ 0, the negative one where A < 0.
 *
 * φ(1) = 1, so on policy it has the gradient of REINFORCE. φ is largest at W = k/λ and falls to 0 on both sides: no clip, and nothing that is off by
 * orders of magnitude weighs. A token's log-ratio is held within ±20 and log W within [log 1e-8, 20], as TRL holds them.
 */
export interface Vespo {
  readonly _tag: "Vespo"
  readonly kPositive: number
  readonly lambdaPositive: number
  readonly kNegative: number
  readonly lambdaNegative: number
}

/** Builds the VESPO loss; defaults: k = 2, λ = 3 for gains and k = 3, λ = 2 for costs (TRL 1.16.0). Errors: `OutOfRange` (k or λ not in [0, ∞)). */
export const vespo = (options: Partial<Omit<Vespo, "_tag">> = {}): Vespo => {
  const leaf: Vespo = { _tag: "Vespo", kPositive: 2, lambdaPositive: 3, kNegative: 3, lambdaNegative: 2, ...options }
  for (const what of ["kPositive", "lambdaPositive", "kNegative", "lambdaNegative"] as const) {
    assertRange("Objective.vespo", what, leaf[what], Number.isFinite(leaf[what]) && leaf[what] >= 0, "[0, ∞)")
  }
  return leaf
}

const TOKEN_CLAMP = 20
const [LOWEST, HIGHEST] = [Math.log(1e-8), 20]

const powerOf = (leaf: Vespo, advantage: number): number => (advantage >= 0 ? leaf.kPositive : leaf.kNegative)
const decayOf = (leaf: Vespo, advantage: number): number => (advantage >= 0 ? leaf.lambdaPositive : leaf.lambdaNegative)

const evaluate = (leaf: Vespo, batch: TokenBatch): Evaluation => {
  const loss = new Float64Array(batch.logProbs.length)
  const derivative = new Float64Array(batch.logProbs.length)
  for (const tokens of ownedSequences(batch)) {
    const total = tokens.reduce((sum, token) => {
      const x = batch.logProbs[token]! - batch.oldLogProbs![token]!
      return sum + Math.min(Math.max(x, -TOKEN_CLAMP), TOKEN_CLAMP)
    }, 0)
    const logRatio = Math.min(Math.max(total, LOWEST), HIGHEST)
    for (const token of tokens) {
      const advantage = batch.advantages![token]!
      const weight = Math.exp(powerOf(leaf, advantage) * logRatio - decayOf(leaf, advantage) * Math.expm1(logRatio))
      derivative[token] = -weight * advantage
      loss[token] = derivative[token]! * batch.logProbs[token]!
    }
  }
  return { loss, derivative, entropyDerivative: new Float64Array(loss.length) }
}

/** The VESPO loss as a kind of leaf. */
export const vespoLeaf: LeafKind<Vespo> = {
  tag: "Vespo",
  name: () => "vespo",
  needs: () => [
    { column: "advantages", neededBy: "VESPO" },
    { column: "oldLogProbs", neededBy: "VESPO" }
  ],
  evaluate,
  tensor: (algebra, leaf, frame) => {
    const tokens = clampTensor(algebra, algebra.subtract(frame.logProbs, frame.column("oldLogProbs")), TOKEN_CLAMP)
    const logRatio = algebra.clip(overRows(algebra, frame, tokens, "sum"), LOWEST, HIGHEST)
    const power = byAdvantage(algebra, frame, (advantage) => powerOf(leaf, advantage))
    const decay = byAdvantage(algebra, frame, (advantage) => decayOf(leaf, advantage))
    const logWeight = algebra.subtract(algebra.multiply(logRatio, power), algebra.multiply(algebra.expm1(logRatio), decay))
    return weightedLogProb(algebra, frame, algebra.exp(logWeight))
  },
  attributed: [{
    name: "vespo",
    meaning: "−sg(φ(W))·A·log π: a smooth weight of the whole response's ratio (VESPO; k = 2, 3 and λ = 3, 2)",
    source: "arXiv:2602.10693",
    make: () => vespo()
  }]
}
