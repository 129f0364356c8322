/**
 * Presets of the main job: the same experiment at three sizes.
 *
 * @module
 */
import { Schema } from "effect"
import { PretrainedSpec } from "../../model/ModelSpec.ts"
import { AttemptContext } from "../../model/policy/Placement.ts"
import { adam, muon } from "../../training/Optimizer.ts"
import { GROUP_RELATIVE_NAMES } from "../../training/Presets.ts"
import { constant, cosine } from "../../training/Schedule.ts"
import { GroupRelativeSettings, SupervisedSettings } from "../../training/TrainerSettings.ts"

/** How long a supervised stage trains, and on how many distinct examples before the data repeats; 0: it never repeats. */
const length = { steps: Schema.Int, examples: Schema.Int }

const { fields } = GroupRelativeSettings

/**
 * One run of reinforcement learning: the model it starts from, and what it does otherwise than the preset's GRPO (advantage
 * scaled by the group's deviation, ratio clipped, k3 in the loss, token mean, every token trained).
 */
export const Reinforcement = Schema.Struct({
  id: Schema.String,
  label: Schema.String,
  parent: Schema.String,
  /** Advantage, surrogate and aggregation of another method; its KL and learning rate stay the preset's. */
  method: Schema.optionalKey(Schema.Literals(GROUP_RELATIVE_NAMES)),
  /** In place of the preset's settings. A reward part that is restricted to one sub-policy leaves the KL penalty on all tokens. */
  kl: fields.kl,
  aggregation: fields.aggregation,
  restrict: fields.restrict,
  decisionWeighting: fields.decisionWeighting,
  /** One answer and no decision while training. */
  singleTurn: Schema.optionalKey(Schema.Boolean)
})
export type Reinforcement = typeof Reinforcement.Type

/** Everything that decides what the main job computes. Two runs with equal presets give equal results.json files. */
export const Preset = Schema.Struct({
  name: Schema.String,
  seed: Schema.Int,
  task: Schema.Struct({
    radix: Schema.Int,
    trainLevels: Schema.Array(Schema.String),
    testLevels: Schema.Array(Schema.String),
    /** Distinct test problems a level, or all there are. */
    testPerLevel: Schema.Int,
    /** Generations of each test problem. */
    generations: Schema.Int,
    maxAttempts: Schema.Int,
    context: AttemptContext,
    positions: Schema.Int,
    slip: Schema.Finite,
    /** The most tokens of a tested response; left out: 1,024. */
    maxTokens: Schema.optionalKey(Schema.Int)
  }),
  /** The network: trained from scratch by its sizes, or a pretrained language model, which is then the base as it is. */
  model: Schema.Union([Schema.Struct({ width: Schema.Int, layers: Schema.Int, heads: Schema.Int }), PretrainedSpec]),
  base: Schema.Struct({
    ...length,
    ...SupervisedSettings.fields,
    /** Answers that share a prompt: by a teacher who slips, and made wrong on purpose. */
    taught: Schema.Int,
    corrupted: Schema.Int,
    /** Steps after which the base is also kept as it is: a weaker verifier to fine-tune (echo) and reinforce from. */
    keep: Schema.Array(Schema.Int)
  }),
  sft: Schema.Struct({ ...length, ...SupervisedSettings.fields }),
  echo: Schema.Struct({ resampleRate: Schema.Finite }),
  expert: Schema.Struct({
    problems: Schema.Int,
    answers: Schema.Int,
    /** The most tokens of such an answer that is text; left out: 256. */
    maxTokens: Schema.optionalKey(Schema.Int),
    /** Whose answers they are, of the models that start from the base; left out: the base's. */
    from: Schema.optionalKey(Schema.String)
  }),
  grpo: Schema.Struct({ steps: Schema.Int, ...fields }),
  /** Runs of reinforcement learning beside the three that every preset has. */
  variants: Schema.Array(Reinforcement),
  /** Also fine-tune and reinforce with the full history in sight, from both starts. */
  history: Schema.Boolean,
  bootstrapRounds: Schema.Int,
  /** Data-parallel shards of a batch: part of the result (order of summation), unlike the number of workers. */
  shards: Schema.Int,
  /** After how many steps a stage that is under way is saved; left out: 200. */
  checkpointEvery: Schema.optionalKey(Schema.Int)
})
export type Preset = typeof Preset.Type

/** The pretrained model of a preset; undefined where its network is trained from scratch. */
export const pretrainedOf = (
  { model }: Pick<Preset, "model">
): typeof PretrainedSpec.Type | undefined => ("_tag" in model ? model : undefined)

// The paper's penalty (appendix E.3), k3 in the loss, with another coefficient.
const kl = (beta: number) => ({ _tag: "InLoss", beta, estimator: "k3", logRatioClamp: 20, clamp: 10 }) as const
const klInReward = (beta: number) => ({ _tag: "InReward", beta }) as const

