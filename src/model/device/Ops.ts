/**
 * Constants and checks that every implementation of the operations shares.
 *
 * @module
 */
import type { KvCache } from "./DeviceOps.ts"

/** The operations a device offers. Declared in the domain, so that a policy can name them without a tensor library. */
export type { KvCache, Ops } from "./DeviceOps.ts"

/** Throws unless a cache can grow to so many slots. */
export const checkGrowth = (cache: KvCache, slots: number): void => {
  if (slots < cache.slots) throw new Error(`A cache of ${cache.slots} slots cannot grow to ${slots}.`)
}

/** Added to the mean square in `rmsNorm`, so that a zero row stays finite. */
export const rmsNormEpsilon = 1e-6

/** Stands for the logit of a token outside the allowed set and the score of an invisible position; exp of it is 0 in float32. */
export const maskedScore = -1e30
