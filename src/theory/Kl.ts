/**
 * Estimators of the KL divergence from single samples, and where a KL penalty can be put.
 *
 * With x = log π_ref − log π of a token sampled from π: k1 = −x, k2 = x²/2, k3 = eˣ − 1 − x, abs = |x|. All but `abs`
 * estimate KL(π‖π_ref); they differ in what their *gradient* estimates, and that depends on the placement:
 *
 * | placement              | k1           | k2           | k3                          | abs            |
 * |------------------------|--------------|--------------|-----------------------------|----------------|
 * | in the loss            | 0            | ∇KL(π‖π_ref) | ∇KL(π_ref‖π)                | ∇‖π − π_ref‖₁  |
 * | in the loss, corrected | ∇KL(π‖π_ref) | biased       | ∇KL(π‖π_ref)                | biased         |
 * | in the reward          | ∇KL(π‖π_ref) | biased       | ∇KL(π‖π_ref) − ∇KL(π_ref‖π) | biased         |
 *
 * (expected gradients of the loss, on-policy, one token, full support). The penalty of Theorem 3.2 is k1 in the reward; the paper's own runs put
 * k3 in the loss. Estimators: Schulman, 2020, "Approximating KL Divergence".
 *
 * @module
 */
import { qValues } from "./BatchedRecursion.ts"
import { weighed } from "./LogSpace.ts"
import { DECISION, NOT_OWNED } from "./Partition.ts"
import type { TokenBatch } from "./TokenBatch.ts"
import { assertLength, assertRange, TheoryError } from "./TheoryError.ts"

/** Lists the estimators that a reward may hold, in the order of the module's table. */
export const REWARD_ESTIMATORS = ["k1", "k2", "k3", "abs"] as const

/**
 * Lists every estimator. Straight through (verl's `k1+`, `k3+`, `abs+`) one has its own value and the gradient of k2, the one whose gradient is that
 * of KL(π‖π_ref); so these are for losses alone.
 */
export const ESTIMATORS = [...REWARD_ESTIMATORS, "k1-straight-through", "k3-straight-through", "abs-straight-through"] as const

/** Names a single-sample estimator. */
export type Estimator = (typeof ESTIMATORS)[number]

/** Says whether an estimator has the gradient of k2 in place of its own. */
export const isStraightThrough = (estimator: Estimator): boolean => estimator.endsWith("-straight-through")

/**
 * Computes an estimator's value from log-probabilities in nats.
 *
 * k1 = log π − log π_ref may be negative; k2, k3 and abs are ≥ 0. All are 0 at log π = log π_ref.
 * `value("k3", Math.log(0.5), Math.log(0.25))` is 0.5 − 1 + log 2 = 0.1931….
 */
export const value = (estimator: Estimator, logProb: number, referenceLogProb: number): number => {
  const x = referenceLogProb - logProb
  switch (estimator) {
    case "k1":
    case "k1-straight-through":
      return -x
    case "k2":
      return (x * x) / 2
    case "k3":
    case "k3-straight-through":
      return Math.expm1(x) - x
    case "abs":
    case "abs-straight-through":
      return Math.abs(x)
  }
}

/**
 * Computes an estimator's derivative in log π, the reference fixed.
 *
 * k1: 1; k2: −x; k3: 1 − eˣ; abs: −sign x (0 at x = 0); straight-through: −x, that of k2.
 */
export const derivative = (estimator: Estimator, logProb: number, referenceLogProb: number): number => {
  const x = referenceLogProb - logProb
  switch (estimator) {
    case "k1":
      return 1
    case "k2":
    case "k1-straight-through":
    case "k3-straight-through":
    case "abs-straight-through":
      return -x
    case "k3":
      return -Math.expm1(x)
    case "abs":
      return x === 0 ? 0 : -Math.sign(x)
  }
}

/**
 * When an in-reward penalty meets the advantage. `reward-to-go`: after it, token by token, each feeling the penalties to come (Theorem 3.2; the scale of
 * the advantage does not touch β). `verl` (0.9.1, `use_kl_in_reward`): before, as rewards of tokens, so that an estimator of one advantage a trajectory
 * sees R − Σ β·k and divides it by its deviation too: β is in effect β/σ. `trl` (1.16.0, RLOOTrainer): the same with k1 of whole trajectories.
 */
