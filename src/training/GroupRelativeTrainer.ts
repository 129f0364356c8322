/**
 * Reinforcement learning from groups of rollouts as a fold over {@link TrainState}: GRPO, Dr. GRPO, RLOO, REINFORCE and
 * their like are settings of the same parts (advantage, objective, KL, aggregation).
 *
 * @module
 */
import { Effect, Stream } from "effect"
import { ConfigError } from "../domain/Errors.ts"
import { type Parameters, Policy } from "../domain/Policy.ts"
import type { SamplingParameters } from "../domain/Sampler.ts"
import type { Query } from "../domain/Query.ts"
import { fold, type Seed, shuffle } from "../domain/Seed.ts"
import { failing } from "../domain/Throws.ts"
import * as Advantage from "../theory/Advantage.ts"
import * as Aggregate from "../theory/Aggregate.ts"
import * as Kl from "../theory/Kl.ts"
import * as Objective from "../theory/Objective.ts"
import { namesOf, type TokenPartition, TWO_STAGE } from "../domain/Partition.ts"
import { attempt } from "../model/loss/LossRequests.ts"
import { maskSequences, repeatOnTokens } from "../theory/TokenBatch.ts"
import * as AdvantageRule from "./AdvantageRule.ts"
import { MOST } from "./Bounds.ts"
import * as Batch from "../model/loss/Batch.ts"
import * as DecisionWeighting from "./DecisionWeighting.ts"
import { type AttributionRow, measure } from "./GradientAttribution.ts"
import { sampleGroups } from "../domain/Rollouts.ts"
import { withSelection } from "./Selection.ts"
import { averaged, clipFraction, meanKl, rolloutMetrics } from "./RolloutMetrics.ts"
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
  /** Factors on the advantages of decisions about right and about wrong answers; left out: 1. A KL penalty in the reward is not weighed. */
  readonly decisionWeighting?: DecisionWeighting.DecisionWeighting
  /** Whose tokens are whose: metrics, attribution and `restrict` go by its names. Left out: sampling and decision. */
  readonly partition?: TokenPartition
}

/** The objective that is differentiated: the reward part, plus the KL part where it is placed in the loss, plus an entropy bonus. */
export const objectiveOf = (
  { entropyCoefficient, kl, objective }: Pick<GroupRelativeConfig, "objective" | "kl" | "entropyCoefficient">
): Objective.Objective => {
  const penalised = kl._tag === "InLoss" ? Objective.add(objective, Objective.klInLoss(kl)) : objective
  return entropyCoefficient === 0 ? penalised : Objective.add(penalised, Objective.entropyBonus({ coefficient: entropyCoefficient }))
}

/**
 * Refuses settings from which nothing is learnt, or that no machine can hold. Throws `ConfigError`. `step` asks it first; ask it before a run.
 */
export const assertSettings = (config: Pick<GroupRelativeConfig, "advantage" | "groupSize" | "queries">): void => {
  const { groupSize, queries } = config
  for (const [field, value] of Object.entries({ groupSize, queries })) {
    if (Number.isInteger(value) && value >= 1 && value <= MOST) continue
    throw new ConfigError({ field, value: String(value), expected: `a whole number from 1 to ${MOST}` })
  }
  if (groupSize * queries > MOST) {
    throw new ConfigError({
      field: "queries",
      value: `${queries} with groupSize ${groupSize}`,
      expected: `at most ${MOST} rollouts a step`
    })
  }
  AdvantageRule.assertCompared(config.advantage, config)
}

/**
 * One step: roll out, grade, compare within groups, update. `reference` is the policy that the KL penalty holds on to, unless
 * the state carries one of its own. Fails with ConfigError for settings of {@link assertSettings}.
 */
export const step = (config: GroupRelativeConfig, reference: Parameters) =>
  Effect.fn("GroupRelativeTrainer.step")(function* (state: TrainState, queries: ReadonlyArray<Query>) {
    yield* failing([ConfigError], () => assertSettings({ ...config, queries: queries.length }))
    const policy = yield* Policy
    const partition = config.partition ?? TWO_STAGE
    // Before anything is sampled: a name that nobody owns would train nothing.
    const objective = yield* attempt("train", () => {
      const whole = objectiveOf(config)
      Objective.assertOwners(whole, partition)
      return whole
    })
    const seed = fold(state.seed, "rollouts", state.step)
    const groups = yield* sampleGroups(state.parameters, queries, { groupSize: config.groupSize, sampling: config.sampling, seed })
    const members = groups.flatMap((group) => group.members)
    const rewards = Float64Array.from(members, (member) => member.reward)
    const groupOffsets = Int32Array.from({ length: groups.length + 1 }, (_, i) => i * config.groupSize)
    const whole = yield* attempt("train", () => Batch.make(members.map((member) => member.trajectory), partition))
    const oldLogProbs = Batch.concatenate(members.map((member) => member.trajectory.logProbs))
    const referenceLogProbs = config.kl._tag === "None"
      ? undefined
      : Batch.concatenate(yield* policy.logProbs(state.reference ?? reference, whole.trajectories, config.sampling.temperature))
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
    const owner = maskSequences(whole, kept)
    const byRollout = yield* attempt("train", () => AdvantageRule.advantages(config.advantage, rewards, groupOffsets))
    const repeated = repeatOnTokens(byRollout, whole.offsets)
    const advantages = config.decisionWeighting === undefined
      ? repeated
      : DecisionWeighting.weigh(
        yield* DecisionWeighting.weightsOf(config.decisionWeighting, state, groups, config.optimizer, config.sampling.temperature),
        groups,
        whole.offsets,
        repeated
      )
    if (config.kl._tag === "InReward" && referenceLogProbs !== undefined) {
      const columns = { offsets: whole.offsets, owner: whole.owner, logProbs: oldLogProbs, referenceLogProbs }
      Kl.rewardAdvantages(config.kl, columns).forEach((penalty, token) => {
        advantages[token]! += penalty
      })
    }

    const isMeasured = config.attributionEvery > 0 && state.step % config.attributionEvery === 0
    let current = state
    let attribution: ReadonlyArray<AttributionRow> = []
    const updates: Array<Metrics> = []
    for (let epoch = 0; epoch < config.epochs; epoch++) {
      for (const rows of miniBatches(config, groups.length, fold(seed, "epoch", epoch))) {
        const part = Batch.select({ ...whole, owner }, rows)
        const request = yield* withSelection(current.parameters, {
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
        const update = yield* Update.apply(config, current, request)
        if (isMeasured && updates.length === 0) {
          attribution = yield* measure(state.step, current.parameters, request, { groupSize: config.groupSize })
        }
        updates.push({
          ...update.metrics,
          "clip_ratio/region_mean": clipFraction(update.result.logProbs, request.oldLogProbs, part.owner, objective),
          ...(request.referenceLogProbs === undefined
            ? {}
            : { kl: meanKl(update.result.logProbs, request.referenceLogProbs, part.owner) })
        })
        current = update.state
      }
    }
    const isRefreshed = config.referenceEvery !== undefined && (state.step + 1) % config.referenceEvery === 0
    const report: StepReport = {
      state: { ...current, step: state.step + 1, ...(isRefreshed ? { reference: current.parameters } : {}) },
      metrics: { ...rolloutMetrics(groups), ...averaged(updates), num_tokens: whole.owner.length },
      attribution
    }
    return report
  })

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
      (state) => Effect.map(step(config, reference)(state, queries(state.seed, state.step)), (report) => [report, report.state] as const)
    )
