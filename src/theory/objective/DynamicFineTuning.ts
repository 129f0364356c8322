/**
 * The DFT loss −sg(π)·log π of a token, sg = held constant (Wu et al., 2025, "On the Generalization of SFT"; this paper, eq. 27).
 *
 * @module
 */
import { eachToken, type LeafKind } from "./Leaf.ts"

/** The DFT loss −sg(π)·log π. */
export interface DynamicFineTuning {
  readonly _tag: "DynamicFineTuning"
}

/** Builds the DFT loss. */
export const dft = (): DynamicFineTuning => ({ _tag: "DynamicFineTuning" })

/** The DFT loss as a kind of leaf. */
export const dftLeaf: LeafKind<DynamicFineTuning> = {
  tag: "DynamicFineTuning",
  name: () => "dft",
  needs: () => [],
  evaluate: (_, batch) =>
    eachToken(batch, (token) => {
      const probabilityFixed = Math.exp(batch.logProbs[token]!)
      return { loss: -probabilityFixed * batch.logProbs[token]!, derivative: -probabilityFixed }
    }),
  tensor: (algebra, _, { logProbs }) => algebra.negate(algebra.multiply(algebra.stopGradient(algebra.exp(logProbs)), logProbs)),
  attributed: [{ name: "dft-loss", meaning: "gradient of −sg(π)·log π itself", source: "eq. 27", make: dft }]
}
