/**
 * The reward surrogate of REINFORCE, PPO, GRPO and GSPO: −A log π, or −min(rA, clip(r)A) of an importance ratio r.
 *
 * Sources: Williams, 1992; Schulman et al., 2017; Shao et al., 2024; Zheng et al., 2025. (`theory/Surrogate` is the reward's recursion of
 * Theorem 3.1; this is its loss.)
 *
 * @module
 */
import { clampedRatio, clippedTerm } from "../ClippedRatio.ts"
import { NOT_OWNED } from "../Partition.ts"
import type { TokenBatch } from "../TokenBatch.ts"
import { clampTensor, eachToken, type Evaluation, type LeafKind, tokenRatio } from "./Leaf.ts"
import type { Frame, TensorAlgebra } from "./TensorAlgebra.ts"

/**
 * The reward surrogate: −A log π (`ratio: "none"`, REINFORCE), or −min(rA, clip(r)A) with the ratio r = π/π_old of a token
 * (`"token"`, PPO and GRPO) or exp of the mean token log-ratio of the sequence (`"sequence"`, GSPO: Zheng et al., 2025).
 * `logRatioClamp` bounds |log r|. Bounds and the clamp are ignored without a ratio.
 */
export interface Surrogate {
  readonly _tag: "Surrogate"
  readonly ratio: "none" | "token" | "sequence"
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

/** The sequence's ratio depends on each of its L log-probabilities with weight 1/L, so a token's derivative is a mean. */
const evaluateSequences = (leaf: Surrogate, batch: TokenBatch): Evaluation => {
  const advantages = batch.advantages!
  const old = batch.oldLogProbs!
  const loss = new Float64Array(batch.logProbs.length)
  const derivative = new Float64Array(batch.logProbs.length)
  for (let sequence = 0; sequence + 1 < batch.offsets.length; sequence++) {
    const tokens: Array<number> = []
    for (let token = batch.offsets[sequence]!; token < batch.offsets[sequence + 1]!; token++) {
      if (batch.owner[token] !== NOT_OWNED) tokens.push(token)
    }
    const total = tokens.reduce((sum, token) => sum + batch.logProbs[token]! - old[token]!, 0)
    const { inside, ratio } = clampedRatio(total / Math.max(1, tokens.length), leaf.logRatioClamp)
    const terms = tokens.map((token) => clippedTerm(ratio, advantages[token]!, leaf))
    const slope = terms.reduce((sum, term) => sum + term.slope, 0) / Math.max(1, tokens.length)
    tokens.forEach((token, index) => {
      loss[token] = terms[index]!.loss
      derivative[token] = inside ? slope * ratio : 0
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
  const perToken = (bound: (advantage: number) => number) => algebra.constant(Float32Array.from(frame.values("advantages"), bound))
  const upper = perToken((a) => (a > 0 ? ceilings.gain : a < 0 ? ceilings.cost : Infinity))
  const lower = perToken((a) => (a < 0 ? floor : -Infinity))
  return algebra.maximum(algebra.minimum(ratio, upper), lower)
}

/** exp of the mean log-ratio of each row's owned tokens, repeated on the row. */
const sequenceRatio = <T>(algebra: TensorAlgebra<T>, frame: Frame<T>, logProbs: T, bound: number | null): T => {
  const { columns, owned, rows } = frame
  const counts = Float32Array.from({ length: rows }, (_, row) => {
    const marks = owned.subarray(row * columns, (row + 1) * columns)
    return 1 / Math.max(1, marks.reduce((sum, mark) => sum + mark, 0))
  })
  const sums = algebra.sumRows(algebra.subtract(logProbs, frame.column("oldLogProbs")))
  const means = algebra.multiply(sums, algebra.constant(counts))
  return algebra.repeatRows(algebra.exp(clampTensor(algebra, means, bound)))
}

/** The surrogate as a kind of leaf. */
export const surrogateLeaf: LeafKind<Surrogate> = {
  tag: "Surrogate",
  name: () => "surrogate",
  needs: ({ ratio }) => [
    { column: "advantages", neededBy: "a surrogate" },
    ...(ratio === "none" ? [] : [{ column: "oldLogProbs", neededBy: "a surrogate with an importance ratio" } as const])
  ],
  evaluate: (leaf, batch) => (leaf.ratio === "sequence" ? evaluateSequences(leaf, batch) : evaluateTokens(leaf, batch)),
  isCoupled: ({ ratio }) => ratio === "sequence",
  tensor: (algebra, leaf, frame) => {
    const { kept, logProbs, owned } = frame
    const cost = algebra.negate(frame.column("advantages"))
    if (leaf.ratio === "none") return algebra.multiply(cost, logProbs)
    const costOf = <T>(a: TensorAlgebra<T>, f: Frame<T>, c: T, ratio: T): T => a.multiply(c, clipRatio(a, f, leaf, ratio))
    if (leaf.ratio === "token") return costOf(algebra, frame, cost, tokenRatio(algebra, frame, leaf.logRatioClamp))
    if (kept === owned) return costOf(algebra, frame, cost, sequenceRatio(algebra, frame, logProbs, leaf.logRatioClamp))
    // Restricted: each kept token keeps its derivative of the whole sequence's loss, so that restrictions add up to the whole.
    const mask = algebra.constant(kept)
    const moving = algebra.multiply(logProbs, mask)
    const partlyFixed = algebra.add(moving, algebra.stopGradient(algebra.multiply(logProbs, algebra.subtract(1, mask))))
    const whole = costOf(algebra, frame, cost, sequenceRatio(algebra, frame, partlyFixed, leaf.logRatioClamp))
    return algebra.withDerivativeOf(algebra.multiply(whole, mask), whole)
  },
  clipRange: ({ clipHigh, clipLow, ratio }) => (ratio === "token" ? { clipLow, clipHigh } : null),
  attributed: [{
    name: "surrogate-clipped",
    meaning: "clipped surrogate, a ratio π/π_old for each token (PPO, GRPO; ε = 0.2)",
    source: "Schulman et al. 2017",
    make: () => surrogate()
  }]
}
