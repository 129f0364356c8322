/**
 * Corrections of rollouts before they are learnt from: weights and masks, all pure functions of columns.
 *
 * Every one is a factor w ≥ 0 on a token's advantage (−min(rwA, clip(r)wA) = w · −min(rA, clip(r)A)) or a mask that takes tokens out of the batch.
 * Sources are with the parts (verl 0.9.1, TRL 1.16.0, 2025).
 *
 * @module
 */
export type { TwoPolicies } from "./correction/Ratios.ts"
export { effectiveShare, type ImportanceWeights, importanceWeights, weightsOf } from "./correction/ImportanceWeights.ts"
export { kept, offPolicyKept, type Rejection, rejection, vetoed } from "./correction/Rejection.ts"
export { highEntropyKept } from "./correction/HighEntropy.ts"
