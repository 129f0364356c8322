/**
 * A model's gradient attribution as plain text.
 *
 * @module
 */
import type { GradientIntervals } from "../../eval/attribute/GradientIntervals.ts"
import type { ModelAttribution, ObjectiveGradient } from "../../eval/attribute/ModelAttribution.ts"
import type { Interval } from "../../eval/statistics/Interval.ts"
import type { WeightShare } from "../../eval/attribute/WeightShares.ts"
import { percent, UNDEFINED } from "../../eval/report/Words.ts"
import { type Block, columns, layOut, type Table, TERMINAL_WIDTH } from "../Layout.ts"

/** What the norms can be shown by, beside by objective. */
export const VIEWS = ["layer", "weight"] as const

/** One of them. */
export type View = (typeof VIEWS)[number]

const short = (value: number | null | undefined): string => {
  if (value === null || value === undefined) return UNDEFINED
  return (Math.abs(value) >= 1000 || value === 0 ? value.toFixed(value === 0 ? 2 : 0) : value.toPrecision(3)).replace("-", "−")
}

/** A cosine is read to two digits after the point. */
const cosineWord = (value: number | null | undefined): string =>
  value === null || value === undefined ? UNDEFINED : value.toFixed(3).replace("-", "−")

const bracketed = (interval: Interval | null | undefined, word: (value: number) => string): string =>
  interval === null || interval === undefined ? "" : ` [${word(interval[0])}, ${word(interval[1])}]`

const brief = (
  value: number
): string => (value === 0 ? "0" : short(Number(value.toPrecision(2))).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, ""))

/** √(|E g|² / tr Cov(g)), how far the gradient stands out of its noise; 0 where the estimate of |E g|² is not positive. */
const signalToNoise = (signal: number | undefined, variance: number | undefined): string =>
  signal === undefined || variance === undefined || variance <= 0 ? UNDEFINED : short(Math.sqrt(Math.max(0, signal) / variance))

const cells = (
  { cosine, normDecision, normSampling, ratio }: GradientIntervals<number>,
  intervals: GradientIntervals<Interval> | undefined
): ReadonlyArray<string> => [
  short(normSampling) + bracketed(intervals?.normSampling, brief),
  short(normDecision) + bracketed(intervals?.normDecision, brief),
  short(ratio) + bracketed(intervals?.ratio, brief),
  cosineWord(cosine) + bracketed(intervals?.cosine, (value) => value.toFixed(2).replace("-", "−"))
]

const measured = ({ cosine, normDecision, normSampling, ratio }: ObjectiveGradient): GradientIntervals<number> => ({
  normSampling,
  normDecision,
  ratio,
  // There is no angle with nothing.
  cosine: normSampling === 0 || normDecision === 0 ? null : cosine
})

const shareRows = (shares: ReadonlyArray<WeightShare>, what: string): Table =>
  columns([
    [what, "‖g_S‖", "‖g_D‖", "g_S/g_D", "cosine", "of ‖g_S‖²", "of ‖g_D‖²"],
    ...shares.map(({ cosine, name, normDecision, normSampling, shareDecision, shareSampling }) => [
      name,
      short(normSampling),
      short(normDecision),
      normDecision === 0 ? UNDEFINED : short(normSampling / normDecision),
      cosineWord(cosine),
      percent(shareSampling),
      percent(shareDecision)
    ])
  ])

const resampled = ({ noIntervals, resampling }: ModelAttribution): ReadonlyArray<string> => {
  if (resampling === undefined) return noIntervals === undefined ? [] : [`No intervals: ${noIntervals}.`]
  const { clusters, prompts, rounds, seed, sketchError } = resampling
  return [
    `95 % intervals from ${rounds} resamples of ${prompts} prompts${
      clusters < prompts ? ` in ${clusters} groups` : ""
    } with all their rollouts (seed ${seed})${
      sketchError === 0 ? "" : `; products of gradients in resamples by sketches, exact to ${percent(sketchError)} of the lengths`
    }. The first table is of a file of this size, noise and all; the second of the expected gradient, whose norms have no noise; – there: it does not stand out of it.`
  ]
}

const ofExpected = (entries: ReadonlyArray<readonly [string, ObjectiveGradient]>): ReadonlyArray<Block> =>
  entries.some(([, { expected }]) => expected !== undefined)
    ? [
      "",
      columns([
        ["expected", "|E g_S|", "|E g_D|", "ratio", "cosine", "signal/noise S", "D"],
        ...entries.flatMap(([name, objective]) => {
          const { expected, signalDecision, signalSampling, varianceDecision, varianceSampling } = objective
          return expected === undefined ? [] : [[
            name,
            ...cells(expected, expected.intervals),
            signalToNoise(signalSampling, varianceSampling),
            signalToNoise(signalDecision, varianceDecision)
          ]]
        })
      ])
    ]
    : []

/** Writes a line for every objective that has its inputs, why others are missing, and the tables by layer and kind of weight that are asked for. */
export const modelAttributionText = (report: ModelAttribution, views: ReadonlyArray<View> = [], width = TERMINAL_WIDTH): string => {
  const entries = Object.entries(report.objectives)
  const hasExpected = entries.some(([, { expected }]) => expected !== undefined)
  const { decision, sampling } = entries[0]![1]
  const { approximation } = report
  const [bad] = report.badRows
  const reasons = new Map<string, Array<string>>()
  for (const [name, reason] of Object.entries(report.lacking)) reasons.set(reason, [...(reasons.get(reason) ?? []), name])
  const blocks: ReadonlyArray<Block> = [
    `Gradients of ${report.model}${
      report.checkpoint === undefined ? "" : ` as trained in ${report.checkpoint}`
    } over ${report.parameterCount} parameters (${report.parameters === "all" ? "all weights" : "an adapter"}${
      approximation === undefined
        ? ""
        : ` of the last ${approximation.layers} of ${approximation.of} blocks: an approximation of the gradient over all`
    }), ${report.rows} rollouts, ${sampling.tokens} tokens of π_S in ${sampling.actions} answers and ${decision.tokens} of π_D in ${decision.actions} decisions; mean loss over all of these.`,
    "",
    columns([
      ["objective", "‖g_S‖", "‖g_D‖", "g_S/g_D", "cosine", ...(hasExpected ? [] : ["signal/noise S", "signal/noise D"])],
      ...entries.map(([name, objective]) => [
        name,
        ...cells(measured(objective), objective.intervals),
        ...(hasExpected ? [] : [
          signalToNoise(objective.signalSampling, objective.varianceSampling),
          signalToNoise(objective.signalDecision, objective.varianceDecision)
        ])
      ])
    ]),
    ...ofExpected(entries),
    "",
    columns([
      ["mean gradient", "S, a token", "D, a token", "S, an answer", "D, a decision"],
      ...entries.map(([name, { decision, sampling }]) => [
        name,
        short(sampling.perToken),
        short(decision.perToken),
        short(sampling.perAction),
        short(decision.perAction)
      ])
    ]),
    ...views.flatMap((view): ReadonlyArray<Block> =>
      entries.flatMap(([name, { layers, weights }]) => ["", shareRows(view === "layer" ? layers : weights, `${name} by ${view}`)])
    ),
    "",
    ...resampled(report),
    ...[...reasons].map(([reason, names]) => `Missing: ${names.join(", ")} (${reason}).`),
    ...(bad === undefined ? [] : [`${report.badRows.length} rows could not be used, the first in line ${bad.line}: ${bad.reason}`])
  ]
  return layOut(blocks, width).trimEnd()
}
