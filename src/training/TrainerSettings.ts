/**
 * The settings of a trainer as plain data: one form for the library, for `train --config` and for `reproduce`. What is left out is the
 * preset's of the method that is named beside them.
 *
 * @module
 */
import { Schema } from "effect"
import { ConfigError } from "../domain/Errors.ts"
import { assertNone, faultsOfChecks } from "../domain/SchemaFaults.ts"
import * as Aggregate from "../theory/Aggregate.ts"
import * as Controllers from "../theory/Controllers.ts"
import * as Kl from "../theory/Kl.ts"
import * as Objective from "../theory/Objective.ts"
import * as Overlong from "../theory/Overlong.ts"
import { TheoryError } from "../theory/TheoryError.ts"
import * as AdvantageRule from "./AdvantageRule.ts"
import { type GroupRelativeConfig, objectiveOf } from "./GroupRelativeTrainer.ts"
import { Count, DualClip, Positive, Probability, ResponseTokens, Size, Steps, StepsFromZero } from "./Bounds.ts"
import { CorrectionChoice } from "./Correction.ts"
import * as Correction from "./Correction.ts"
import { DecisionWeighting } from "./DecisionWeighting.ts"
import { OldLogProbs } from "./OldLogProbs.ts"
import { adam, OptimizerConfig } from "./Optimizer.ts"
import * as LossChoice from "./LossChoice.ts"
import * as Presets from "./Presets.ts"
import * as Schedule from "./Schedule.ts"
import type { SupervisedConfig } from "./SupervisedTrainer.ts"

const Name = Schema.NonEmptyString

/** What every trainer is told. */
const shared = {
  schedule: Schedule.Schedule,
  optimizer: Schema.optionalKey(OptimizerConfig),
  clipNorm: Schema.optionalKey(Positive),
  /** Measure the gradient's parts every so many steps; left out: 20; 0: never. */
  attributionEvery: Schema.optionalKey(StepsFromZero),
  microBatches: Schema.optionalKey(Count),
  /** The sub-policies by name; spans say whose they are (`part`). Left out: sampling and decision. */
  partition: Schema.optionalKey(Schema.NonEmptyArray(Name)),
  /** Train the tokens of one sub-policy only: reward and entropy bonus, or the likelihood. A KL penalty in the loss stays on all. */
  restrict: Schema.optionalKey(Name)
}

/** Settings of supervised fine-tuning. */
export const SupervisedSettings = Schema.Struct({
  ...shared,
  batchSize: Count,
  /** Weights of the sub-policies' losses by name; a sub-policy that is not named is not trained. Left out: 1 for all. */
  weights: Schema.optionalKey(Schema.Record(Name, Size))
})
export type SupervisedSettings = typeof SupervisedSettings.Type

const KlChoice = Schema.Union([
  Schema.Struct({ _tag: Schema.Literal("None") }),
  Schema.Struct({
    _tag: Schema.Literal("InReward"),
    beta: Size,
    estimator: Schema.optionalKey(Schema.Literals(Kl.REWARD_ESTIMATORS)),
    gamma: Schema.optionalKey(Size),
    placement: Schema.optionalKey(Schema.Literals(Kl.REWARD_PLACEMENTS))
  }),
  Schema.Struct({
    _tag: Schema.Literal("InLoss"),
    beta: Size,
    estimator: Schema.optionalKey(Schema.Literals(Kl.ESTIMATORS)),
    corrected: Schema.optionalKey(Schema.Union([Schema.Boolean, Schema.Literal("sequence")])),
    logRatioClamp: Schema.optionalKey(Schema.NullOr(Positive)),
    clamp: Schema.optionalKey(Schema.NullOr(Positive))
  })
])

const AggregationChoice = Schema.Literals(Aggregate.AGGREGATIONS)

