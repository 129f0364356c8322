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
