/**
 * Intervals of a gradient's parts, from the inner products of what each prompt's rollouts bring to them.
 *
 * A batch gradient is a sum over prompts, g_k = Σ_c G_kc, so that a resample in which prompt c comes m_c times has ⟨g_k, g_l⟩ =
 * Σ_cc' m_c m_c' ⟨G_kc, G_lc'⟩: no gradient is computed again. But resamples are noisier than the sample: E*|g_k*|² = |g_k|² + b_kk with
 * b = tr Cov, by which |g_k|² itself is above |E g_k|². So the rounds are set back: once (by the factor |g|²/(|g|² + b)) for what a file of this size gives,
 * twice (by −2b) for the expected gradient. Percentiles of plain resamples would cover ‖g‖ in 78 to 93 % of cases where these do in 92 % and
 * more (20 prompts, simulated; with 64 and an expected gradient of 0, in 62 to 63 % and all). Source: Davison and Hinkley 1997, sections 2.1.3 (bias), 3.8 (clusters).
 *
 * @module
 */
import { draws, fold } from "../../domain/Seed.ts"
import { blockNoise, type NoiseEstimate } from "../../theory/estimator/GradientNoise.ts"
import { dot } from "../../theory/Vectors.ts"
import { bootstrapOf, type BootstrapOptions } from "../statistics/Bootstrap.ts"
import { expandedInterval } from "../statistics/ExpandedPercentile.ts"
import type { Interval } from "../statistics/Interval.ts"

/** Something of each of the four numbers that say how two gradients lie: ‖g_S‖, ‖g_D‖, ‖g_S‖/‖g_D‖ and their cosine. Null where it is not defined. */
export interface GradientIntervals<A> {
  readonly normSampling: A | null
  readonly normDecision: A | null
  readonly ratio: A | null
  readonly cosine: A | null
}

/** What clusters of rollouts bring to a pair of gradients. */
export interface Contributions {
  /**
   * Vectors, cluster by cluster and, where the gradient is a sum of several terms, term by term: term j of cluster c is number j·C + c. The
   * gradient of the sample is the sum of the first C.
   */
  readonly sampling: ReadonlyArray<Float64Array>
  readonly decision: ReadonlyArray<Float64Array>
  /** The weight of every vector in a resample where cluster c comes times[c] times; undefined where that has no such gradient. */
  readonly weigh: (times: Float64Array) => Float64Array | undefined
}

/** |g_S|², |g_D|² and ⟨g_S, g_D⟩. */
type Products = readonly [sampling: number, decision: number, cross: number]

const PAIRS = [0, 1, 2] as const

const gramOf = (left: ReadonlyArray<Float64Array>, right: ReadonlyArray<Float64Array>): ReadonlyArray<Float64Array> =>
  left.map((x, i) => Float64Array.from(right, (y, j) => (left === right && j < i ? 0 : dot(x, y))))

/** A Gram matrix of vectors with themselves is computed in its upper half; the other is its mirror. */
const mirrored = (gram: ReadonlyArray<Float64Array>): ReadonlyArray<Float64Array> => {
  gram.forEach((row, i) => {
    for (let j = 0; j < i; j++) row[j] = gram[j]![i]!
  })
  return gram
}

const quadratic = (gram: ReadonlyArray<Float64Array>, weights: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue
    const row = gram[i]!
    let inner = 0
    for (let j = 0; j < weights.length; j++) inner += row[j]! * weights[j]!
    sum += weights[i]! * inner
  }
  return sum
}

const clamp = (cosine: number): number => Math.max(-1, Math.min(1, cosine))

const numbersOf = ([sampling, decision, cross]: Products): GradientIntervals<number> => ({
  normSampling: Math.sqrt(Math.max(0, sampling)),
  normDecision: Math.sqrt(Math.max(0, decision)),
  ratio: decision > 0 ? Math.sqrt(Math.max(0, sampling) / decision) : null,
  cosine: sampling > 0 && decision > 0 ? clamp(cross / Math.sqrt(sampling * decision)) : null
})

