/**
 * Reinforcement learning from groups of rollouts as a fold over {@link TrainState}: GRPO, Dr. GRPO, RLOO, REINFORCE and
 * their like are settings of the same parts (advantage, objective, KL, aggregation).
 *
 * @module
 */
import { Effect, Stream } from "effect"
import { ConfigError, type Fault } from "../domain/Errors.ts"
import { type Parameters, Policy } from "../domain/Policy.ts"
import { Sampler, type SamplingParameters } from "../domain/Sampler.ts"
import type { Query } from "../domain/Query.ts"
import { assertNone, faultsOfChecks } from "../domain/SchemaFaults.ts"
import { fold, type Seed, shuffle } from "../domain/Seed.ts"
import { failing } from "../domain/Throws.ts"
import * as Advantage from "../theory/Advantage.ts"
import * as Aggregate from "../theory/Aggregate.ts"
import * as Controllers from "../theory/Controllers.ts"
import * as Kl from "../theory/Kl.ts"
import * as Objective from "../theory/Objective.ts"
import { NOT_OWNED } from "../theory/Partition.ts"
import * as Overlong from "../theory/Overlong.ts"
import { namesOf, type TokenPartition, TWO_STAGE } from "../domain/Partition.ts"
import { attempt } from "../model/loss/LossRequests.ts"
import { maskSequences } from "../theory/TokenBatch.ts"
import { entropyStateOf, nextBeta, withCoefficients } from "./Coefficients.ts"
import * as Correction from "./Correction.ts"
import { draw, type DynamicSampling, rewardsOf } from "./DynamicBatch.ts"
import * as AdvantageRule from "./AdvantageRule.ts"
import { MOST, rolloutsFault } from "./Bounds.ts"
import * as Batch from "../model/loss/Batch.ts"
import * as DecisionWeighting from "./DecisionWeighting.ts"
import * as OldLogProbs from "./OldLogProbs.ts"
import { type AttributionRow, measure } from "./GradientAttribution.ts"
import { sampleGroups } from "../domain/Rollouts.ts"
import { withSelection } from "./Selection.ts"
import { maskRewards } from "./RewardMasks.ts"
import { averaged, clipFraction, meanKl, rolloutMetrics, zeroShare } from "./RolloutMetrics.ts"
import type { StepReport } from "./StepReport.ts"
import type { Metrics, TrainState } from "./TrainState.ts"
import * as Update from "./Update.ts"

