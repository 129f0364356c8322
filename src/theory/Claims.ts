/**
 * The claims ledger of this paper: what it states, how far that holds, and which tests show it, C01 to C51.
 *
 * @module
 */
import { APPENDIX_C } from "./claims/AppendixCClaims.ts"
import type { Claim } from "./claims/Claim.ts"
import { FURTHER_STATEMENTS } from "./claims/FurtherStatements.ts"
import { KL_PENALTY } from "./claims/KlPenaltyClaims.ts"
import { MEASUREMENT } from "./claims/Measurement.ts"
import { SETTING } from "./claims/Setting.ts"
import { SUPERVISED } from "./claims/Supervised.ts"
import { SURROGATE_REWARD } from "./claims/SurrogateReward.ts"

/** Lists every claim, in the order of their ids. */
export const CLAIMS: ReadonlyArray<Claim> = [
  ...SETTING,
  ...SURROGATE_REWARD,
  ...KL_PENALTY,
  ...APPENDIX_C,
  ...SUPERVISED,
  ...MEASUREMENT,
  ...FURTHER_STATEMENTS
]
