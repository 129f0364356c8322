/**
 * The reward surrogate of REINFORCE, PPO, GRPO, GSPO and RLOO: −A log π, or −min(rA, clip(r)A) of an importance ratio r.
 *
 * Sources: Williams, 1992; Schulman et al., 2017; Shao et al., 2024; Zheng et al., 2025; this paper, eq. 8. (`theory/Surrogate` is the
 * reward's recursion of Theorem 3.1; this is its loss.)
 *
 * @module
 */
import { clampedRatio, clippedTerm } from "../ClippedRatio.ts"
import type { TokenBatch } from "../TokenBatch.ts"
import {
  byAdvantage,
  clampTensor,
  coupledLoss,
  eachToken,
  type Evaluation,
  type LeafKind,
  overRows,
  ownedSequences,
  shareOfRow,
  tokenRatio
} from "./Leaf.ts"
import type { Frame, TensorAlgebra } from "./TensorAlgebra.ts"

/** Lists the ratios that a surrogate may have, from none to a whole trajectory's; see `Surrogate`. */
export const RATIOS = ["none", "token", "sequence", "sequence-token", "product"] as const

/**
 * The reward surrogate: −A log π without a ratio, else −min(rA, clip(r)A). With L tokens of log-ratios x_t = log π_t − log π_old,t in a
 * sequence, `ratio` says what r is:
 *
 * | `ratio`          | r                              | who                                                                        |
 * |------------------|--------------------------------|----------------------------------------------------------------------------|
 * | `none`           | log π in its place             | REINFORCE; verl `gpg`                                                      |
 * | `token`          | exp(x_t)                       | PPO, GRPO                                                                  |
 * | `sequence`       | exp(Σ x / L), the geometric mean | GSPO (Zheng et al., 2025, eq. 5); TRL `importance_sampling_level="sequence"` |
 * | `sequence-token` | the same number, but token t has a slope of exp(x_t) alone: sg(s)·π_t/sg(π_t) | GSPO-token (the same, eq. 13); verl `gspo` |
 * | `product`        | exp(Σ x) = π(τ)/π_old(τ), the ratio of the trajectory | this paper, eq. 8; TRL's RLOO                       |
 *
 * `sequence`: each token has the loss of the sequence, so `seq-mean-token-mean` counts it once. It shares the slope among them: its gradient is that of
 * `sequence-token` only where the advantage is the same on all of them; else a token of `sequence` has the sequence's mean slope, one of
 * `sequence-token` its own. `product`: each token has 1/L of the loss of the sequence, so `seq-mean-token-sum` counts it once, and the gradient is
 * −A·r·Σ_t ∇log π_t, at r = 1 that of `none`. With advantages that vary within a sequence A is their mean.
 *
 * `logRatioClamp` bounds |log r|. Bounds and the clamp are ignored without a ratio.
 */
export interface Surrogate {
  readonly _tag: "Surrogate"
  readonly ratio: (typeof RATIOS)[number]
  readonly clipLow: number | null
  readonly clipHigh: number | null
  readonly dualClip: number | null
  readonly logRatioClamp: number | null
}

/** Builds the reward surrogate; defaults: a ratio per token, clipped at 0.2 on both sides, no dual clip, no clamp. */
export const surrogate = (options: Partial<Omit<Surrogate, "_tag">> = {}): Surrogate => ({
  _tag: "Surrogate",
  ratio: "token",
  clipLow: 0.2,
  clipHigh: 0.2,
  dualClip: null,
  logRatioClamp: null,
  ...options
})

const evaluateTokens = (leaf: Surrogate, batch: TokenBatch): Evaluation => {
  const advantages = batch.advantages!
  if (leaf.ratio === "none") {
    return eachToken(batch, (token) => ({
      loss: -advantages[token]! * batch.logProbs[token]!,
      derivative: -advantages[token]!
    }))
  }
  const old = batch.oldLogProbs!
  return eachToken(batch, (token) => {
    const { inside, ratio } = clampedRatio(batch.logProbs[token]! - old[token]!, leaf.logRatioClamp)
    const { loss, slope } = clippedTerm(ratio, advantages[token]!, leaf)
    return { loss, derivative: inside ? slope * ratio : 0 }
  })
}

/**
 * A token moves the L losses of its sequence, each by 1/L: a geometric mean depends on its log π with that weight, a product wholly, but has 1/L of
 * the loss. So a token's derivative is a mean of slopes. Straight through, it moves its own loss alone.
 */
const evaluateSequences = (leaf: Surrogate, batch: TokenBatch): Evaluation => {
  const advantages = batch.advantages!
  const old = batch.oldLogProbs!
  const loss = new Float64Array(batch.logProbs.length)
  const derivative = new Float64Array(batch.logProbs.length)
  for (const tokens of ownedSequences(batch)) {
    const total = tokens.reduce((sum, token) => sum + batch.logProbs[token]! - old[token]!, 0)
    const { inside, ratio } = clampedRatio(leaf.ratio === "product" ? total : total / tokens.length, leaf.logRatioClamp)
    const terms = tokens.map((token) => clippedTerm(ratio, advantages[token]!, leaf))
    const shared = terms.reduce((sum, term) => sum + term.slope, 0) / tokens.length
    tokens.forEach((token, index) => {
      loss[token] = terms[index]!.loss / (leaf.ratio === "product" ? tokens.length : 1)
      const slope = leaf.ratio === "sequence-token" ? terms[index]!.slope : shared
      derivative[token] = inside && slope !== 0 ? slope * ratio : 0
    })
  }
  return { loss, derivative, entropyDerivative: new Float64Array(loss.length) }
}