/** Settings of a trainer on groups of rollouts; every choice is a value. */
export interface GroupRelativeConfig extends Update.UpdateConfig {
  /** Queries a step, and rollouts of each. */
  readonly queries: number
  readonly groupSize: number
  readonly sampling: SamplingParameters
  /** An estimator of the theory, one of the negative reinforcement family, or a function of one's own. */
  readonly advantage: AdvantageRule.AdvantageRule
  /** The reward part of the objective; the KL part is `kl`, the entropy part `entropyCoefficient`. */
  readonly objective: Objective.Objective
  readonly kl: Kl.Placement
  /** Nats of reward for a nat of entropy of every trained token's distribution; 0: no entropy bonus (verl's `entropy_coeff`). */
  readonly entropyCoefficient: number
  readonly aggregation: Aggregate.Aggregation
  /** Passes over the rollouts of a step, each in mini-batches of so many queries' groups. */
  readonly epochs: number
  readonly miniBatchQueries: number
  /** Leave truncated rollouts out of the loss. */
  readonly maskTruncated: boolean
  /** Leave groups whose rewards are all equal out of the loss, so that they give no lone KL gradient. */
  readonly maskZeroVariance: boolean
  /** Make the policy its own reference anew after every so many steps; left out: the reference stays. */
  readonly referenceEvery?: number
  /** Factors on the advantages of decisions about right and about wrong answers; left out: 1. A KL penalty that is added to them afterwards is not weighed. */
  readonly decisionWeighting?: DecisionWeighting.DecisionWeighting
  /** Whose tokens are whose: metrics, attribution and `restrict` go by its names. Left out: sampling and decision. */
  readonly partition?: TokenPartition
  /** What is done about rollouts that another policy drew; the ratio is then taken to the trained policy as it was before the step. Left out: nothing. */
  readonly correction?: Correction.Correction
  /**
   * Where ratios start: at the log-probabilities that rollouts bring (`sampler`), or at the trained policy's before the step (`policy`; one more
   * pass). Left out: `policy` with a correction and for a sampler that is an engine, else `sampler`.
   */
  readonly oldLogProbs?: OldLogProbs.OldLogProbs
  /** Draw rollouts with the parameters of the last step whose number is a multiple of this; left out: 1, with those of the step itself. */
  readonly publishEvery?: number
  /** Leave bad rollouts alone that the policy has moved away from by more than so many nats a token (DeepSeek-V3.2; TRL's `off_policy_mask_threshold`). */
  readonly offPolicyThreshold?: number
  /** Learn the reward from this share of tokens only, those of the highest entropy (TRL's `top_entropy_quantile`); left out: from all. */
  readonly highEntropyShare?: number
  /** Punish the length of the longest responses (DAPO); left out: no. */
  readonly overlong?: Overlong.Overlong
  /** Replace queries whose rollouts all have the same reward (DAPO); left out: no. */
  readonly dynamicSampling?: DynamicSampling
  /** Let β follow the KL measured on the rollouts (Ziegler et al., 2019); left out: β stays. */
  readonly adaptiveKl?: Controllers.AdaptiveKl
  /** Let the entropy coefficient follow the entropy, from `entropyCoefficient` on (Skywork-OR1; TRL); left out: it stays. */
  readonly adaptiveEntropy?: Controllers.AdaptiveEntropy
}

/** The objective that is differentiated: the reward part, plus the KL part where it is placed in the loss, plus an entropy bonus. */
export const objectiveOf = (
  { adaptiveEntropy, entropyCoefficient, kl, objective }:
    & Pick<GroupRelativeConfig, "objective" | "kl" | "entropyCoefficient">
    & Pick<Partial<GroupRelativeConfig>, "adaptiveEntropy">
): Objective.Objective => {
  const penalised = kl._tag === "InLoss" ? Objective.add(objective, Objective.klInLoss(kl)) : objective
  // A controlled bonus is a part of the loss while its coefficient is 0, too.
  return entropyCoefficient === 0 && adaptiveEntropy === undefined
    ? penalised
    : Objective.add(penalised, Objective.entropyBonus({ coefficient: entropyCoefficient }))
}

type Settings = Pick<GroupRelativeConfig, "advantage" | "groupSize" | "queries"> & Partial<GroupRelativeConfig>

