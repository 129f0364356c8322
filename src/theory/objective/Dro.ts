/**
 * DRO: −A log π + β/2·(log π − log π_old)², a quadratic leash in place of ratio and clip (Richemond et al., 2024, "Offline Regularised
 * Reinforcement Learning for Large Language Models Alignment", arXiv:2405.19107; verl 0.9.1, `dro`).
 *
 * @module
 */
import { assertRange } from "../TheoryError.ts"
import { eachToken, type LeafKind } from "./Leaf.ts"

/**
 * The DRO loss −(A·log π − β/2·(log π − log π_old)²) of a token; its derivative −A + β·(log π − log π_old) is 0 at log π = log π_old + A/β.
 *
 * At log π = log π_old its gradient is that of REINFORCE. As in verl the leash is each token's; the paper's is the sequence's, with a learnt value in
 * place of the group's baseline.
 */
export interface Dro {
  readonly _tag: "Dro"
  readonly beta: number
}

/** Builds the DRO loss. Neither paper nor library has a default β (> 0, reward units). Errors: `OutOfRange`. */
export const dro = ({ beta }: { readonly beta: number }): Dro => {
  assertRange("Objective.dro", "beta", beta, Number.isFinite(beta) && beta > 0, "(0, ∞)")
  return { _tag: "Dro", beta }
}

/** The DRO loss as a kind of leaf. */
export const droLeaf: LeafKind<Dro> = {
  tag: "Dro",
  name: () => "dro",
  needs: () => [
    { column: "advantages", neededBy: "DRO" },
    { column: "oldLogProbs", neededBy: "DRO" }
  ],
  evaluate: ({ beta }, batch) =>
    eachToken(batch, (token) => {
      const logProb = batch.logProbs[token]!
      const advantage = batch.advantages![token]!
      const x = logProb - batch.oldLogProbs![token]!
      return { loss: (beta / 2) * x * x - advantage * logProb, derivative: beta * x - advantage }
    }),
  tensor: (algebra, { beta }, frame) => {
    const x = algebra.subtract(frame.logProbs, frame.column("oldLogProbs"))
    const reward = algebra.multiply(frame.column("advantages"), frame.logProbs)
    return algebra.subtract(algebra.multiply(algebra.square(x), beta / 2), reward)
  },
  attributed: [{
    name: "dro",
    meaning: "−A·log π + β/2·(log π/π_old)² a token (DRO)",
    source: "Richemond et al. 2024",
    make: ({ beta }) => dro({ beta })
  }]
}