export const REWARD_PLACEMENTS = ["reward-to-go", "verl", "trl"] as const

/** Puts −β·estimator into the reward of each token; later penalties flow back through reward-to-go, discounted by γ a cycle. */
export interface InReward {
  readonly _tag: "InReward"
  readonly estimator: (typeof REWARD_ESTIMATORS)[number]
  readonly beta: number
  readonly gamma: number
  /** Left out: `reward-to-go`. */
  readonly placement?: (typeof REWARD_PLACEMENTS)[number]
}

/**
 * Puts +β·estimator into the loss of each token; a token feels its own penalty only.
 *
 * `corrected` multiplies it by an importance ratio, differentiated: `true` by the token's π/π_old, `"sequence"` by the geometric mean of the
 * sequence's, as TRL 1.16.0 does under GSPO (`use_bias_correction_kl` with `importance_sampling_level="sequence"`). `logRatioClamp` bounds |x|
 * and |log ratio|, `clamp` bounds the estimate's size (verl 0.9.1 has 20 and 10 for k3, none for the others; null switches a bound off, and outside it
 * the gradient is 0, but straight through it stays that of k2).
 */
export interface InLoss {
  readonly _tag: "InLoss"
  readonly estimator: Estimator
  readonly beta: number
  readonly corrected: boolean | "sequence"
  readonly logRatioClamp: number | null
  readonly clamp: number | null
}

/** Says which KL penalty a trainer applies: none, in the reward, or in the loss. Both at once cannot be written. */
export type Placement = { readonly _tag: "None" } | InReward | InLoss

/** Applies no KL penalty. */
export const none: Placement = { _tag: "None" }

/**
 * Builds an in-reward penalty; defaults: estimator k1, γ = 1, after the advantage as reward-to-go (Theorem 3.2 of this paper). γ is that placement's
 * own; TRL has k1 alone. Errors: `OutOfRange`.
 */
export const inReward = (options: {
  readonly beta: number
  readonly estimator?: InReward["estimator"]
  readonly gamma?: number
  readonly placement?: (typeof REWARD_PLACEMENTS)[number]
}): InReward => {
  const { estimator = "k1", placement } = options
  if (placement === "trl" && estimator !== "k1") {
    throw new TheoryError("Kl.inReward", {
      _tag: "OutOfRange",
      what: "estimator",
      index: 0,
      value: REWARD_ESTIMATORS.indexOf(estimator),
      range: `k1, TRL's only one (not ${estimator})`
    })
  }
  const gamma = options.gamma ?? 1
  assertRange("Kl.inReward", "gamma", gamma, gamma >= 0 && gamma <= 1, "[0, 1]")
  assertRange(
    "Kl.inReward",
    "gamma",
    gamma,
    gamma === 1 || (placement ?? "reward-to-go") === "reward-to-go",
    `{1}: only reward-to-go is discounted, not ${placement}`
  )
  assertRange("Kl.inReward", "beta", options.beta, Number.isFinite(options.beta), "the finite numbers")
  return { _tag: "InReward", estimator, beta: options.beta, gamma, ...(placement === undefined ? {} : { placement }) }
}

/** Says whether a penalty is taken off the rewards before the advantage is computed (`verl`, `trl`). */
export const isBeforeAdvantage = ({ placement }: InReward): boolean => placement === "verl" || placement === "trl"

/** Builds an in-loss penalty; defaults: estimator k3, uncorrected, no clamps. Errors: `OutOfRange`. */
export const inLoss = (options: {
  readonly beta: number
  readonly estimator?: Estimator
  readonly corrected?: boolean | "sequence"
  readonly logRatioClamp?: number | null
  readonly clamp?: number | null
}): InLoss => {
  assertRange("Kl.inLoss", "beta", options.beta, Number.isFinite(options.beta), "the finite numbers")
  return {
    _tag: "InLoss",
    estimator: options.estimator ?? "k3",
    beta: options.beta,
    corrected: options.corrected ?? false,
    logRatioClamp: options.logRatioClamp ?? null,
    clamp: options.clamp ?? null
  }
}

/**
 * Computes each token's KL reward r_t = −β·k(log π_t, log π_ref,t), 0 on tokens that nobody owns.
 *
 * Shapes: [N] → [N], reward units. Everything in it is a constant of the update, never differentiated.
 * Errors: `MissingInput` (referenceLogProbs). Source: this paper, eq. 11.
 */