function* faultsOf(config: Settings): Generator<Fault> {
  const { adaptiveKl, clipNorm, dynamicSampling, groupSize, highEntropyShare, kl, overlong, queries, sampling } = config
  for (const [field, value] of Object.entries({ groupSize, queries })) {
    if (Number.isInteger(value) && value >= 1 && value <= MOST) continue
    yield { field, value: String(value), expected: `a whole number from 1 to ${MOST}` }
  }
  yield* rolloutsFault(queries, groupSize)
  yield* faultsOfChecks([() => AdvantageRule.assertCompared(config.advantage, config)])
  if (config.publishEvery !== undefined && !(Number.isInteger(config.publishEvery) && config.publishEvery >= 1)) {
    yield { field: "publishEvery", value: String(config.publishEvery), expected: "a whole number of steps from 1" }
  }
  if (config.oldLogProbs === "sampler" && config.correction !== undefined) {
    const expected = "\"policy\" with a correction, which is of the ratio between the policy before the step and the sampler"
    yield { field: "oldLogProbs", value: "sampler", expected }
  }
  if (config.maskZeroVariance === true && groupSize < 2) {
    const expected = "false with groupSize 1: the reward of one rollout differs from no other, and all would be left out"
    yield { field: "maskZeroVariance", value: "true", expected }
  }
  if (sampling !== undefined && !(sampling.temperature > 0)) {
    const expected = "above 0: at 0 the rollouts of a query are all the same, and their log-probabilities are those of no distribution"
    yield { field: "temperature", value: String(sampling.temperature), expected }
  }
  if (clipNorm !== undefined && !(clipNorm > 0)) {
    const expected = "above 0: a gradient clipped to 0 teaches nothing; for no clipping give a norm that none reaches, 1000000"
    yield { field: "clipNorm", value: String(clipNorm), expected }
  }
  if (adaptiveKl !== undefined && kl !== undefined) {
    if (kl._tag === "None") {
      yield { field: "adaptiveKl", value: "given", expected: "a KL penalty to adapt, in \"kl\"" }
    } else if (!(kl.beta > 0)) {
      yield { field: "kl.beta", value: String(kl.beta), expected: "above 0 with adaptiveKl, which multiplies it" }
    }
    // One step multiplies β by 1 − 0.2·rollouts/horizon at least.
    if (groupSize * queries >= 5 * adaptiveKl.horizon) {
      const expected = `more than a fifth of a step's ${groupSize * queries} rollouts: with less, one step may make β 0 or negative`
      yield { field: "adaptiveKl.horizon", value: String(adaptiveKl.horizon), expected }
    }
  }
  if (highEntropyShare !== undefined && !(highEntropyShare >= 0 && highEntropyShare <= 1)) {
    yield { field: "highEntropyShare", value: String(highEntropyShare), expected: "a share of tokens, from 0 to 1" }
  }
  if (overlong !== undefined && sampling !== undefined && overlong.buffer > sampling.maxTokens) {
    const expected = `at most maxTokens, ${sampling.maxTokens}`
    yield { field: "overlong.buffer", value: String(overlong.buffer), expected }
  }
  const rule = typeof config.advantage === "function" ? undefined : config.advantage
  const isKlBefore = kl?._tag === "InReward" && Kl.isBeforeAdvantage(kl)
  // Either makes rewards of 0 and 1 something else, sooner or later in a run.
  const disturbing = overlong !== undefined ? "overlong" : isKlBefore ? "kl.placement" : undefined
  if ((rule?._tag === "NegativeReinforcement" || rule?._tag === "MaxRl") && disturbing !== undefined) {
    const rewards = rule._tag === "MaxRl" ? "that are not negative" : "of 0 and 1"
    const expected = `left out with the advantage ${rule._tag}, which is of rewards ${rewards}; a KL penalty can be in the loss`
    yield { field: disturbing, value: overlong === undefined && isKlBefore ? String(kl.placement) : "given", expected }
  }
  if (rule?._tag === "Gdpo") {
    // A penalty placed before the advantage joins the rewards, which are then one.
    const isOne = overlong === undefined || isKlBefore
    const { weights } = rule
    if (weights !== undefined && (weights.length !== (isOne ? 1 : 2) || weights.every((weight) => weight === 0))) {
      const expected = isOne ? "one weight, not 0: there is one reward" : "two weights, not both 0: of the task's reward and of overlong's"
      yield { field: "advantage.weights", value: JSON.stringify(weights), expected }
    }
  }
  if (dynamicSampling === undefined) return
  const { maxBatches } = dynamicSampling
  if (!Number.isInteger(maxBatches) || maxBatches < 1) {
    yield { field: "dynamicSampling.maxBatches", value: String(maxBatches), expected: "a whole number from 1 on" }
  }
  if (groupSize < 2) {
    const expected = "at least 2 with dynamicSampling: the reward of one rollout differs from no other"
    yield { field: "groupSize", value: String(groupSize), expected }
  }
}

/**
 * Refuses settings from which nothing is learnt, or that no machine can hold. Throws `ConfigError`. `step` asks it first; ask it before a run.
 */
export const assertSettings = (config: Settings): void => assertNone(faultsOf(config))

/**
 * One step: roll out, grade, compare within groups, update. `reference` is the policy that the KL penalty holds on to, unless
 * the state carries one of its own. Fails with ConfigError for settings of {@link assertSettings}.
 */
