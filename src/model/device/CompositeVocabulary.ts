/**
 * Choices among all tokens of a vocabulary where the logits lie out of the host's reach: the device sums blocks of each row, and the host finishes the sums in
 * float64 and sees one block of a row. The logits themselves, hundreds of megabytes for a pass over a language model, stay where they are.
 *
 * @module
 */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core"
import type { TensorLibrary } from "./Device.ts"
import type { VocabularyDraws, VocabularyScores } from "./DeviceOps.ts"
import { checkShares, checkTokens, type Ops } from "./Ops.ts"

/** Tokens of a block. A row of V costs the host V / 256 numbers and a block. */
const BLOCK = 256
/** e^z is 0 in float32 from about here on; and e^z · z is not NaN where a logit is −∞. */
const LEAST = -87
/** What fills the last block up: no logit is as low, and its difference from one is a number. */
const FILLING = -1e30

/** Rows of logits cut into blocks, and of each row what the host reads of it. */
interface Blocks {
  /** [N·blocks, BLOCK]. */
  readonly values: Tensor2D
  /** The largest logit of each row. */
  readonly tops: Float64Array
  /** Σ e^z of each row's blocks, z = (x − top)·scale, row by row. */
  readonly masses: Float64Array
  /** Σ e^z·z likewise; empty where they were not asked for. */
  readonly weighted: Float64Array
}

/** What the host computes with; the tensor is disposed. */
const readOnce = async (tensor: Tensor): Promise<Float64Array> => {
  try {
    return Float64Array.from(await tensor.data<"float32">())
  } finally {
    tensor.dispose()
  }
}

/** The operations on rows of logits, composed of the tensor library's own. */
export const compositeVocabulary = (tf: TensorLibrary): Pick<Ops, "vocabularyScores" | "vocabularyDraws"> => {
  const cut = async (logits: Tensor2D, scale: number, isWeighted: boolean): Promise<Blocks> => {
    const [n, vocabulary] = logits.shape
    const blocks = Math.ceil(vocabulary / BLOCK)
    const room = blocks * BLOCK - vocabulary
    const [values, sums] = tf.tidy(() => {
      const values = room === 0 ? logits : tf.pad(logits, [[0, 0], [0, room]], FILLING)
      const top = tf.max(logits, 1, true)
      const z = tf.reshape(tf.maximum(tf.mul(tf.sub(values, top), scale), LEAST), [n * blocks, BLOCK])
      const e = tf.exp(z)
      const sums = [tf.reshape(top, [n]), tf.sum(e, 1), ...(isWeighted ? [tf.sum(tf.mul(e, z), 1)] : [])]
      return [tf.reshape(values, [n * blocks, BLOCK]) as Tensor2D, tf.concat(sums)] as const
    })
    const all = await readOnce(sums)
    return { values, tops: all.subarray(0, n), masses: all.subarray(n, n + n * blocks), weighted: all.subarray(n + n * blocks) }
  }

  /** One block of each row. */
  const blockOfEach = async (values: Tensor2D, places: Int32Array): Promise<Float64Array> => {
    const found = tf.tidy(() => tf.gather(values, tf.tensor1d(places, "int32")))
    values.dispose()
    return readOnce(found)
  }

  const sum = (values: Float64Array, from: number, to: number): number => {
    let total = 0
    for (let i = from; i < to; i++) total += values[i]!
    return total
  }

  const vocabularyScores = async (logits: Tensor2D, targets: Int32Array, temperature: number): Promise<VocabularyScores> => {
    checkTokens("vocabularyScores", "rows", targets, logits.shape)
    const [n, scale] = [logits.shape[0], 1 / temperature]
    const blocks = Math.ceil(logits.shape[1] / BLOCK)
    const { masses, tops, values, weighted } = await cut(logits, scale, true)
    const places = Int32Array.from(targets, (target, row) => row * blocks + Math.floor(target / BLOCK))
    const around = await blockOfEach(values, places)
    const [logProbs, entropies] = [new Float64Array(n), new Float64Array(n)]
    for (let row = 0; row < n; row++) {
      const mass = sum(masses, row * blocks, (row + 1) * blocks)
      logProbs[row] = (around[row * BLOCK + (targets[row]! % BLOCK)]! - tops[row]!) * scale - Math.log(mass)
      entropies[row] = Math.log(mass) - sum(weighted, row * blocks, (row + 1) * blocks) / mass
    }
    return { logProbs, entropies }
  }

  const vocabularyDraws = async (logits: Tensor2D, shares: Float64Array, temperature: number): Promise<VocabularyDraws> => {
    const [n, vocabulary] = logits.shape
    checkShares(shares, n)
    const scale = 1 / temperature
    const blocks = Math.ceil(vocabulary / BLOCK)
    const { masses, tops, values } = await cut(logits, scale, false)
    const totals = Float64Array.from({ length: n }, (_, row) => sum(masses, row * blocks, (row + 1) * blocks))
    const [places, left] = [new Int32Array(n), new Float64Array(n)]
    for (let row = 0; row < n; row++) {
      left[row] = shares[row]! * totals[row]!
      let block = row * blocks
      for (; block + 1 < (row + 1) * blocks && !(left[row]! < masses[block]!); block++) left[row]! -= masses[block]!
      places[row] = block
    }
    const around = await blockOfEach(values, places)
    const [tokens, logProbs] = [new Int32Array(n), new Float64Array(n)]
    for (let row = 0; row < n; row++) {
      const first = (places[row]! - row * blocks) * BLOCK
      const [scaled, width] = [(i: number) => (around[row * BLOCK + i]! - tops[row]!) * scale, Math.min(BLOCK, vocabulary - first)]
      // The last token of the block that has any probability, where rounding leaves something over.
      let [chosen, likeliest] = [-1, 0]
      for (let i = 0; i < width && left[row]! >= 0; i++) {
        const e = Math.exp(scaled(i))
        if (e > 1e-37) {
          chosen = i
          left[row]! -= e
        }
        if (around[row * BLOCK + i]! > around[row * BLOCK + likeliest]!) likeliest = i
      }
      const token = chosen < 0 ? likeliest : chosen
      tokens[row] = first + token
      logProbs[row] = scaled(token) - Math.log(totals[row]!)
    }
    return { tokens, logProbs }
  }

  return { vocabularyScores, vocabularyDraws }
}
