/**
 * The reward surrogate of REINFORCE, PPO, GRPO and GSPO: −A log π, or −min(rA, clip(r)A) of an importance ratio r.
 *
 * Sources: Williams, 1992; Schulman et al., 2017; Shao et al., 2024; Zheng et al., 2025. (`theory/Surrogate` is the reward's recursion of
 * Theorem 3.1; this is its loss.)
 *
 * @module
 */
import { clampedRatio, clippedTerm, logRatioDerivative } from "../ClippedRatio.ts"
import { NOT_OWNED } from "../Partition.ts"
import type { TokenBatch } from "../TokenBatch.ts"
import { clampTensor, eachToken, type Evaluation, type LeafKind } from "./Leaf.ts"
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
    const clamped = clampedRatio(batch.logProbs[token]! - old[token]!, leaf.logRatioClamp)
    const term = clippedTerm(clamped.ratio, advantages[token]!, leaf)
    return { loss: term.loss, derivative: logRatioDerivative(term, clamped) }
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
    const clamped = clampedRatio(total / Math.max(1, tokens.length), leaf.logRatioClamp)
    const terms = tokens.map((token) => clippedTerm(clamped.ratio, advantages[token]!, leaf))
    const slope = terms.reduce((sum, term) => sum + term.slope, 0) / Math.max(1, tokens.length)
    tokens.forEach((token, index) => {
      loss[token] = terms[index]!.loss
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
  const perToken = (bound: (advantage: number) => number) => algebra.constant(Float32Array.from(frame.values("advantages"), bound))
  const upper = perToken((a) => ceilingOf(leaf, a))
  const lower = perToken((a) => (a < 0 ? floor : -Infinity))
  return algebra.maximum(algebra.minimum(ratio, upper), lower)
}

/** The importance ratio π/π_old of each token. */
const tokenRatios = <T>(algebra: TensorAlgebra<T>, frame: Frame<T>, leaf: Surrogate): T => {
  const logRatios = clampTensor(algebra, algebra.subtract(frame.logProbs, frame.column("oldLogProbs")), leaf.logRatioClamp)
  const ceilings = Float32Array.from(frame.values("advantages"), (advantage) => ceilingOf(leaf, advantage))
  return algebra.exp(belowOverflow(algebra, ceilings, logRatios))
}

/** exp of the mean log-ratio of each row's owned tokens, repeated on the row. */
const sequenceRatio = <T>(algebra: TensorAlgebra<T>, frame: Frame<T>, logProbs: T, leaf: Surrogate): T => {
  const { columns, owned, rows } = frame
  const advantages = frame.values("advantages")
  const ceilings = Float32Array.from({ length: rows }, (_, row) => {
    let highest = 0
    for (let cell = row * columns; cell < (row + 1) * columns; cell++) {
      if (owned[cell] === 1) highest = Math.max(highest, ceilingOf(leaf, advantages[cell]!))
    }
    return highest === 0 ? 1 : highest
  })
  const counts = Float32Array.from({ length: rows }, (_, row) => {
    const marks = owned.subarray(row * columns, (row + 1) * columns)
    return 1 / Math.max(1, marks.reduce((sum, mark) => sum + mark, 0))
  })
  const sums = algebra.sumRows(algebra.subtract(logProbs, frame.column("oldLogProbs")))
  const means = algebra.multiply(sums, algebra.constant(counts))
  return algebra.repeatRows(algebra.exp(belowOverflow(algebra, ceilings, clampTensor(algebra, means, leaf.logRatioClamp))))
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
    if (leaf.ratio === "token") return costOf(algebra, frame, cost, tokenRatios(algebra, frame, leaf))
    if (kept === owned) return costOf(algebra, frame, cost, sequenceRatio(algebra, frame, logProbs, leaf))
    // Restricted: each kept token keeps its derivative of the whole sequence's loss, so that restrictions add up to the whole.
    const mask = algebra.constant(kept)
    const moving = algebra.multiply(logProbs, mask)
    const partlyFixed = algebra.add(moving, algebra.stopGradient(algebra.multiply(logProbs, algebra.subtract(1, mask))))
    const whole = costOf(algebra, frame, cost, sequenceRatio(algebra, frame, partlyFixed, leaf))
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