export const step = (settings: GroupRelativeConfig, reference: Parameters) =>
  Effect.fn("GroupRelativeTrainer.step")(function* (
    state: TrainState,
    queries: ReadonlyArray<Query>,
    more: (batch: number) => ReadonlyArray<Query> = () => []
  ) {
    yield* failing([ConfigError], () => assertSettings({ ...settings, queries: queries.length }))
    const config = withCoefficients(settings, state)
    const [policy, sampler] = [yield* Policy, yield* Sampler]
    const partition = config.partition ?? TWO_STAGE
    const source = yield* failing([ConfigError], () => OldLogProbs.sourceOf(config, sampler))
    // Before anything is sampled: a name that nobody owns would train nothing.
    const objective = yield* attempt("train", () => {
      const whole = objectiveOf(config)
      Objective.assertOwners(whole, partition)
      return whole
    })
    const seed = fold(state.seed, "rollouts", state.step)
    const { groupSize, sampling } = config
    const drawnWith = OldLogProbs.drawnWith(config, state)
    const found = yield* draw(drawnWith.parameters, queries, { groupSize, sampling, seed }, config.dynamicSampling, more)
    const sampled = found.groups.flatMap((group) => group.members)
    const { offsets: groupOffsets, rewards } = rewardsOf(found.groups)
    const whole = yield* attempt("train", () => Batch.make(sampled.map((member) => member.trajectory), partition))
    const scoredBy = (parameters: Parameters, trajectories = whole.trajectories) =>
      Effect.map(policy.logProbs(parameters, trajectories, sampling.temperature), Batch.concatenate)
    const brought = Batch.concatenate(sampled.map((member) => member.trajectory.logProbs))
    const oldLogProbs = source === "sampler" ? brought : yield* scoredBy(state.parameters)
    // A sampler without log-probabilities of its own is taken at the policy's word.
    const isSilent = sampler.logProbs === "none"
    const samplerLogProbs = isSilent ? oldLogProbs : brought
    const groups = isSilent ? OldLogProbs.put(found.groups, oldLogProbs, whole.offsets) : found.groups
    const members = groups.flatMap((group) => group.members)
    const referenceLogProbs = config.kl._tag === "None"
      ? undefined
      : yield* scoredBy(state.reference ?? reference)
    const isFlat = Advantage.zeroVarianceGroups(rewards, groupOffsets)
    const inClass = AdvantageRule.kept(config.advantage, rewards)
    const kept = Uint8Array.from(
      members,
      ({ trajectory }, i) =>
        (config.maskTruncated && trajectory.ending === "truncated") ||
          (config.maskZeroVariance && isFlat[Math.floor(i / config.groupSize)] === 1)
          ? 0
          : inClass[i]!
    )
    const unmasked = maskSequences(whole, kept)
    const corrected = config.correction === undefined
      ? undefined
      : yield* attempt("train", () =>
        Correction.apply(config.correction!, { ...whole, owner: unmasked, logProbs: oldLogProbs, samplerLogProbs }))
    const owner = corrected?.owner ?? unmasked
    const mismatch = source === "sampler" || isSilent
      ? {}
      : yield* attempt("train", () =>
        OldLogProbs.mismatch({ ...whole, owner: unmasked, logProbs: oldLogProbs, samplerLogProbs }, partition.names))
    const lengths = members.map(({ trajectory }) =>
      trajectory.tokens.length - trajectory.promptLength
    )
    const punishments = yield* attempt("train", () =>
      config.overlong === undefined ? undefined : Overlong.punishments(config.overlong, lengths, sampling.maxTokens))
    const greedy = AdvantageRule.readsGreedy(config.advantage)
      ? yield* greedyRewards(
        config,
        drawnWith.parameters,
        groups.map(({ query }) =>
          query
        ),
        fold(seed, "greedy")
      )
      : undefined
    const columns = {
      offsets: whole.offsets,
      owner: whole.owner,
      logProbs: oldLogProbs,
      ...(referenceLogProbs === undefined ? {} : { referenceLogProbs })
    }
    const decisionWeights = config.decisionWeighting === undefined
      ? undefined
      : yield* DecisionWeighting.weightsOf(config.decisionWeighting, state, groups, config.optimizer, sampling.temperature)
    const advantages = yield* attempt("train", () => {
      const inReward = config.kl._tag === "InReward" ? config.kl : undefined
      const isBefore = inReward !== undefined && Kl.isBeforeAdvantage(inReward)
      const compared = AdvantageRule.advantages(config.advantage, {
        rewards: punishments === undefined ? rewards : rewards.map((reward, i) =>
          reward + punishments[i]!
        ),
        groups: groupOffsets,
        trajectories: whole.trajectories,
        offsets: whole.offsets,
        owner: whole.owner,
        ...(isBefore ? { penalties: Kl.tokenRewards(inReward, columns) } : {}),
        ...(greedy === undefined ? {} : { greedy }),
        ...(punishments === undefined ? {} : { components: [rewards, punishments] })
      })
      const values = decisionWeights === undefined ? compared : DecisionWeighting.weigh(decisionWeights, groups, whole.offsets, compared)
      if (inReward !== undefined && !isBefore) {
        Kl.rewardAdvantages(inReward, columns).forEach((penalty, token) => {
          values[token]! += penalty
        })
      }
      return values
    })
    const weighted = corrected === undefined ? advantages : advantages.map((value, token) => value * corrected.factors[token]!)

    const isMeasured = config.attributionEvery > 0 && state.step % config.attributionEvery === 0
    const { adaptiveEntropy, adaptiveKl } = config
    let bonus = entropyStateOf(settings, state)
    let current = state
    let attribution: ReadonlyArray<AttributionRow> = []
    const updates: Array<Metrics> = []
    for (let epoch = 0; epoch < config.epochs; epoch++) {
      for (const rows of miniBatches(config, groups.length, fold(seed, "epoch", epoch))) {
        const part = Batch.select({ ...whole, owner }, rows)
        // Tokens are selected by the advantages themselves: a correction weighs losses, not covariances (verl).
        const selected = yield* withSelection(current.parameters, {
          trajectories: part.trajectories,
          offsets: part.offsets,
          owner: part.owner,
          objective,
          partition: namesOf(partition),
          temperature: config.sampling.temperature,
          weights: Aggregate.weights(config.aggregation, part.offsets, part.owner),
          oldLogProbs: part.column(oldLogProbs),
          advantages: part.column(advantages),
          ...(referenceLogProbs === undefined ? {} : { referenceLogProbs: part.column(referenceLogProbs) })
        }, fold(seed, "selection", updates.length))
        const request = { ...selected, advantages: part.column(weighted) }
        const masked = yield* maskRewards(config, current.parameters, request, {
          samplerLogProbs: part.column(samplerLogProbs),
          scored: scoredBy(current.parameters, part.trajectories)
        })
        const controlled = adaptiveEntropy === undefined
          ? masked.request
          : {
            ...masked.request,
            objective: objectiveOf({ ...config, entropyCoefficient: Controllers.entropyCoefficient(adaptiveEntropy, bonus) })
          }
        const update = yield* Update.apply(config, current, controlled)
        if (isMeasured && updates.length === 0) {
          attribution = yield* measure(state.step, current.parameters, controlled, { groupSize: config.groupSize })
        }
        updates.push({
          ...update.metrics,
          "clip_ratio/region_mean": clipFraction(update.result.logProbs, controlled.oldLogProbs!, part.owner, objective),
          ...(controlled.referenceLogProbs === undefined
            ? {}
            : meanKl(update.result.logProbs, controlled.referenceLogProbs, part.owner)),
          ...masked.metrics,
          ...(adaptiveEntropy === undefined ? {} : { entropy_coef: Controllers.entropyCoefficient(adaptiveEntropy, bonus) })
        })
        // A mini-batch that masks have left no token of has no entropy to go by.
        const measured = update.metrics["entropy"]
        if (adaptiveEntropy !== undefined && measured !== undefined) {
          bonus = Controllers.nextEntropyState(adaptiveEntropy, bonus, measured)
        }
        current = update.state
      }
    }
    const isRefreshed = config.referenceEvery !== undefined && (state.step + 1) % config.referenceEvery === 0
    const report: StepReport = {
      state: {
        ...current,
        step: state.step + 1,
        ...(isRefreshed ? { reference: current.parameters } : {}),
        ...((config.publishEvery ?? 1) > 1 ? { sampler: drawnWith } : {}),
        ...(adaptiveKl === undefined || config.kl._tag === "None"
          ? {}
          : { klCoefficient: nextBeta(adaptiveKl, config.kl, columns, groups.length * groupSize) }),
        ...(adaptiveEntropy === undefined ? {} : { entropy: bonus })
      },
      metrics: {
        ...rolloutMetrics(found.drawn),
        ...averaged(updates),
        num_tokens: whole.owner.length,
        frac_advantage_zero: zeroShare(weighted, owner),
        ...(decisionWeights === undefined
          ? {}
          : { "decision_weight/correct": decisionWeights.correct, "decision_weight/wrong": decisionWeights.wrong }),
        ...mismatch,
        ...((config.publishEvery ?? 1) > 1 || sampler.logProbs !== undefined ? { "sampling/steps_old": state.step - drawnWith.step } : {}),
        ...corrected?.metrics,
        ...(punishments === undefined
          ? {}
          : { "reward/overlong": punishments.reduce((sum, value) => sum + value, 0) / punishments.length }),
        ...(config.dynamicSampling === undefined ? {} : { "dynamic_sampling/batches": found.batches }),
        ...(adaptiveKl === undefined || config.kl._tag === "None" ? {} : { kl_coef: config.kl.beta })
      },
      attribution,
      sampled: { groups, advantages: trainedMeans(advantages, owner, whole.offsets) }
    }
    return report
  })

