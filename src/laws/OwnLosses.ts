/**
 * Losses that a user might bring; a module of its own, so that threads can load them.
 *
 * @module
 */
import { type Custom, custom } from "../theory/Objective.ts"

/** Generalized cross-entropy (1 − π^q)/q of a token: −log π at q → 0, −π at q = 1 (Zhang and Sabuncu, 2018, eq. 6). */
export const generalizedCrossEntropy = (settings: { readonly q: number }): Custom =>
  custom({
    name: "gce",
    settings,
    evaluate: ({ logProb }, { q }) => {
      const power = Math.exp(q * logProb)
      return { loss: (1 - power) / q, derivative: -power }
    },
    module: { url: import.meta.url, name: "generalizedCrossEntropy" }
  })

/** A made-up loss that reads every column: −A·(k·(log π − log π_ref))² + (log π_old − log π_old + 3)·H. */
export const margin = (settings: { readonly slope: number }): Custom =>
  custom({
    name: "margin",
    needs: ["advantages", "oldLogProbs", "referenceLogProbs", "entropies"],
    settings,
    evaluate: ({ advantage, entropy, logProb, oldLogProb, referenceLogProb }, { slope }) => {
      const gap = slope * (logProb - referenceLogProb)
      return {
        loss: -advantage * gap ** 2 + (oldLogProb - oldLogProb + 3) * entropy,
        derivative: -2 * advantage * gap * slope,
        entropyDerivative: 3
      }
    },
    module: { url: import.meta.url, name: "margin" }
  })

/** Builds something that is no leaf. */
export const noLoss = (): number => 1

/** Throws instead of building. */
export const broken = (): Custom => {
  throw new Error("q is missing")
}
