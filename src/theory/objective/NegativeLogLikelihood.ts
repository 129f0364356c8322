/**
 * The SFT loss −log π of a token (this paper, eq. 17).
 *
 * @module
 */
import { eachToken, type LeafKind } from "./Leaf.ts"

/** The SFT loss −log π. */
export interface NegativeLogLikelihood {
  readonly _tag: "NegativeLogLikelihood"
}

/** Builds the SFT loss. */
export const nll = (): NegativeLogLikelihood => ({ _tag: "NegativeLogLikelihood" })

/** The SFT loss as a kind of leaf. */
export const nllLeaf: LeafKind<NegativeLogLikelihood> = {
  tag: "NegativeLogLikelihood",
  name: () => "nll",
  needs: () => [],
  evaluate: (_, batch) => eachToken(batch, (token) => ({ loss: -batch.logProbs[token]!, derivative: -1 })),
  tensor: (algebra, _, { logProbs }) => algebra.negate(logProbs),
  attributed: [{ name: "sft-loss", meaning: "gradient of −log π itself", source: "eq. 17", make: nll }]
}
