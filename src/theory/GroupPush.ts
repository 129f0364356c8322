/**
 * What group-relative advantages do in groups of finite size, in closed form for rewards 0 and 1.
 *
 * A group of G rollouts of one query, each right with probability a, has K ~ Binomial(G, a) right ones. Given K the estimator's gradient
 * is a multiple of ∇a, because E[∇log π(τ) | right] = ∇a/a and E[∇log π(τ) | wrong] = −∇a/(1 − a). So its mean is
 *
 *     E[ĝ] = φ_G(a)·∇a,    ĝ = (1/G) Σ_i A_i ∇log π(τ_i),
 *
 * one number times the gradient of accuracy: which estimator is used decides how much a query counts, never in which direction it pushes.
 *
 * @module
 */
import type { GroupRelative, LeaveOneOut, Reinforce } from "./Advantage.ts"
import { assertRange } from "./TheoryError.ts"

/**
 * Advantages that compare a rollout with its own group: what is scaled or compared beyond it (`scale: "batch"`) has no φ of one query. What a group
 * of one gets does not matter here.
 */
export type GroupEstimator =
  | (Pick<GroupRelative, "_tag" | "std" | "epsilon"> & { readonly scale: "group" | "none" })
  | Pick<LeaveOneOut, "_tag">
  | Reinforce

const assertGroup = (where: string, estimator: GroupEstimator, groupSize: number): void => {
  const least = estimator._tag === "LeaveOneOut" ? 2 : 1
  if (estimator._tag === "GroupRelative") {
    const { epsilon } = estimator
    assertRange(where, "epsilon", epsilon, Number.isFinite(epsilon) && epsilon >= 0, "[0, ∞)")
  }
  assertRange(where, "groupSize", groupSize, Number.isInteger(groupSize) && groupSize >= least, `the integers from ${least}`)
}

/**
 * The difference of the advantages of a right and of a wrong rollout in a group with K right ones of G, 0 < K < G: 1/(s + ε), G/(G − 1) or 1.
 */
const contrast = (estimator: GroupEstimator, right: number, groupSize: number): number => {
  if (estimator._tag === "LeaveOneOut") return groupSize / (groupSize - 1)
  if (estimator._tag === "Reinforce" || estimator.scale === "none") return 1
  const squares = (right * (groupSize - right)) / groupSize
  return 1 / (Math.sqrt(squares / (estimator.std === "sample" ? groupSize - 1 : groupSize)) + estimator.epsilon)
}

/**
 * Computes φ_G(a), the factor of E[ĝ] = φ_G(a)·∇a for rewards 0/1 in groups of G.
 *
 *   φ_G(a) = Σ_{K=1}^{G−1} (G − 2 choose K − 1) a^{K−1} (1 − a)^{G−1−K} · ((G − 1)/G)·Δ_K
 *
 * with Δ_K the difference between the advantages of a right and of a wrong rollout: 1/(s_K + ε) for GRPO, s_K = √(K(G − K)/G²) (population)
 * or √(K(G − K)/(G(G − 1))) (sample); 1 without a scale. It is a polynomial in a, symmetric about ½: finite at every a, where the 1/√(a(1 − a)) of an
 * endless group is not. Reduces to: 1 for REINFORCE without a baseline and RLOO (unbiased); (G − 1)/G for Dr. GRPO;
 * (G − 1)/G·Δ at G = 2 (one half over the deviation: 1 for population, √½ for sample); √(G − 1) (population, ε = 0) and √(G − 1)·√((G − 1)/G) (sample)
 * as a → 0 or 1, for G ≥ 2; 1/√(a(1 − a)) as G → ∞. A group of one gives 0 but for REINFORCE.
 *
 * REINFORCE with `baseline: "mean"` compares with all rewards; here the group is all there is, so it is Dr. GRPO.
 * Units: 1/reward units of the scale. Domain: a ∈ [0, 1], G ≥ 1 (leave-one-out: 2), ε ≥ 0. Cost: O(G). Errors: `OutOfRange`.
 * Source: from Shao et al., 2024 (GRPO), and Williams, 1992, by conditioning on K; not in this paper.
 */
export const groupPush = (estimator: GroupEstimator, groupSize: number, accuracy: number): number => {
  const where = "groupPush"
  assertGroup(where, estimator, groupSize)
  assertRange(where, "accuracy", accuracy, accuracy >= 0 && accuracy <= 1, "[0, 1]")
  if (estimator._tag === "Reinforce" && estimator.baseline === "none") return 1
  if (groupSize === 1) return 0
  return binomialMean(groupSize - 2, accuracy, (others) => contrast(estimator, others + 1, groupSize) * ((groupSize - 1) / groupSize))
}

/** E[f(X)] of X ~ Binomial(n, a), from the mode outwards in both directions, so that nothing underflows that counts. */
const binomialMean = (trials: number, probability: number, value: (successes: number) => number): number => {
  if (probability === 0) return value(0)
  if (probability === 1) return value(trials)
  const mode = Math.min(trials, Math.floor((trials + 1) * probability))
  const odds = probability / (1 - probability)
  let [total, mass] = [value(mode), 1]
  for (let k = mode + 1, weight = 1; k <= trials; k++) {
    weight *= (odds * (trials - k + 1)) / k
    total += weight * value(k)
    mass += weight
  }
  for (let k = mode - 1, weight = 1; k >= 0; k--) {
    weight *= (k + 1) / (odds * (trials - k))
    total += weight * value(k)
    mass += weight
  }
  return total / mass
}

/**
 * Computes what GRPO of groups of G ascends in place of accuracy: F_G(a) = ∫₀^a φ_G, so that E[ĝ] = ∇F_G(a).
 *
 * Every group-relative estimator is thereby REINFORCE on a function of each query's accuracy: F = a for RLOO, (G − 1)/G·a for Dr. GRPO, a polynomial
 * of degree G − 1 for GRPO (of even G; G − 2 of odd G, since φ is even about ½), 2·arcsin √a for an endless group (ε = 0). In a batch it is the mean of F_G over queries that is ascended, not F_G of their mean accuracy.
 * Exact: φ_G is a mixture of Beta densities' kernels, whose integrals are binomial tails. Units, domain and errors: those of `groupPush`.
 */
export const groupObjective = (estimator: GroupEstimator, groupSize: number, accuracy: number): number => {
  const where = "groupObjective"
  assertGroup(where, estimator, groupSize)
  assertRange(where, "accuracy", accuracy, accuracy >= 0 && accuracy <= 1, "[0, 1]")
  if (estimator._tag === "Reinforce" && estimator.baseline === "none") return accuracy
  if (groupSize === 1) return 0
  // ∫₀^a C(n, k) x^k (1 − x)^{n−k} dx = P(Binomial(n + 1, a) > k)/(n + 1), with n = G − 2.
  const trials = groupSize - 1
  const below: Array<number> = []
  for (let k = 0, sum = 0; k < trials; k++) below.push(sum += contrast(estimator, k + 1, groupSize) / groupSize)
  return binomialMean(trials, accuracy, (successes) => (successes === 0 ? 0 : below[successes - 1]!))
}
