/**
 * What attribution through a language model's own gradients reports: the shape of its JSON.
 *
 * @module
 */
import type { TwoStageGradientParts } from "../../domain/GradientParts.ts"
import type { Interval } from "../statistics/Interval.ts"
import type { BadRow } from "../transcripts/ReadBlock.ts"
import type { GradientIntervals } from "./GradientIntervals.ts"
import type { WeightShare } from "./WeightShares.ts"

/**
 * One sub-policy's gradient by what it is made of. `perToken` = ‖mean over its tokens of ∇ℓ‖ = ‖g_k‖·N/tokens, with N all trained tokens;
 * `perAction` = ‖g_k‖·N/actions, of the sum over an action's tokens (an answer, or a decision on one). Norms of means, not means of norms:
 * what tokens push against each other is gone. Null without any.
 */
export interface GradientSizes {
  readonly tokens: number
  readonly actions: number
  readonly perToken: number | null
  readonly perAction: number | null
}

/**
 * One objective's gradient in the file. `normSampling` = ‖g_S‖ and `normDecision` = ‖g_D‖ of the mean loss over all trained tokens, `ratio` =
 * ‖g_S‖/‖g_D‖ (null where ‖g_D‖ is 0); signals, variances and products are unbiased, from prompt to prompt.
 */
export interface ObjectiveGradient extends Omit<TwoStageGradientParts, "step" | "part"> {
  readonly ratio: number | null
  readonly sampling: GradientSizes
  readonly decision: GradientSizes
  /** Of ‖g_S‖, ‖g_D‖, their ratio and the cosine in files of this size; absent where there are too few prompts, or none were asked for. */
  readonly intervals?: GradientIntervals<Interval>
  /** The same of the expected gradient, without the noise of a file of this size; null where it does not stand out of that noise. */
  readonly expected?: GradientIntervals<number> & { readonly intervals: GradientIntervals<Interval> }
  /** By block of the network and by kind of weight; shares of ‖g_S‖² and of ‖g_D‖² sum to 1. */
  readonly layers: ReadonlyArray<WeightShare>
  readonly weights: ReadonlyArray<WeightShare>
}

/** How the intervals were made: prompts with all their rollouts drawn with replacement. */
export interface Resampling {
  readonly rounds: number
  readonly seed: number
  readonly prompts: number
  /** What was drawn: prompts, or groups of prompts where there are very many. */
  readonly clusters: number
  /** Numbers in the sketch of a gradient that inner products of the resamples are taken of, and of the gradient itself. */
  readonly sketch: number
  readonly of: number
  /** Standard error of ⟨g, h⟩/(‖g‖‖h‖) by the sketch: 1/√sketch, or 0 where it is the whole gradient. */
  readonly sketchError: number
}

/** Attribution of a file. Norms are of the gradient of the mean loss over all its trained tokens. */
export interface ModelAttribution {
  readonly version: 1
  readonly model: string
  /** The folder of an adapter that was merged into it. */
  readonly adapter?: string
  /** Where the parameters are from; absent: the model's own, or an untrained adapter. */
  readonly checkpoint?: string
  readonly reference: string | undefined
  readonly parameters: "lora" | "all"
  /** How many parameters the gradient is over. */
  readonly parameterCount: number
  /** The gradient is over the last so many blocks alone (and what follows them), of `of`: an approximation of that over all. */
  readonly approximation?: { readonly layers: number; readonly of: number }
  readonly rows: number
  readonly scored: number
  readonly resampling?: Resampling
  /** Why there are no intervals. */
  readonly noIntervals?: string
  readonly objectives: Readonly<Record<string, ObjectiveGradient>>
  /** Why an objective is missing. */
  readonly lacking: Readonly<Record<string, string>>
  readonly badRows: ReadonlyArray<BadRow>
}

const mapped = <A>(numbers: GradientIntervals<A>, norm: (value: A) => A): GradientIntervals<A> => ({
  ...numbers,
  normSampling: numbers.normSampling === null ? null : norm(numbers.normSampling),
  normDecision: numbers.normDecision === null ? null : norm(numbers.normDecision)
})

/** The report of ±`factor` times a gradient: norms times |factor|, what is squared times factor², ratios and angles as they are (null or 0 where all is 0). */
export const scaledGradient = (gradient: ObjectiveGradient, factor: number): ObjectiveGradient => {
  const size = Math.abs(factor)
  const times = (value: number): number => size * value
  const interval = ([low, high]: Interval): Interval => [times(low), times(high)]
  const sizes = ({ perAction, perToken, ...counts }: GradientSizes): GradientSizes => ({
    ...counts,
    perToken: perToken === null ? null : times(perToken),
    perAction: perAction === null ? null : times(perAction)
  })
  const isNothing = size === 0
  const share = (one: WeightShare): WeightShare => ({
    ...one,
    normSampling: times(one.normSampling),
    normDecision: times(one.normDecision),
    ...(isNothing ? { cosine: null, shareSampling: null, shareDecision: null } : {})
  })
  const { expected, intervals } = gradient
  const squares = Object.fromEntries(
    (["signalSampling", "signalDecision", "varianceSampling", "varianceDecision", "product", "covariance"] as const)
      .flatMap((key) => (gradient[key] === undefined ? [] : [[key, size * size * gradient[key]]]))
  )
  const nothing = isNothing ? { ratio: null, cosine: null } : {}
  return {
    ...gradient,
    ...squares,
    normSampling: times(gradient.normSampling),
    normDecision: times(gradient.normDecision),
    ...(isNothing ? { ratio: null, cosine: 0 } : {}),
    sampling: sizes(gradient.sampling),
    decision: sizes(gradient.decision),
    ...(intervals === undefined ? {} : { intervals: { ...mapped(intervals, interval), ...nothing } }),
    ...(expected === undefined ? {} : {
      expected: { ...mapped(expected, times), ...nothing, intervals: { ...mapped(expected.intervals, interval), ...nothing } }
    }),
    layers: gradient.layers.map(share),
    weights: gradient.weights.map(share)
  }
}