const mapNumbers = <A>(of: (key: keyof GradientIntervals<number>) => A | null): GradientIntervals<A> => ({
  normSampling: of("normSampling"),
  normDecision: of("normDecision"),
  ratio: of("ratio"),
  cosine: of("cosine")
})

/** Rounds that define a number must be this many, or the interval would speak of the lucky ones. */
const DEFINED = 0.9

/** Signal, noise and, with rounds, intervals of a pair of gradients. */
export interface ResampledGradient {
  readonly sampling: NoiseEstimate
  readonly decision: NoiseEstimate
  readonly cross: NoiseEstimate
  readonly intervals?: GradientIntervals<Interval>
  readonly expected?: GradientIntervals<number> & { readonly intervals: GradientIntervals<Interval> }
}

/**
 * Computes signals and noise from the sample, and 95 % intervals by drawing clusters with replacement; `sizes` are the rollouts of each
 * cluster, `options` undefined asks for no intervals. The same seed and number of clusters draw the same resamples for every objective.
 *
 * Errors: `GroupTooSmall` with fewer than two clusters; `ConfigError` as `bootstrapOf`.
 */
export const resampledGradient = (
  contributions: Contributions,
  sizes: ReadonlyArray<number>,
  options: BootstrapOptions | undefined
): ResampledGradient => {
  const clusters = sizes.length
  const { decision, sampling, weigh } = contributions
  const grams = [mirrored(gramOf(sampling, sampling)), mirrored(gramOf(decision, decision)), gramOf(sampling, decision)] as const
  const once = new Float64Array(sampling.length).fill(1, 0, clusters)
  const whole = grams.map((gram) => quadratic(gram, once)) as unknown as Products
  const noise = PAIRS.map((pair) => {
    let ofBlocks = 0
    for (let c = 0; c < clusters; c++) ofBlocks += grams[pair][c]![c]!
    return blockNoise({ whole: whole[pair], ofBlocks }, sizes)
  })
  const found = { sampling: noise[0]!, decision: noise[1]!, cross: noise[2]! }
  if (options === undefined) return found
  const { rounds, seed } = bootstrapOf(options)
  const stream = draws(fold(seed, "bootstrap", "gradient"))
  const drawn: Array<Products | undefined> = Array.from({ length: rounds }, () => {
    const times = new Float64Array(clusters)
    for (let draw = 0; draw < clusters; draw++) times[stream.integer(0, clusters - 1)]! += 1
    const weights = weigh(times)
    return weights && grams.map((gram) => quadratic(gram, weights)) as unknown as Products
  })
  const known = drawn.filter((products) => products !== undefined)
  const above = PAIRS.map((pair) => known.reduce((sum, products) => sum + products[pair], 0) / Math.max(1, known.length) - whole[pair])
  const ofFile = ([s, d, c]: Products): Products => [
    s * (whole[0] + above[0]! > 0 ? whole[0] / (whole[0] + above[0]!) : 1),
    d * (whole[1] + above[1]! > 0 ? whole[1] / (whole[1] + above[1]!) : 1),
    c - above[2]!
  ]
  const ofExpected = ([s, d, c]: Products): Products => [s - 2 * above[0]!, d - 2 * above[1]!, c - 2 * above[2]!]
  const intervalsOf = (setBack: (products: Products) => Products): GradientIntervals<Interval> => {
    const values = known.map((products) => numbersOf(setBack(products)))
    return mapNumbers((key) => {
      const defined = values.flatMap((numbers) => numbers[key] ?? [])
      return defined.length < DEFINED * rounds ? null : expandedInterval(defined, { clusters, strata: 1 }, null)
    })
  }
  const [intervals, ofMean] = [intervalsOf(ofFile), intervalsOf(ofExpected)]
  const { cosine, normDecision, normSampling, ratio } = numbersOf([found.sampling.mean, found.decision.mean, found.cross.mean])
  return {
    ...found,
    intervals,
    // A quotient whose rounds lie beyond its domain too often is noise over noise.
    expected: {
      normSampling,
      normDecision,
      ratio: ofMean.ratio === null ? null : ratio,
      cosine: ofMean.cosine === null ? null : cosine,
      intervals: ofMean
    }
  }
}
