/**
 * DPPO: −sg(min(r, c)·m)·A·log π, where a mask m drops a token whose *probability* moved too far, not its ratio (Qi et al., 2026,
 * "Rethinking the Trust Region in LLM Reinforcement Learning", arXiv:2602.04879; verl 0.9.1, `dppo_tv` and `dppo_kl`).
 *
 * A rare token's ratio may grow a hundredfold while the distribution hardly moves; a likely token's barely changes while it moves a lot.
 *
 * @module
 */
import { clampedRatio } from "../ClippedRatio.ts"
import { assertSettings, byAdvantage, eachToken, type LeafKind, tokenRatio, weightedLogProb } from "./Leaf.ts"
import type { Frame, TensorAlgebra } from "./TensorAlgebra.ts"

/**
 * The DPPO loss of a token of probability p, before p₀, and ratio r = p/p₀ with |log r| within 20. Seen as a choice between the token and all others:
 *
 * - `tv`: m = 1 iff p − p₀ ≤ clipHigh where A > 0, p − p₀ ≥ −clipLow elsewhere.
 * - `kl`: with K = p₀ log(p₀/p) + (1 − p₀) log((1 − p₀ + 1e-8)/(1 − p + 1e-8)), m = 1 iff K ≤ clipHigh or p ≤ p₀ where A > 0, K ≤ clipLow or
 *   p ≥ p₀ elsewhere.
 *
 * So the bounds are probabilities or nats, not ratios. Null switches a bound off; `truncation` is c, null for none. At p = p₀ its gradient is that of REINFORCE.
 */
export interface Dppo {
  readonly _tag: "Dppo"
  readonly divergence: "tv" | "kl"
  readonly clipLow: number | null
  readonly clipHigh: number | null
  readonly truncation: number | null
}

/**
 * Builds the DPPO loss; defaults: total variation with bounds of 0.15, or 0.05 with `divergence: "kl"`, weights truncated at 20.
 *
 * These are the bounds of verl's DPPO example. verl 0.9.1 takes them from `clip_ratio_low` and `clip_ratio_high`, whose own defaults (0.2) are PPO's, and
 * c from `clip_ratio_c`: 20 where the configuration has none, but its `ActorConfig` has 3, and the example turns it off. Errors: `OutOfRange` (a bound < 0).
 */
export const dppo = (options: Partial<Omit<Dppo, "_tag">> = {}): Dppo => {
  const divergence = options.divergence ?? "tv"
  const bound = divergence === "tv" ? 0.15 : 0.05
  const leaf: Dppo = { _tag: "Dppo", clipLow: bound, clipHigh: bound, truncation: 20, ...options, divergence }
  assertSettings("Objective.dppo", { clipLow: leaf.clipLow, clipHigh: leaf.clipHigh, truncation: leaf.truncation })
  return leaf
}

const CLAMP = 20
const TINY = 1e-8
/** The largest float32, nearly: a bound that bounds nothing. */
const NO_BOUND = 3e38

const boundsOf = ({ clipHigh, clipLow }: Dppo) => ({ high: clipHigh ?? NO_BOUND, low: clipLow ?? NO_BOUND })

const isKept = (leaf: Dppo, advantage: number, logProb: number, old: number): boolean => {
  const { high, low } = boundsOf(leaf)
  const [p, before] = [Math.exp(logProb), Math.exp(old)]
  if (leaf.divergence === "tv") return advantage > 0 ? p - before <= high : p - before >= -low
  const distance = before * (old - logProb) + (1 - before) * Math.log((TINY - Math.expm1(old)) / (TINY - Math.expm1(logProb)))
  return advantage > 0 ? distance <= high || p <= before : distance <= low || p >= before
}

/** 0 where x > 0, else 1. */
const notAbove = <T>(algebra: TensorAlgebra<T>, x: T, zeros: T): T => algebra.subtract(1, algebra.maximum(algebra.sign(x), zeros))

const keptTensor = <T>(algebra: TensorAlgebra<T>, leaf: Dppo, frame: Frame<T>): T => {
  const zeros = algebra.constant(new Float32Array(frame.owned.length))
  const { high, low } = boundsOf(leaf)
  const bound = byAdvantage(algebra, frame, (a) => (a > 0 ? high : low))
  // Towards more of the token is the direction that counts where A > 0, towards less where not.
  const direction = byAdvantage(algebra, frame, (a) => (a > 0 ? 1 : -1))
  const old = frame.column("oldLogProbs")
  const [p, before] = [algebra.exp(frame.logProbs), algebra.exp(old)]
  const moved = algebra.multiply(algebra.subtract(p, before), direction)
  if (leaf.divergence === "tv") return notAbove(algebra, algebra.subtract(moved, bound), zeros)
  // 1 − q by expm1: in float32 a q close to 1 would leave nothing of 1 − q, nor of the 1e-8.
  const others = (logQ: T): T => algebra.log(algebra.subtract(TINY, algebra.expm1(logQ)))
  const distance = algebra.add(
    algebra.multiply(before, algebra.subtract(old, frame.logProbs)),
    algebra.multiply(algebra.negate(algebra.expm1(old)), algebra.subtract(others(old), others(frame.logProbs)))
  )
  return algebra.maximum(notAbove(algebra, algebra.subtract(distance, bound), zeros), notAbove(algebra, moved, zeros))
}

/** The DPPO loss as a kind of leaf. */
export const dppoLeaf: LeafKind<Dppo> = {
  tag: "Dppo",
  name: ({ divergence }) => `dppo-${divergence}`,
  needs: () => [
    { column: "advantages", neededBy: "DPPO" },
    { column: "oldLogProbs", neededBy: "DPPO" }
  ],
  evaluate: (leaf, batch) =>
    eachToken(batch, (token) => {
      const [advantage, logProb, old] = [batch.advantages![token]!, batch.logProbs[token]!, batch.oldLogProbs![token]!]
      if (!isKept(leaf, advantage, logProb, old)) return { loss: 0, derivative: 0 }
      const derivative = -Math.min(clampedRatio(logProb - old, CLAMP).ratio, leaf.truncation ?? Infinity) * advantage
      return { loss: derivative * logProb, derivative }
    }),
  tensor: (algebra, leaf, frame) => {
    const truncated = algebra.clip(tokenRatio(algebra, frame, CLAMP), 0, leaf.truncation ?? NO_BOUND)
    return weightedLogProb(algebra, frame, algebra.multiply(truncated, keptTensor(algebra, leaf, frame)))
  },
  attributed: [
    {
      name: "dppo-tv",
      meaning: "−sg(r)·A·log π, without tokens whose probability moved by more than 0.15 (DPPO, total variation)",
      source: "Qi et al. 2026",
      make: () => dppo()
    },
    {
      name: "dppo-kl",
      meaning: "−sg(r)·A·log π, without tokens whose binary KL is above 0.05 (DPPO, KL)",
      source: "Qi et al. 2026",
      make: () => dppo({ divergence: "kl" })
    }
  ]
}
