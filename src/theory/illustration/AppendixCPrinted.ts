/**
 * The two tables of appendix C, as printed.
 *
 * Every figure has the paper's four decimals. Parameters are named as in the tables' data: `s` is θ_S.
 *
 * @module
 */
import type { ThreeLogitAction } from "./ThreeLogitChain.ts"

/** Names a logit in the tables: `s` is θ_S, `stopGivenCorrect` θ_C, `resampleGivenWrong` θ_W. */
export type TableParameter = "s" | "stopGivenCorrect" | "resampleGivenWrong"

/** One row of the Q chain: Q = r + future, and its contribution to one parameter's gradient. Units: reward. */
export interface TableStep {
  readonly step: number
  readonly action: ThreeLogitAction
  readonly r: number
  readonly future: number
  readonly q: number
  readonly parameter: TableParameter
  readonly contribution: number
}

/** One row of the net update: net = reward + kl. Units: reward per unit of the logit. */
export interface TableUpdate {
  readonly parameter: TableParameter
  readonly reward: number
  readonly kl: number
  readonly net: number
}

/** The tables as printed. Source: this paper, appendix C, table of part 2 and table of C.2. */
export const PRINTED: { readonly steps: ReadonlyArray<TableStep>; readonly update: ReadonlyArray<TableUpdate> } = {
  steps: [
    { step: 2, action: "STOP", r: -0.0218, future: 0, q: -0.0218, parameter: "stopGivenCorrect", contribution: -0.0022 },
    { step: 2, action: "SAMPLE_CORRECT", r: -0.332, future: -0.0218, q: -0.3538, parameter: "s", contribution: -0.142 },
    {
      step: 1,
      action: "RESAMPLE",
      r: -0.0429,
      future: -0.3538,
      q: -0.3967,
      parameter: "resampleGivenWrong",
      contribution: -0.0785
    },
    { step: 1, action: "SAMPLE_WRONG", r: 0.4704, future: -0.3967, q: 0.0737, parameter: "s", contribution: -0.0441 }
  ],
  update: [
    { parameter: "s", reward: -0.0987, kl: -0.1861, net: -0.2848 },
    { parameter: "resampleGivenWrong", reward: 0.0989, kl: -0.0785, net: 0.0204 },
    { parameter: "stopGivenCorrect", reward: 0.0499, kl: -0.0022, net: 0.0477 }
  ]
}
