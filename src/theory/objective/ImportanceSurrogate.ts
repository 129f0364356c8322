/**
 * The reward surrogate of REINFORCE, PPO, GRPO, GSPO and RLOO: −A log π, or −min(rA, clip(r)A) of an importance ratio r.
 *
 * Sources: Williams, 1992; Schulman et al., 2017; Shao et al., 2024; Zheng et al., 2025; this paper, eq. 8. (`theory/Surrogate` is the
 * reward's recursion of Theorem 3.1; this is its loss.)
 *
 * @module
 */
import { clampedRatio, clippedTerm, logRatioDerivative } from "../ClippedRatio.ts"
import { assertRange } from "../TheoryError.ts"
import type { TokenBatch } from "../TokenBatch.ts"
import {
  assertSettings,
  byAdvantage,
  clampTensor,
  coupledLoss,
  eachToken,
  type Evaluation,
  type LeafKind,
  overRows,
  ownedSequences,
  shareOfRow
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

/** Builds the reward surrogate; defaults: a ratio per token, clipped at 0.2 on both sides, no dual clip, no clamp. Errors: `OutOfRange` (a bound < 0, a dual clip ≤ 1). */
export const surrogate = (options: Partial<Omit<Surrogate, "_tag">> = {}): Surrogate => {
  const leaf: Surrogate = {
    _tag: "Surrogate",
    ratio: "token",
    clipLow: 0.2,
    clipHigh: 0.2,
    dualClip: null,
    logRatioClamp: null,
    ...options
  }
  const { clipHigh, clipLow, dualClip, logRatioClamp } = leaf
  assertSettings("Objective.surrogate", { clipLow, clipHigh, logRatioClamp })
  if (dualClip !== null) assertRange("Objective.surrogate", "dualClip", dualClip, dualClip > 1, "(1, ∞], or null for none")
  return leaf
}

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
    const clamped = clampedRatio(batch.logProbs[token]! - old[token]!, leaf.logRatioClamp)
    const term = clippedTerm(clamped.ratio, advantages[token]!, leaf)
    return { loss: term.loss, derivative: logRatioDerivative(term, clamped) }
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
    const clamped = clampedRatio(leaf.ratio === "product" ? total : total / tokens.length, leaf.logRatioClamp)
    const terms = tokens.map((token) => clippedTerm(clamped.ratio, advantages[token]!, leaf))
    const shared = terms.reduce((sum, term) => sum + term.slope, 0) / tokens.length
    tokens.forEach((token, index) => {
      loss[token] = terms[index]!.loss / (leaf.ratio === "product" ? tokens.length : 1)
      const slope = leaf.ratio === "sequence-token" ? terms[index]!.slope : shared
      derivative[token] = logRatioDerivative({ loss: loss[token]!, slope }, clamped)
    })
  }
  return { loss, derivative, entropyDerivative: new Float64Array(loss.length) }
}

/** Up to where a ratio counts, by the advantage's sign: a gain to 1 + clipHigh, a loss to the dual clip, and nothing at A = 0. */
const ceilingOf = ({ clipHigh, dualClip }: Surrogate, advantage: number): number => {
  if (advantage === 0) return 1
  return advantage > 0 ? (clipHigh === null ? Infinity : 1 + clipHigh) : (dualClip ?? Infinity)
}

/**
 * Cuts log-ratios one nat above their ceiling. The clip alone would not do: beyond 88 nats exp overflows in float32, and its derivative
 * is then 0·∞ on tokens that are clipped away.
 */
const belowOverflow = <T>(algebra: TensorAlgebra<T>, ceilings: Float32Array, logRatios: T): T =>
  algebra.minimum(logRatios, algebra.constant(ceilings.map((ceiling) => Math.log(ceiling) + 1)))

/**
 * Clips the ratio per token, so that −A·clipped is the clipped surrogate: a gain stops at 1 + clipHigh, a loss at
 * 1 − clipLow, and with dual clip a loss also at that many times the old probability.
 */
const clipRatio = <T>(algebra: TensorAlgebra<T>, frame: Frame<T>, leaf: Surrogate, ratio: T): T => {
  const { clipLow } = leaf
  const floor = clipLow === null ? -Infinity : 1 - clipLow
  const upper = byAdvantage(algebra, frame, (a) => ceilingOf(leaf, a))
  const lower = byAdvantage(algebra, frame, (a) => (a < 0 ? floor : -Infinity))
  return algebra.maximum(algebra.minimum(ratio, upper), lower)
}

/** The importance ratio π/π_old of each token. */
const tokenRatios = <T>(algebra: TensorAlgebra<T>, frame: Frame<T>, leaf: Surrogate): T => {
  const logRatios = clampTensor(algebra, algebra.subtract(frame.logProbs, frame.column("oldLogProbs")), leaf.logRatioClamp)
  return algebra.exp(belowOverflow(algebra, Float32Array.from(frame.values("advantages"), (a) => ceilingOf(leaf, a)), logRatios))
}

/** The exponential of one log-ratio a row, repeated on it, cut above the highest ceiling among the row's owned tokens. */
const ratioOfRows = <T>(algebra: TensorAlgebra<T>, frame: Frame<T>, leaf: Surrogate, logRatios: T): T => {
  const { columns, owned, rows } = frame
  const advantages = frame.values("advantages")
  const ceilings = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    let highest = 0
    for (let cell = row * columns; cell < (row + 1) * columns; cell++) {
      if (owned[cell] === 1) highest = Math.max(highest, ceilingOf(leaf, advantages[cell]!))
    }
    ceilings.fill(highest === 0 ? 1 : highest, row * columns, (row + 1) * columns)
  }
  return algebra.exp(belowOverflow(algebra, ceilings, clampTensor(algebra, logRatios, leaf.logRatioClamp)))
}

/** exp of the mean or the sum of log-ratios of each row's owned tokens, repeated on the row. */
const sequenceRatio = <T>(algebra: TensorAlgebra<T>, frame: Frame<T>, leaf: Surrogate, logProbs: T): T => {
  const logRatio = algebra.subtract(logProbs, frame.column("oldLogProbs"))
  return ratioOfRows(algebra, frame, leaf, overRows(algebra, frame, logRatio, leaf.ratio === "product" ? "sum" : "mean"))
}

/** The sequence's ratio in value, each token's own log π in slope; outside the clamp it is constant, as the clamp's derivative says. */
const straightThrough = <T>(algebra: TensorAlgebra<T>, frame: Frame<T>, leaf: Surrogate): T => {
  const means = overRows(algebra, frame, algebra.subtract(frame.logProbs, frame.column("oldLogProbs")), "mean")
  return ratioOfRows(algebra, frame, leaf, algebra.withDerivativeOf(means, frame.logProbs))
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
        return costOf(algebra, frame, cost, tokenRatios(algebra, frame, leaf))
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