/**
 * Clips the ratio per token, so that −A·clipped is the clipped surrogate: a gain stops at 1 + clipHigh, a loss at
 * 1 − clipLow, and with dual clip a loss also at that many times the old probability.
 */
const clipRatio = <T>(algebra: TensorAlgebra<T>, frame: Frame<T>, leaf: Surrogate, ratio: T): T => {
  const { clipHigh, clipLow, dualClip } = leaf
  const ceilings = { gain: clipHigh === null ? Infinity : 1 + clipHigh, cost: dualClip ?? Infinity }
  const floor = clipLow === null ? -Infinity : 1 - clipLow
  const upper = byAdvantage(algebra, frame, (a) => (a > 0 ? ceilings.gain : a < 0 ? ceilings.cost : Infinity))
  const lower = byAdvantage(algebra, frame, (a) => (a < 0 ? floor : -Infinity))
  return algebra.maximum(algebra.minimum(ratio, upper), lower)
}

/** exp of the mean or the sum of log-ratios of each row's owned tokens, repeated on the row. */
const sequenceRatio = <T>(algebra: TensorAlgebra<T>, frame: Frame<T>, leaf: Surrogate, logProbs: T): T => {
  const logRatio = algebra.subtract(logProbs, frame.column("oldLogProbs"))
  return algebra.exp(
    clampTensor(algebra, overRows(algebra, frame, logRatio, leaf.ratio === "product" ? "sum" : "mean"), leaf.logRatioClamp)
  )
}

/** The sequence's ratio in value, each token's own log π in slope; outside the clamp it is constant, as the clamp's derivative says. */
const straightThrough = <T>(algebra: TensorAlgebra<T>, frame: Frame<T>, leaf: Surrogate): T => {
  const means = overRows(algebra, frame, algebra.subtract(frame.logProbs, frame.column("oldLogProbs")), "mean")
  const own = algebra.withDerivativeOf(means, frame.logProbs)
  return algebra.exp(clampTensor(algebra, own, leaf.logRatioClamp))
}

/** The surrogate as a kind of leaf. */
export const surrogateLeaf: LeafKind<Surrogate> = {
  tag: "Surrogate",
  name: () => "surrogate",
  needs: ({ ratio }) => [
    { column: "advantages", neededBy: "a surrogate" },
    ...(ratio === "none" ? [] : [{ column: "oldLogProbs", neededBy: "a surrogate with an importance ratio" } as const])
  ],
  evaluate: (leaf, batch) => leaf.ratio === "none" || leaf.ratio === "token" ? evaluateTokens(leaf, batch) : evaluateSequences(leaf, batch),
  isCoupled: ({ ratio }) => ratio === "sequence" || ratio === "product",
  tensor: (algebra, leaf, frame) => {
    const cost = algebra.negate(frame.column("advantages"))
    const costOf = <T>(a: TensorAlgebra<T>, f: Frame<T>, c: T, ratio: T): T => a.multiply(c, clipRatio(a, f, leaf, ratio))
    switch (leaf.ratio) {
      case "none":
        return algebra.multiply(cost, frame.logProbs)
      case "token":
        return costOf(algebra, frame, cost, tokenRatio(algebra, frame, leaf.logRatioClamp))
      case "sequence-token":
        return costOf(algebra, frame, cost, straightThrough(algebra, frame, leaf))
      case "sequence":
      case "product": {
        const share = leaf.ratio === "sequence" ? cost : algebra.multiply(cost, shareOfRow(algebra, frame))
        return coupledLoss(algebra, frame, (logProbs) => costOf(algebra, frame, share, sequenceRatio(algebra, frame, leaf, logProbs)))
      }
    }
  },
  clipRange: ({ clipHigh, clipLow, ratio }) => (ratio === "token" ? { clipLow, clipHigh } : null),
  attributed: [
    {
      name: "surrogate-clipped",
      meaning: "clipped surrogate, a ratio π/π_old for each token (PPO, GRPO; ε = 0.2)",
      source: "Schulman et al. 2017",
      make: () => surrogate()
    },
    {
      name: "surrogate-sequence",
      meaning: "clipped surrogate, the geometric mean of the response's ratios (GSPO; ε = 3e-4, 4e-4)",
      source: "Zheng et al. 2025, eq. 5",
      make: () => surrogate({ ratio: "sequence", clipLow: 3e-4, clipHigh: 4e-4 })
    },
    {
      name: "surrogate-product",
      meaning: "surrogate with the ratio of the whole response, the product of its tokens'",
      source: "eq. 8",
      make: () => surrogate({ ratio: "product", clipLow: null, clipHigh: null })
    }
  ]
}