/** Settings of reinforcement learning from groups of rollouts. */
export const GroupRelativeSettings = Schema.Struct({
  ...shared,
  queries: Count,
  miniBatchQueries: Schema.optionalKey(Count),
  maxTokens: ResponseTokens,
  groupSize: Schema.optionalKey(Count),
  epochs: Schema.optionalKey(Count),
  temperature: Schema.optionalKey(Positive),
  /** The reward part of the loss in place of the preset's; `clipLow`, `clipHigh` and `dualClip` are of whichever it is. */
  loss: Schema.optionalKey(LossChoice.LossChoice),
  clipLow: Schema.optionalKey(Schema.NullOr(Size)),
  clipHigh: Schema.optionalKey(Schema.NullOr(Size)),
  dualClip: Schema.optionalKey(DualClip),
  advantage: Schema.optionalKey(AdvantageRule.AdvantageChoice),
  kl: Schema.optionalKey(KlChoice),
  /** Nats of reward for a nat of entropy; left out: 0. */
  entropyCoefficient: Schema.optionalKey(Size),
  aggregation: Schema.optionalKey(AggregationChoice),
  /** Which sequences a mean over sequences counts: those with a trained token (verl's `agg_loss`) or all rows (TRL). */
  aggregationVariant: Schema.optionalKey(Schema.Literals(Aggregate.VARIANTS)),
  maskTruncated: Schema.optionalKey(Schema.Boolean),
  maskZeroVariance: Schema.optionalKey(Schema.Boolean),
  referenceEvery: Schema.optionalKey(Steps),
  /** Factors on the advantages of decisions: "Natural" by the step's own rates, or "Fixed" ones; left out: none. */
  decisionWeighting: Schema.optionalKey(DecisionWeighting),
  correction: Schema.optionalKey(CorrectionChoice),
  oldLogProbs: Schema.optionalKey(OldLogProbs),
  /** Draw rollouts with the parameters of the last step whose number is a multiple of this; left out: 1. */
  publishEvery: Schema.optionalKey(Steps),
  offPolicyThreshold: Schema.optionalKey(Size),
  highEntropyShare: Schema.optionalKey(Probability),
  overlong: Schema.optionalKey(Schema.Struct({ buffer: Count, factor: Schema.optionalKey(Size) })),
  dynamicSampling: Schema.optionalKey(Schema.Struct({ maxBatches: Count })),
  adaptiveKl: Schema.optionalKey(Schema.Struct({ target: Schema.optionalKey(Size), horizon: Schema.optionalKey(Size) })),
  adaptiveEntropy: Schema.optionalKey(
    Schema.Struct({
      target: Schema.optionalKey(Size),
      delta: Schema.optionalKey(Size),
      min: Schema.optionalKey(Size),
      max: Schema.optionalKey(Size)
    })
  )
})
export type GroupRelativeSettings = typeof GroupRelativeSettings.Type

const updateOf = (settings: SupervisedSettings | GroupRelativeSettings) => ({
  optimizer: settings.optimizer ?? adam,
  schedule: settings.schedule,
  clipNorm: settings.clipNorm ?? 1,
  attributionEvery: settings.attributionEvery ?? 20,
  ...(settings.microBatches === undefined ? {} : { microBatches: settings.microBatches })
})

const partitionOf = (
  { partition }: SupervisedSettings | GroupRelativeSettings
) => (partition === undefined ? {} : { partition: { names: partition } })

/** Each named sub-policy's share of a loss, weighted; the sum keeps the names' order. */
const weighted = (objective: Objective.Objective, weights: Readonly<Record<string, number>>): Objective.Objective => {
  const terms = Object.entries(weights).map(([name, weight]) => {
    const share = Objective.restrict(objective, name)
    return weight === 1 ? share : Objective.scale(share, weight)
  })
  const [first, ...rest] = terms
  return first === undefined ? objective : rest.reduce<Objective.Objective>((sum, term) => Objective.add(sum, term), first)
}

/** The trainer that settings of `sft` or `dft` describe. */
export const supervised = (name: Presets.SupervisedName, settings: SupervisedSettings): SupervisedConfig => {
  const { objective, ...preset } = Presets.supervised[name]
  const whole = settings.weights === undefined ? objective : weighted(objective, settings.weights)
  const restricted = settings.restrict === undefined ? whole : Objective.restrict(whole, settings.restrict)
  return { ...preset, ...updateOf(settings), ...partitionOf(settings), objective: restricted, batchSize: settings.batchSize }
}

const AGGREGATION = {
  "token-mean": Aggregate.tokenMean,
  "token-sum": Aggregate.tokenSum,
  "seq-mean-token-mean": Aggregate.seqMeanTokenMean,
  "seq-mean-token-sum": Aggregate.seqMeanTokenSum
}

const aggregationOf = (
  preset: Aggregate.Aggregation,
  { aggregation, aggregationVariant, maxTokens }: GroupRelativeSettings
): Aggregate.Aggregation => {
  const mode = aggregation === undefined
    ? preset
    : aggregation === "seq-mean-token-sum-norm"
    ? Aggregate.seqMeanTokenSumNorm(maxTokens)
    : AGGREGATION[aggregation]
  return aggregationVariant === undefined ? mode : Aggregate.withVariant(mode, aggregationVariant)
}

const klOf = (choice: typeof KlChoice.Type): Kl.Placement => {
  switch (choice._tag) {
    case "None":
      return Kl.none
    case "InReward":
      return Kl.inReward(choice)
    case "InLoss":
      return Kl.inLoss(choice)
  }
}

/** A loss with the clip bounds given. Throws `ConfigError` for one that it does not have. */
const withClips = (loss: Objective.Objective, { clipHigh, clipLow, dualClip }: GroupRelativeSettings): Objective.Objective => {
  const given = Object.entries({ clipLow, clipHigh, dualClip }).filter(([, bound]) => bound !== undefined)
  const foreign = given.find(([field]) => !(field in loss))
  if (foreign === undefined) return { ...loss, ...Object.fromEntries(given) }
  const bounds = ["clipLow", "clipHigh", "dualClip"].filter((field) => field in loss)
  const expected = `no such field beside the loss ${loss._tag}, which has ${bounds.length === 0 ? "no clip bounds" : bounds.join(", ")}`
  throw new ConfigError({ field: foreign[0], value: String(foreign[1]), expected })
}