export const tokenRewards = (penalty: InReward, batch: TokenBatch): Float64Array => {
  const { logProbs, owner, referenceLogProbs } = batch
  if (referenceLogProbs === undefined) {
    throw new TheoryError("Kl.tokenRewards", { _tag: "MissingInput", what: "referenceLogProbs", neededBy: "a KL penalty" })
  }
  return logProbs.map((logProb, token) =>
    owner[token] === NOT_OWNED ? 0 : weighed(-penalty.beta, value(penalty.estimator, logProb, referenceLogProbs[token]!))
  )
}

/**
 * Takes each trajectory's penalty off its reward before it becomes an advantage: R_i + Σ_t r_t = R_i − β Σ_t k_t. Shapes: `rewards` [B] → [B].
 *
 * verl's and TRL's placement for estimators of one advantage a trajectory. Leave-one-out of it has the expected gradient of `rewardAdvantages` at γ = 1
 * with another variance; divided by a deviation it does not change when R and β grow alike. Errors: `MissingInput`, `ShapeMismatch`.
 * Source: verl 0.9.1 `apply_kl_penalty`; TRL 1.16.0 RLOOTrainer; Ahmadian et al., 2024.
 */
export const penalisedRewards = (penalty: InReward, batch: TokenBatch, rewards: ArrayLike<number>): Float64Array => {
  assertLength("Kl.penalisedRewards", "rewards", batch.offsets.length - 1, rewards.length)
  const perToken = tokenRewards(penalty, batch)
  return Float64Array.from(
    rewards,
    (reward, sequence) =>
      perToken.subarray(batch.offsets[sequence], batch.offsets[sequence + 1]).reduce((sum, value) => sum + value, reward)
  )
}

/**
 * Marks the last token of every cycle but a sequence's last: the token after which the discount applies once.
 *
 * A cycle ends with its decision tokens, so the mark is 1 on a token owned by `decisionOwner` when the next owned token of
 * its sequence is another sub-policy's. Tokens that nobody owns are skipped. Shapes: `offsets` [B+1], `owner` [N] → [N].
 */
export const cycleEnds = (offsets: Int32Array, owner: Uint8Array, decisionOwner: number = DECISION): Uint8Array => {
  const ends = new Uint8Array(owner.length)
  for (let sequence = 0; sequence + 1 < offsets.length; sequence++) {
    let previous = -1
    for (let token = offsets[sequence]!; token < offsets[sequence + 1]!; token++) {
      if (owner[token] === NOT_OWNED) continue
      if (previous >= 0 && owner[previous] === decisionOwner && owner[token] !== decisionOwner) ends[previous] = 1
      previous = token
    }
  }
  return ends
}

/**
 * Computes the discount γ^{cycle} in force at each token, cycles counted from 0 in its sequence.
 *
 * Multiplied with `BatchedRecursion.qValues` of the rewards it gives the weight of ∇log π in the policy gradient, γ^{t−1}Q (Lemma 2 of this paper).
 */
export const cycleDiscounts = (offsets: Int32Array, ends: Uint8Array, gamma: number): Float64Array => {
  const discounts = new Float64Array(ends.length)
  for (let sequence = 0; sequence + 1 < offsets.length; sequence++) {
    let discount = 1
    for (let token = offsets[sequence]!; token < offsets[sequence + 1]!; token++) {
      discounts[token] = discount
      if (ends[token] === 1) discount *= gamma
    }
  }
  return discounts
}

/**
 * Turns an in-reward penalty into advantages to add to a batch's own: γ^{cycle}·Σ later token rewards, 0 where nobody owns.
 *
 * With `Surrogate { ratio: "none" }` their gradient is the Q form of Theorem 3.2. Shapes: [N] → [N], reward units.
 */
export const rewardAdvantages = (penalty: InReward, batch: TokenBatch, decisionOwner: number = DECISION): Float64Array => {
  const { gamma } = penalty
  const toGo = qValues(tokenRewards(penalty, batch), batch, { gamma, decisionOwner })
  const discounts = cycleDiscounts(batch.offsets, cycleEnds(batch.offsets, batch.owner, decisionOwner), gamma)
  return toGo.map((sum, token) => discounts[token]! * sum)
}
