/** The operations a device offers. Declared in the domain, so that a policy can name them without a tensor library. */
export type { KvCache, Ops } from "../../domain/Ops.ts"

/** Added to the mean square in `rmsNorm`, so that a zero row stays finite. */
export const rmsNormEpsilon = 1e-6

/** Stands for the logit of a token outside the allowed set and the score of an invisible position; exp of it is 0 in float32. */
export const maskedScore = -1e30
