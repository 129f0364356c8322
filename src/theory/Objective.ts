/**
 * An objective as a value: plain immutable data that combines by `add`, `scale` and `restrict`.
 *
 * A leaf is a loss per token (minimised) on the log-probabilities of a `TokenBatch`, or, the entropy bonus, on its
 * entropies; how tokens are weighted together is the aggregation's business (`Aggregate`). Objectives survive `JSON.stringify` and structured clone, so they cross
 * worker boundaries and live in configuration files.
 */
import { clampedRatio, clippedTerm } from "./ClippedRatio.ts"
import * as Kl from "./Kl.ts"
import type { Partition } from "./Partition.ts"
import { NOT_OWNED, ownerOf } from "./Partition.ts"
import type { TokenBatch } from "./TokenBatch.ts"
import { assertFinite, TheoryError } from "./TheoryError.ts"

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

/** A KL penalty in the loss: β·estimator a token, times the importance ratio when `corrected`; see `Kl.InLoss`. */
export interface KlInLoss extends Omit<Kl.InLoss, "_tag"> {
  readonly _tag: "KlInLoss"
}

/** The SFT loss −log π. */
export interface NegativeLogLikelihood {
  readonly _tag: "NegativeLogLikelihood"
}

/** The DFT loss −sg(π)·log π, sg = held constant (Wu et al., 2025, "On the Generalization of SFT"; this paper, eq. 27). */
export interface DynamicFineTuning {
  readonly _tag: "DynamicFineTuning"
}

/**
 * The entropy bonus −c·H(π(·|s_t)): c nats of reward for every nat of entropy of the distribution that token t was taken from,
 * over the allowed tokens and at the sampling temperature (Williams and Peng, 1991; verl's `entropy_coeff`).
 */
export interface EntropyBonus {
  readonly _tag: "EntropyBonus"
  readonly coefficient: number
}

/** An objective that is no combination of others. */
export type Leaf = Surrogate | KlInLoss | NegativeLogLikelihood | DynamicFineTuning | EntropyBonus

/** An objective: a leaf, a sum, a multiple, or another one restricted to the tokens of some sub-policies. */
export type Objective =
  | Leaf
  | { readonly _tag: "Sum"; readonly parts: ReadonlyArray<Objective> }
  | { readonly _tag: "Scale"; readonly factor: number; readonly objective: Objective }
  | { readonly _tag: "Restrict"; readonly owners: ReadonlyArray<string>; readonly objective: Objective }

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

/** Builds a KL penalty in the loss; defaults as `Kl.inLoss`: estimator k3, uncorrected, no clamps. */
export const klInLoss = (options: Parameters<typeof Kl.inLoss>[0]): KlInLoss => ({
  ...Kl.inLoss(options),
  _tag: "KlInLoss"
})

/** Builds the SFT loss. */
export const nll = (): NegativeLogLikelihood => ({ _tag: "NegativeLogLikelihood" })

/** Builds the DFT loss. */
export const dft = (): DynamicFineTuning => ({ _tag: "DynamicFineTuning" })

/** Builds an entropy bonus. Errors: `NonFinite` for a coefficient that is not finite; a negative one is a penalty. */
export const entropyBonus = ({ coefficient }: { readonly coefficient: number }): EntropyBonus => {
  assertFinite("Objective.entropyBonus", "coefficient", [coefficient])
  return { _tag: "EntropyBonus", coefficient }
}

/** Adds two objectives: `add(that)(self)` or `add(self, that)`. Sums stay flat. */
export function add(that: Objective): (self: Objective) => Objective
export function add(self: Objective, that: Objective): Objective
export function add(first: Objective, second?: Objective) {
  const terms = (objective: Objective) => (objective._tag === "Sum" ? objective.parts : [objective])
  const sum = (self: Objective, that: Objective): Objective => ({ _tag: "Sum", parts: [...terms(self), ...terms(that)] })
  return second === undefined ? (self: Objective) => sum(self, first) : sum(first, second)
}

/** Multiplies an objective: `scale(factor)(self)` or `scale(self, factor)`. */
export function scale(factor: number): (self: Objective) => Objective
export function scale(self: Objective, factor: number): Objective
export function scale(...args: readonly [number] | readonly [Objective, number]) {
  const scaled = (objective: Objective, factor: number): Objective => ({ _tag: "Scale", factor, objective })
  if (args.length === 2) return scaled(args[0], args[1])
  return (self: Objective) => scaled(self, args[0])
}

/**
 * Keeps the loss and the gradient of the named sub-policies' tokens and drops the others':
 * `restrict("decision")(self)` or `restrict(self, ["decision"])`.
 *
 * Denominators do not change, so the restrictions to all sub-policies of a partition sum to the whole, exactly, in loss and
 * in derivative. A sequence ratio stays that of the whole sequence.
 */
export function restrict(owners: string | ReadonlyArray<string>): (self: Objective) => Objective
export function restrict(self: Objective, owners: string | ReadonlyArray<string>): Objective
export function restrict(
  ...args: readonly [string | ReadonlyArray<string>] | readonly [Objective, string | ReadonlyArray<string>]
) {
  const restricted = (objective: Objective, owners: string | ReadonlyArray<string>): Objective => ({
    _tag: "Restrict",
    owners: typeof owners === "string" ? [owners] : [...owners],
    objective
  })
  if (args.length === 2) return restricted(args[0], args[1])
  return (self: Objective) => restricted(self, args[0])
}