/** Builds a part from its field; bounds that contradict each other, which no schema sees, are an error of that field. */
const part = <Field extends string, Choice, Part>(
  field: Field,
  choice: Choice | undefined,
  make: (choice: Choice) => Part
): { readonly [F in Field]?: Part } => {
  if (choice === undefined) return {}
  try {
    return { [field]: make(choice) } as { readonly [F in Field]?: Part }
  } catch (error) {
    if (!(error instanceof TheoryError)) throw error
    throw new ConfigError({ field, value: JSON.stringify(choice), expected: `what can be (${error.message})` })
  }
}

const assertBonus = ({ adaptiveEntropy, restrict }: GroupRelativeSettings): void => {
  if (restrict === undefined || adaptiveEntropy === undefined) return
  const expected = "left out where \"restrict\" is given: a restricted entropy bonus has a fixed coefficient"
  throw new ConfigError({ field: "adaptiveEntropy", value: JSON.stringify(adaptiveEntropy), expected })
}

// The parts of `furtherOf`, each by itself.
const furtherChecks = ({ adaptiveEntropy, adaptiveKl, correction, overlong }: GroupRelativeSettings): ReadonlyArray<() => unknown> => [
  () => part("correction", correction, Correction.fromChoice),
  () => part("overlong", overlong, Overlong.overlong),
  () => part("adaptiveKl", adaptiveKl, Controllers.adaptiveKl),
  () => part("adaptiveEntropy", adaptiveEntropy, Controllers.adaptiveEntropy)
]

/** What corrects, masks, shapes and controls, as far as it is given. */
const furtherOf = (
  settings: GroupRelativeSettings
): Partial<GroupRelativeConfig> => {
  const { adaptiveEntropy, adaptiveKl, correction, dynamicSampling, highEntropyShare, offPolicyThreshold, overlong } = settings
  const { oldLogProbs, publishEvery } = settings
  return {
    ...part("correction", correction, Correction.fromChoice),
    ...(oldLogProbs === undefined ? {} : { oldLogProbs }),
    ...(publishEvery === undefined ? {} : { publishEvery }),
    ...(offPolicyThreshold === undefined ? {} : { offPolicyThreshold }),
    ...(highEntropyShare === undefined ? {} : { highEntropyShare }),
    ...part("overlong", overlong, Overlong.overlong),
    ...(dynamicSampling === undefined ? {} : { dynamicSampling }),
    ...part("adaptiveKl", adaptiveKl, Controllers.adaptiveKl),
    ...part("adaptiveEntropy", adaptiveEntropy, Controllers.adaptiveEntropy)
  }
}

/**
 * The trainer that settings of reinforcement learning describe: the preset of that name with the fields given. Throws `ConfigError` for settings that
 * contradict each other, and for a clip bound that the loss does not have.
 */
export const groupRelative = (name: Presets.GroupRelativeName, settings: GroupRelativeSettings): GroupRelativeConfig => {
  const preset: Presets.GroupRelativePreset = Presets.groupRelative(settings.maxTokens)[name]
  const { advantage, decisionWeighting, kl, loss, referenceEvery } = settings
  // All that is wrong with the parts is told at once.
  assertNone(faultsOfChecks([
    () => withClips(part("loss", loss, LossChoice.fromChoice).loss ?? preset.objective, settings),
    () => part("advantage", advantage, AdvantageRule.fromChoice),
    () => part("kl", kl, klOf),
    ...furtherChecks(settings),
    () => assertBonus(settings)
  ]))
  const { loss: objective = preset.objective } = part("loss", loss, LossChoice.fromChoice)
  const surrogate = withClips(objective, settings)
  const entropyCoefficient = settings.entropyCoefficient ?? preset.entropyCoefficient
  // A bonus on the other sub-policy's tokens would train it: where the reward is restricted, so is the bonus.
  const reward = settings.restrict === undefined
    ? { objective: surrogate, entropyCoefficient }
    : {
      objective: Objective.restrict(objectiveOf({ objective: surrogate, kl: Kl.none, entropyCoefficient }), settings.restrict),
      entropyCoefficient: 0
    }
  return {
    ...preset,
    ...updateOf(settings),
    queries: settings.queries,
    miniBatchQueries: settings.miniBatchQueries ?? settings.queries,
    groupSize: settings.groupSize ?? preset.groupSize,
    epochs: settings.epochs ?? preset.epochs,
    sampling: { ...preset.sampling, temperature: settings.temperature ?? preset.sampling.temperature },
    ...reward,
    advantage: preset.advantage,
    ...part("advantage", advantage, AdvantageRule.fromChoice),
    kl: preset.kl,
    ...part("kl", kl, klOf),
    aggregation: aggregationOf(preset.aggregation, settings),
    maskTruncated: settings.maskTruncated ?? preset.maskTruncated,
    maskZeroVariance: settings.maskZeroVariance ?? preset.maskZeroVariance,
    ...(referenceEvery === undefined ? {} : { referenceEvery }),
    ...(decisionWeighting === undefined ? {} : { decisionWeighting }),
    ...furtherOf(settings),
    ...partitionOf(settings)
  }
}
