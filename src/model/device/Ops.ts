/**
 * Constants and checks that every implementation of the operations shares.
 *
 * @module
 */
import type { Tensor2D } from "@tensorflow/tfjs-core"
import type { ChoiceSettings, KvCache } from "./DeviceOps.ts"

/** The operations a device offers. Declared in the domain, so that a policy can name them without a tensor library. */
export type { KvCache, Ops } from "./DeviceOps.ts"

/** Throws unless a cache can grow to so many slots. */
export const checkGrowth = (cache: KvCache, slots: number): void => {
  if (slots < cache.slots) throw new Error(`A cache of ${cache.slots} slots cannot grow to ${slots}.`)
}

/**
 * The width of a head of qkv [positions, (heads + 2·keyHeads)·width]. Throws where the sizes do not fit each other: kernels read memory by them.
 */
export const attentionHeadWidth = (qkv: Tensor2D, positions: number, heads: number, keyHeads: number): number => {
  const [count, all] = qkv.shape
  const headWidth = all / (heads + 2 * keyHeads)
  if (count === positions && Number.isInteger(headWidth) && headWidth > 0 && heads % keyHeads === 0) return headWidth
  throw new Error(
    `attention: qkv [${qkv.shape}] does not hold ${heads} heads of queries and ${keyHeads} of keys and of values of ${positions} positions.`
  )
}

/** Throws unless two tensors have one shape. */
export const checkSameShape = (operation: string, a: Tensor2D, b: Tensor2D): void => {
  if (a.shape[0] === b.shape[0] && a.shape[1] === b.shape[1]) return
  throw new Error(`${operation}: [${a.shape}] and [${b.shape}] are not of one shape.`)
}

/** Throws unless cosines and sines are there for each position of x and each pair of a head. */
export const checkRotation = (x: Tensor2D, cosines: Tensor2D, sines: Tensor2D, heads: number): void => {
  checkSameShape("rotate", cosines, sines)
  if (cosines.shape[0] === x.shape[0] && 2 * heads * cosines.shape[1] === x.shape[1]) return
  throw new Error(
    `rotate: x [${x.shape}] does not hold ${heads} heads of ${cosines.shape[1]} pairs for the ${cosines.shape[0]} positions of the angles.`
  )
}

/** Throws unless each of some rows, called so, has a target among the tokens of a vocabulary. */
export const checkTokens = (
  operation: string,
  called: string,
  targets: Int32Array,
  [rows, vocabulary]: readonly [number, number]
): void => {
  if (targets.length !== rows) throw new Error(`${operation}: ${targets.length} targets for ${rows} ${called}.`)
  const wrong = targets.findIndex((target) => !(target >= 0 && target < vocabulary))
  if (wrong >= 0) throw new Error(`${operation}: target ${targets[wrong]} of row ${wrong} is not among ${vocabulary} tokens.`)
}

/** Throws unless a table has a row or column for each number of a state, and each state a target among its tokens. */
export const checkChoices = (x: Tensor2D, table: Tensor2D, targets: Int32Array, { isTransposed }: ChoiceSettings): void => {
  const [vocabulary, width] = isTransposed ? table.shape : [table.shape[1], table.shape[0]]
  if (x.shape[1] !== width) {
    throw new Error(`choiceScores: states [${x.shape}] do not fit a table [${table.shape}]${isTransposed ? ", transposed" : ""}.`)
  }
  checkTokens("choiceScores", "states", targets, [x.shape[0], vocabulary])
}

/** Throws unless each of some rows has a share, from which a token is drawn. */
export const checkShares = (shares: Float64Array, rows: number): void => {
  if (shares.length !== rows) throw new Error(`vocabularyDraws: ${shares.length} shares for ${rows} rows.`)
}

/** Added to the mean square in `rmsNorm`, so that a zero row stays finite. */
export const rmsNormEpsilon = 1e-6

/** Stands for the logit of a token outside the allowed set and the score of an invisible position; exp of it is 0 in float32. */
export const maskedScore = -1e30