/**
 * One leaf of an objective with what is around it.
 *
 * `name` is unique in the objective and fit for a metric ("surrogate", "kl-k3", "nll", "dft", "entropy", a repeated one numbered);
 * `path` is where the leaf is in the data; `factor` the product of the scales above it; `owners` the sub-policies that every
 * restriction above it leaves, null without one; `objective` the leaf with both applied: the parts' sum is the whole.
 */
export interface Part {
  readonly name: string
  readonly path: string
  readonly factor: number
  readonly owners: ReadonlyArray<string> | null
  readonly leaf: Leaf
  readonly objective: Objective
}

const leafName = (leaf: Leaf): string => {
  switch (leaf._tag) {
    case "Surrogate":
      return "surrogate"
    case "KlInLoss":
      return `kl-${leaf.estimator}`
    case "NegativeLogLikelihood":
      return "nll"
    case "DynamicFineTuning":
      return "dft"
    case "EntropyBonus":
      return "entropy"
  }
}

/** Lists the leaves of an objective in reading order, so that a trainer can report each one. */
export const parts = (objective: Objective): ReadonlyArray<Part> => {
  const found: Array<Part> = []
  const visit = (node: Objective, path: string, factor: number, owners: ReadonlyArray<string> | null): void => {
    switch (node._tag) {
      case "Sum":
        return node.parts.forEach((part, index) => visit(part, `${path}.parts[${index}]`, factor, owners))
      case "Scale":
        return visit(node.objective, `${path}.objective`, factor * node.factor, owners)
      case "Restrict": {
        const left = owners === null ? node.owners : node.owners.filter((owner) => owners.includes(owner))
        return visit(node.objective, `${path}.objective`, factor, left)
      }
      default: {
        const base = [leafName(node), ...(owners ?? [])].join("-")
        const seen = found.filter(({ name }) => name === base || name.startsWith(`${base}#`)).length
        const name = seen === 0 ? base : `${base}#${seen + 1}`
        const kept = owners === null ? node : restrict(node, owners)
        found.push({ name, path, factor, owners, leaf: node, objective: factor === 1 ? kept : scale(kept, factor) })
      }
    }
  }
  visit(objective, "objective", 1, null)
  return found
}

/** Says whether an objective has an entropy bonus: whether its loss depends on more than the probability of what was taken. */
export const readsEntropies = (objective: Objective): boolean => parts(objective).some(({ leaf }) => leaf._tag === "EntropyBonus")

/**
 * Holds a loss for every token, its derivative in that token's log π and its derivative in the entropy H of the
 * distribution that the token was taken from; all 0 on tokens that nobody owns.
 */
export interface Evaluation {
  readonly loss: Float64Array
  readonly derivative: Float64Array
  /** ∂loss/∂H; 0 everywhere without an entropy bonus. */
  readonly entropyDerivative: Float64Array
}

type Column = "advantages" | "oldLogProbs" | "referenceLogProbs" | "entropies"

const column = (batch: TokenBatch, what: Column, neededBy: string) => {
  const values = batch[what]
  if (values === undefined) throw new TheoryError("Objective.evaluate", { _tag: "MissingInput", what, neededBy })
  return values
}

type Scalar = { readonly loss: number; readonly derivative: number }

const eachToken = (batch: TokenBatch, term: (token: number) => Scalar): Evaluation => {
  const loss = new Float64Array(batch.logProbs.length)
  const derivative = new Float64Array(batch.logProbs.length)
  for (let token = 0; token < loss.length; token++) {
    if (batch.owner[token] === NOT_OWNED) continue
    const scalar = term(token)
    loss[token] = scalar.loss
    derivative[token] = scalar.derivative
  }
  return { loss, derivative, entropyDerivative: new Float64Array(loss.length) }
}

const evaluateTokenSurrogate = (leaf: Surrogate, batch: TokenBatch): Evaluation => {
  const advantages = column(batch, "advantages", "a surrogate")
  if (leaf.ratio === "none") {
    return eachToken(batch, (token) => ({
      loss: -advantages[token]! * batch.logProbs[token]!,
      derivative: -advantages[token]!
    }))
  }
  const old = column(batch, "oldLogProbs", "a surrogate with an importance ratio")
  return eachToken(batch, (token) => {
    const { inside, ratio } = clampedRatio(batch.logProbs[token]! - old[token]!, leaf.logRatioClamp)
    const { loss, slope } = clippedTerm(ratio, advantages[token]!, leaf)
    return { loss, derivative: inside ? slope * ratio : 0 }
  })
}

