/**
 * Choices among all tokens of a vocabulary on the wasm device: kernels that read rows of logits where they lie.
 *
 * @module
 */
import type { Tensor2D } from "@tensorflow/tfjs-core"
import { checkShares, checkTokens, type Ops } from "./Ops.ts"
import type { WasmKernels } from "./WasmKernels.ts"

/** The operations on rows of logits in the memory of a wasm backend. */
export const wasmVocabulary = (kernels: WasmKernels): Pick<Ops, "vocabularyScores" | "vocabularyDraws"> => {
  const { exports } = kernels
  return {
    vocabularyScores: (logits, targets, temperature) => {
      // The kernel reads memory by them.
      checkTokens("vocabularyScores", "rows", targets, logits.shape)
      const [n, vocabulary] = logits.shape
      const sums = kernels.scratch(24 * n + 4 * n)
      const targetOf = sums + 24 * n
      kernels.write(targetOf, targets)
      exports.vocabularySums(kernels.pointer(logits), targetOf, sums, n, vocabulary, 1 / temperature)
      const values = kernels.doubles(sums, 3 * n)
      const [logProbs, entropies] = [new Float64Array(n), new Float64Array(n)]
      for (let row = 0; row < n; row++) {
        const [target, mass, weighted] = [values[3 * row]!, values[3 * row + 1]!, values[3 * row + 2]!]
        logProbs[row] = target - Math.log(mass)
        entropies[row] = Math.log(mass) - weighted / mass
      }
      return { logProbs, entropies }
    },
    vocabularyDraws: (logits: Tensor2D, shares, temperature) => {
      const [n, vocabulary] = logits.shape
      checkShares(shares, n)
      const sums = kernels.scratch(16 * n + 8 * n + 4 * n)
      const [shareOf, tokenOf] = [sums + 16 * n, sums + 24 * n]
      kernels.doubles(shareOf, n).set(shares)
      exports.vocabularyDraws(kernels.pointer(logits), shareOf, tokenOf, sums, n, vocabulary, 1 / temperature)
      const values = kernels.doubles(sums, 2 * n)
      return {
        tokens: kernels.integers(tokenOf, n).slice(),
        logProbs: Float64Array.from({ length: n }, (_, row) => values[2 * row]! - Math.log(values[2 * row + 1]!))
      }
    }
  }
}