/** The mean of a trajectory's advantages over its tokens that are trained; `null` where there is none. */
const trainedMeans = (advantages: Float64Array, owner: Uint8Array, offsets: Int32Array): ReadonlyArray<number | null> =>
  Array.from({ length: offsets.length - 1 }, (_, i) => {
    const trained = advantages.subarray(offsets[i]!, offsets[i + 1]!).filter((_, k) => owner[offsets[i]! + k] !== NOT_OWNED)
    return trained.length === 0 ? null : trained.reduce((sum, value) => sum + value, 0) / trained.length
  })

/** The reward of every query's most probable rollout. */
const greedyRewards = (config: GroupRelativeConfig, parameters: Parameters, queries: ReadonlyArray<Query>, seed: Seed) =>
  Effect.map(
    sampleGroups(parameters, queries, { groupSize: 1, sampling: { ...config.sampling, temperature: 0 }, seed }),
    (groups) => rewardsOf(groups).rewards
  )

/** Rows of every mini-batch: whole groups, shuffled by query unless one mini-batch holds all. */
const miniBatches = (config: GroupRelativeConfig, groups: number, seed: Seed): ReadonlyArray<ReadonlyArray<number>> => {
  const all = Array.from({ length: groups }, (_, i) => i)
  const order = config.miniBatchQueries >= groups ? all : shuffle(all, seed)
  return Array.from({ length: Math.ceil(groups / config.miniBatchQueries) }, (_, b) =>
    order
      .slice(b * config.miniBatchQueries, (b + 1) * config.miniBatchQueries)
      .flatMap((group) => Array.from({ length: config.groupSize }, (_, g) => group * config.groupSize + g)))
}

/** The stream of states from here on, one a step, without end. `queries(seed, step)` draws a step's queries. */
export const train =
  (config: GroupRelativeConfig, reference: Parameters, queries: (seed: Seed, step: number) => ReadonlyArray<Query>) =>
  (start: TrainState) =>
    Stream.unfold(
      start,
      (state) =>
        Effect.map(
          step(config, reference)(
            state,
            queries(state.seed, state.step),
            (batch) => queries(fold(state.seed, "further queries", batch), state.step)
          ),
          (report) => [report, report.state] as const
        )
    )