/** The sequence's ratio depends on each of its L log-probabilities with weight 1/L, so a token's derivative is a mean. */
const evaluateSequenceSurrogate = (leaf: Surrogate, batch: TokenBatch): Evaluation => {
  const advantages = column(batch, "advantages", "a surrogate")
  const old = column(batch, "oldLogProbs", "a surrogate with an importance ratio")
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

const evaluateKl = (leaf: KlInLoss, batch: TokenBatch): Evaluation => {
  const reference = column(batch, "referenceLogProbs", "a KL penalty")
  const old = leaf.corrected ? column(batch, "oldLogProbs", "a corrected KL penalty") : undefined
  return eachToken(batch, (token) => {
    const logProb = batch.logProbs[token]!
    const bound = leaf.logRatioClamp ?? Infinity
    const x = Math.min(Math.max(reference[token]! - logProb, -bound), bound)
    const raw = Kl.value(leaf.estimator, logProb, logProb + x)
    const limit = leaf.clamp ?? Infinity
    const value = Math.min(Math.max(raw, -limit), limit)
    const straight = leaf.estimator === "k3-straight-through"
    const constant = !straight && (value !== raw || Math.abs(reference[token]! - logProb) > bound)
    const slope = constant ? 0 : Kl.derivative(leaf.estimator, logProb, reference[token]!)
    if (old === undefined) return { loss: leaf.beta * value, derivative: leaf.beta * slope }
    const { inside, ratio } = clampedRatio(logProb - old[token]!, leaf.logRatioClamp)
    return { loss: leaf.beta * ratio * value, derivative: leaf.beta * ratio * (slope + (inside ? value : 0)) }
  })
}

const evaluateDft = (batch: TokenBatch): Evaluation =>
  eachToken(batch, (token) => {
    const probabilityFixed = Math.exp(batch.logProbs[token]!)
    return { loss: -probabilityFixed * batch.logProbs[token]!, derivative: -probabilityFixed }
  })

const mapEvaluation = (whole: Evaluation, change: (value: number, token: number) => number): Evaluation => ({
  loss: whole.loss.map(change),
  derivative: whole.derivative.map(change),
  entropyDerivative: whole.entropyDerivative.map(change)
})

const evaluateEntropyBonus = (leaf: EntropyBonus, batch: TokenBatch): Evaluation => {
  const entropies = column(batch, "entropies", "an entropy bonus")
  const whereOwned = (value: (token: number) => number) =>
    Float64Array.from(batch.owner, (owner, token) => (owner === NOT_OWNED ? 0 : value(token)))
  return {
    loss: whereOwned((token) => -leaf.coefficient * entropies[token]!),
    derivative: new Float64Array(batch.owner.length),
    entropyDerivative: whereOwned(() => -leaf.coefficient)
  }
}

/**
 * Computes an objective's loss for every token and its derivatives in log π of that token and in the entropy it was taken at.
 *
 * Old and reference log-probabilities, advantages and DFT's weight are fixed. For all leaves but the sequence ratio
 * loss_t depends on log π_t alone, and `derivative[t]` = ∂loss_t/∂log π_t; for the sequence ratio it is
 * ∂(Σ loss over the sequence)/∂log π_t. So with aggregation weights w_t, constant on a sequence, the gradient of Σ w_t loss_t
 * is Σ w_t (derivative_t ∇log π_t + entropyDerivative_t ∇H_t). The second sum is an entropy bonus's; ∇H_t is no function of
 * ∇log π_t of the taken token, `entropyGradient` gives it. Straight-through KL has the derivative of k2 instead of its loss's.
 *
 * Shapes: [N] columns → [N] each. Errors: `MissingInput`, `UnknownOwner`.
 */
export const evaluate = (objective: Objective, batch: TokenBatch, partition: Partition): Evaluation => {
  switch (objective._tag) {
    case "Surrogate":
      return objective.ratio === "sequence"
        ? evaluateSequenceSurrogate(objective, batch)
        : evaluateTokenSurrogate(objective, batch)
    case "KlInLoss":
      return evaluateKl(objective, batch)
    case "NegativeLogLikelihood":
      return eachToken(batch, (token) => ({ loss: -batch.logProbs[token]!, derivative: -1 }))
    case "DynamicFineTuning":
      return evaluateDft(batch)
    case "EntropyBonus":
      return evaluateEntropyBonus(objective, batch)
    case "Sum": {
      const zeros = () => new Float64Array(batch.logProbs.length)
      const sum: Evaluation = { loss: zeros(), derivative: zeros(), entropyDerivative: zeros() }
      for (const part of objective.parts) {
        const term = evaluate(part, batch, partition)
        for (let token = 0; token < sum.loss.length; token++) {
          sum.loss[token]! += term.loss[token]!
          sum.derivative[token]! += term.derivative[token]!
          sum.entropyDerivative[token]! += term.entropyDerivative[token]!
        }
      }
      return sum
    }
    case "Scale": {
      const whole = evaluate(objective.objective, batch, partition)
      const times = (value: number) => objective.factor * value
      return mapEvaluation(whole, times)
    }
    case "Restrict": {
      const kept = new Set(objective.owners.map((name) => ownerOf(partition, name)))
      const whole = evaluate(objective.objective, batch, partition)
      const keep = (value: number, token: number) => (kept.has(batch.owner[token]!) ? value : 0)
      return mapEvaluation(whole, keep)
    }
  }
}