const QUICK_STEPS = 1400

/** Pretraining with Adam, of which the other presets' results were made. */
const pretraining: Preset["base"] = {
  steps: 3500,
  examples: 0,
  batchSize: 64,
  schedule: cosine(6e-3, 3500, 50),
  optimizer: { ...adam, beta2: 0.98, weightDecay: 0.01 },
  attributionEvery: 0,
  // A verdict's loss against a digit's.
  weights: { sampling: 1, decision: 1 },
  taught: 2,
  corrupted: 2,
  keep: []
}

/** A few minutes on two cores: base-5 numerals, so that a small model knows its digits soon, and Muon, with which its verdicts follow in less than half of Adam's steps. */
export const quick: Preset = {
  name: "quick",
  seed: 1,
  task: {
    radix: 5,
    trainLevels: ["3x1", "4x1"],
    testLevels: ["3x1", "4x1", "5x1", "6x1", "7x1"],
    testPerLevel: 100,
    generations: 4,
    maxAttempts: 4,
    context: "markov",
    positions: 28,
    slip: 0.09
  },
  model: { width: 64, layers: 3, heads: 4 },
  base: {
    ...pretraining,
    steps: QUICK_STEPS,
    schedule: cosine(6e-3, QUICK_STEPS, 50),
    optimizer: { ...muon, weightDecay: 0.01, adam: { ...adam, beta2: 0.98, weightDecay: 0.01 } }
  },
  sft: { steps: 300, examples: 0, batchSize: 128, schedule: cosine(5e-4, 300, 10), attributionEvery: 25 },
  echo: { resampleRate: 0.3 },
  expert: { problems: 3000, answers: 6 },
  grpo: {
    steps: 100,
    queries: 32,
    miniBatchQueries: 32,
    groupSize: 8,
    // Four attempts at the longest training problem: "=", five digits and a decision each.
    maxTokens: 28,
    schedule: constant(3e-4, 10),
    advantage: { _tag: "GroupRelative", std: "population", epsilon: 1e-4 },
    kl: kl(0.01),
    attributionEvery: 10
  },
  variants: [],
  history: false,
  bootstrapRounds: 1000,
  shards: 2
}

/**
 * The questions that `quick` leaves open, one change a run: who is trained (π_D or π_S alone), where KL acts, which estimator
 * of the advantage, which aggregation, from which start.
 */
const variants: ReadonlyArray<Reinforcement> = [
  { id: "grpo-echo-sampling", label: "GRPO from echo, π_S only", parent: "sft-echo", restrict: "sampling" },
  { id: "grpo-echo-no-kl", label: "GRPO from echo, no KL", parent: "sft-echo", kl: { _tag: "None" } },
  { id: "grpo-echo-kl-in-reward", label: "GRPO from echo, KL in the reward", parent: "sft-echo", kl: klInReward(0.01) },
  { id: "grpo-echo-strong-kl", label: "GRPO from echo, 30 × KL", parent: "sft-echo", kl: kl(0.3) },
  {
    id: "grpo-echo-strong-kl-in-reward",
    label: "GRPO from echo, 30 × KL in the reward",
    parent: "sft-echo",
    kl: klInReward(0.3)
  },
  { id: "nsr-echo", label: "NSR from echo", parent: "sft-echo", method: "nsr" },
  { id: "psr-echo", label: "PSR from echo", parent: "sft-echo", method: "psr" },
  { id: "w-reinforce-echo", label: "W-REINFORCE from echo", parent: "sft-echo", method: "w-reinforce" },
  { id: "rloo-echo", label: "RLOO from echo", parent: "sft-echo", method: "rloo" },
  { id: "drgrpo-echo", label: "Dr. GRPO from echo", parent: "sft-echo", method: "drgrpo" },
  { id: "grpo-echo-seq-mean", label: "GRPO from echo, mean a sequence", parent: "sft-echo", aggregation: "seq-mean-token-mean" },
  { id: "grpo-expert-decision", label: "GRPO from expert, π_D only", parent: "sft-expert", restrict: "decision" },
  { id: "grpo-expert-sampling", label: "GRPO from expert, π_S only", parent: "sft-expert", restrict: "sampling" },
  { id: "single-turn", label: "Single-turn RL (no reflection)", parent: "sft-none", singleTurn: true }
]

/**
 * What raises p_D|W: quick's models with π_S alone, NSR, decisions weighed as the natural gradient would, and GRPO from a base whose verifier is weaker, for
 * pooling over many seeds (docs/results/deciding). Some ten minutes a seed on two cores.
 */
