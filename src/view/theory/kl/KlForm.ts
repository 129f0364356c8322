/**
 * What the page on KL lets choose.
 *
 * @module
 */
import * as Aggregate from "../../../theory/Aggregate.ts"
import { ESTIMATORS } from "../../../theory/Kl.ts"
import { PLACEMENTS } from "../../../theory/KlChoice.ts"
import { type Form, lengthStops } from "../form/Form.ts"
import { LOGIT_QUANTITIES } from "../form/LogitQuantities.ts"

/** The longest answer. */
export const LONGEST = 512

/** Placements in words. */
export const PLACEMENT_NAMES = { loss: "in the loss", "loss-corrected": "in the loss times π/π_old", reward: "in the reward" } as const

/** Estimators in words; straight through, one has k2's gradient. */
export const estimatorName = (estimator: string): string =>
  estimator.replace("abs", "|x|").replace("-straight-through", " straight through")

/** Logits, length, cap, estimator, placement and aggregation. */
export const KL_FORM = {
  quantities: [
    ...LOGIT_QUANTITIES,
    { name: "L", label: "L, tokens an answer", least: 1, most: LONGEST, step: 1, stops: lengthStops(LONGEST), initial: 64, isWhole: true },
    { name: "cap", label: "Attempts allowed", least: 1, most: 8, step: 1, initial: 6, isWhole: true },
    { name: "T", label: "T, the constant length", least: 1, most: 10_000, step: 100, initial: 1000 }
  ],
  choices: [
    {
      name: "estimator",
      label: "Estimator",
      options: ESTIMATORS.map((id) => ({ id, name: estimatorName(id) })),
      initial: "k3"
    },
    { name: "placement", label: "Placed", options: PLACEMENTS.map((id) => ({ id, name: PLACEMENT_NAMES[id] })), initial: "loss" },
    {
      name: "aggregation",
      label: "Aggregation of tokens",
      options: Aggregate.AGGREGATIONS.map((id) => ({ id, name: id })),
      initial: "seq-mean-token-sum"
    }
  ]
} as const satisfies Form

/** The aggregation that a form names; T is for the one by a constant length. */
export const aggregationOf = (name: Aggregate.Aggregation["_tag"], length: number): Aggregate.Aggregation => {
  switch (name) {
    case "token-mean":
      return Aggregate.tokenMean
    case "token-sum":
      return Aggregate.tokenSum
    case "seq-mean-token-mean":
      return Aggregate.seqMeanTokenMean
    case "seq-mean-token-sum":
      return Aggregate.seqMeanTokenSum
    case "seq-mean-token-sum-norm":
      return Aggregate.seqMeanTokenSumNorm(length)
  }
}