export const deciding: Preset = {
  ...quick,
  name: "deciding",
  task: { ...quick.task, testPerLevel: 250 },
  base: { ...pretraining, keep: [1500] },
  variants: [
    ...variants.filter(({ id }) => id === "grpo-echo-sampling" || id === "nsr-echo"),
    { id: "natural-echo", label: "GRPO from echo, natural decision weights", parent: "sft-echo", decisionWeighting: { _tag: "Natural" } },
    {
      id: "mobile-echo",
      label: "GRPO from echo, natural decision weights for the network's mobility",
      parent: "sft-echo",
      decisionWeighting: { _tag: "Natural", mobility: "measured" }
    }
  ]
}

/** The experiment in full, some forty models: a longer pretraining kept at three earlier moments, longer reinforcement, all variants. */
export const small: Preset = {
  ...quick,
  name: "small",
  task: { ...quick.task, testPerLevel: 500 },
  base: { ...pretraining, steps: 8000, schedule: cosine(5e-3, 8000, 50), keep: [1500, 4000] },
  sft: { ...quick.sft, steps: 400, schedule: cosine(5e-4, 400, 10) },
  expert: { problems: 4000, answers: 8 },
  grpo: { ...quick.grpo, steps: 150, attributionEvery: 20 },
  variants,
  history: true
}

/** The main models on decimal numerals, with a pretraining two and a half times as long: prettier problems, little left to see on unseen levels. */
export const decimal: Preset = {
  ...quick,
  name: "decimal",
  task: { ...quick.task, radix: 10, trainLevels: ["2x1", "3x1"], testLevels: ["2x1", "3x1", "4x1", "5x1", "6x1"], testPerLevel: 500 },
  base: { ...pretraining, steps: 20_000, schedule: cosine(5e-3, 20_000, 50) },
  sft: { ...quick.sft, steps: 500, schedule: cosine(5e-4, 500, 10) },
  expert: { problems: 4000, answers: 8 },
  grpo: { ...quick.grpo, steps: 300, maxTokens: 24, attributionEvery: 20 }
}

/**
 * The seed's sizes (appendix E): 20,000 examples, batch 128, 4 epochs; GRPO with 512 queries a step in mini-batches of
 * 128, 8 rollouts, 2 epochs over the data, KL coefficient 0.001; 100 test problems a level, one generation each; seven
 * levels. The names of the seed's levels did not survive in our copy of the paper; these are ours.
 */
export const paper: Preset = {
  ...quick,
  name: "paper",
  task: {
    ...quick.task,
    radix: 10,
    trainLevels: ["3x1", "4x1"],
    testLevels: ["3x1", "4x1", "5x1", "6x1", "7x1", "8x1", "9x1"],
    generations: 1
  },
  model: { width: 256, layers: 6, heads: 8 },
  base: { ...pretraining, steps: 50_000, batchSize: 128, schedule: cosine(6e-3, 50_000, 50) },
  sft: { ...quick.sft, steps: 625, examples: 20_000, schedule: cosine(5e-4, 625, 10) },
  expert: { problems: 20_000, answers: 8 },
  grpo: { ...quick.grpo, steps: 78, queries: 512, miniBatchQueries: 128, kl: kl(0.001) },
  bootstrapRounds: 100
}

/**
 * The experiment on a pretrained language model, SmolLM2-135M-Instruct (Allal et al., 2025) with adapters of rank 16: products of text in
 * words, with working. Hours on two cores; every stage is kept, and goes on from where it was stopped.
 */
export const smollm2: Preset = {
  ...quick,
  name: "smollm2",
  task: {
    radix: 10,
    trainLevels: ["1x1", "2x1", "2x2"],
    testLevels: ["1x1", "2x1", "1x2", "2x2", "3x1"],
    testPerLevel: 100,
    generations: 1,
    maxAttempts: 4,
    context: "history",
    positions: 320,
    slip: 0.02,
    maxTokens: 240
  },
  model: { _tag: "Pretrained", path: "HuggingFaceTB/SmolLM2-135M-Instruct", positions: 320, system: "" },
  base: { ...pretraining, steps: 0 },
  sft: { steps: 150, examples: 0, batchSize: 8, schedule: cosine(1e-3, 150, 10), attributionEvery: 25 },
  echo: { resampleRate: 0.3 },
  expert: { problems: 400, answers: 4, maxTokens: 100, from: "sft-none" },
  grpo: {
    ...quick.grpo,
    steps: 30,
    queries: 8,
    miniBatchQueries: 8,
    maxTokens: 160,
    schedule: constant(2e-4, 3),
    kl: kl(0.001),
    attributionEvery: 5
  },
  variants: variants.filter(({ id }) => id === "single-turn"),
  checkpointEvery: 5
}

/** The presets by name. */
export const presets: Readonly<Record<string, Preset>> = { quick, deciding, small, decimal, paper, smollm2 }
