/**
 * Presets of the main job: the same experiment at three sizes.
 *
 * @module
 */
import { Schema } from "effect"

const Training = Schema.Struct({
  steps: Schema.Int,
  batchSize: Schema.Int,
  learningRate: Schema.Finite,
  warmup: Schema.Int,
  weightDecay: Schema.Finite,
  /** Distinct examples before the data repeats; 0: never repeats. */
  examples: Schema.Int
})

/**
 * One run of reinforcement learning: the model it starts from, and what it does otherwise than the preset's GRPO (advantage
 * scaled by the group's deviation, ratio clipped, k3 in the loss, token mean, every token trained).
 */
export const Reinforcement = Schema.Struct({
  id: Schema.String,
  label: Schema.String,
  parent: Schema.String,
  /** Advantage, surrogate and aggregation of another method; its KL and learning rate stay the preset's. */
  method: Schema.optionalKey(Schema.Literals(["drgrpo", "rloo", "psr", "nsr", "w-reinforce"])),
  kl: Schema.optionalKey(Schema.Literals(["none", "k1 in the reward"])),
  /** In place of the preset's coefficient. */
  klCoefficient: Schema.optionalKey(Schema.Finite),
  aggregation: Schema.optionalKey(Schema.Literals(["seq-mean-token-mean"])),
  /** The reward part acts on the tokens of one sub-policy alone; the KL penalty still holds all of them. */
  restrict: Schema.optionalKey(Schema.Literals(["sampling", "decision"])),
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
    context: Schema.Literals(["markov", "history"]),
    positions: Schema.Int,
    slip: Schema.Finite
  }),
  model: Schema.Struct({ width: Schema.Int, layers: Schema.Int, heads: Schema.Int }),
  base: Schema.Struct({
    ...Training.fields,
    /** Answers that share a prompt: by a teacher who slips, and made wrong on purpose. */
    taught: Schema.Int,
    corrupted: Schema.Int,
    /** Weight of a verdict token's loss against a digit's. */
    verdictWeight: Schema.Finite,
    /** Steps after which the base is also kept as it is: a weaker verifier to fine-tune (echo) and reinforce from. */
    keep: Schema.Array(Schema.Int)
  }),
  sft: Training,
  echo: Schema.Struct({ resampleRate: Schema.Finite }),
  expert: Schema.Struct({ problems: Schema.Int, answers: Schema.Int }),
  grpo: Schema.Struct({
    steps: Schema.Int,
    queries: Schema.Int,
    miniBatchQueries: Schema.Int,
    groupSize: Schema.Int,
    learningRate: Schema.Finite,
    warmup: Schema.Int,
    klCoefficient: Schema.Finite,
    clip: Schema.Finite
  }),
  /** Runs of reinforcement learning beside the three that every preset has. */
  variants: Schema.Array(Reinforcement),
  /** Also fine-tune and reinforce with the full history in sight, from both starts. */
  history: Schema.Boolean,
  /** Measure the gradient's parts every so many steps. */
  attributionEvery: Schema.Struct({ sft: Schema.Int, grpo: Schema.Int }),
  bootstrapRounds: Schema.Int,
  /** Data-parallel shards of a batch: part of the result (order of summation), unlike the number of workers. */
  shards: Schema.Int
})
export type Preset = typeof Preset.Type

/** Under five minutes on two cores: base-5 numerals, so that a small model knows its digits soon. */
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
    steps: 3500,
    batchSize: 64,
    learningRate: 6e-3,
    warmup: 50,
    weightDecay: 0.01,
    examples: 0,
    taught: 2,
    corrupted: 2,
    verdictWeight: 1,
    keep: []
  },
  sft: { steps: 300, batchSize: 128, learningRate: 5e-4, warmup: 10, weightDecay: 0, examples: 0 },
  echo: { resampleRate: 0.3 },
  expert: { problems: 3000, answers: 6 },
  grpo: { steps: 100, queries: 32, miniBatchQueries: 32, groupSize: 8, learningRate: 3e-4, warmup: 10, klCoefficient: 0.01, clip: 0.2 },
  variants: [],
  history: false,
  attributionEvery: { sft: 25, grpo: 10 },
  bootstrapRounds: 1000,
  shards: 2
}

/**
 * The questions that `quick` leaves open, one change a run: who is trained (π_D or π_S alone), where KL acts, which estimator
 * of the advantage, which aggregation, from which start.
 */
const variants: ReadonlyArray<Reinforcement> = [
  { id: "grpo-echo-sampling", label: "GRPO from echo, π_S only", parent: "sft-echo", restrict: "sampling" },
  { id: "grpo-echo-no-kl", label: "GRPO from echo, no KL", parent: "sft-echo", kl: "none" },
  { id: "grpo-echo-kl-in-reward", label: "GRPO from echo, KL in the reward", parent: "sft-echo", kl: "k1 in the reward" },
  { id: "grpo-echo-strong-kl", label: "GRPO from echo, 30 × KL", parent: "sft-echo", klCoefficient: 0.3 },
  {
    id: "grpo-echo-strong-kl-in-reward",
    label: "GRPO from echo, 30 × KL in the reward",
    parent: "sft-echo",
    kl: "k1 in the reward",
    klCoefficient: 0.3
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

/** The experiment in full, some forty models: a longer pretraining kept at three earlier moments, longer reinforcement, all variants. */
export const small: Preset = {
  ...quick,
  name: "small",
  task: { ...quick.task, testPerLevel: 500 },
  base: { ...quick.base, steps: 8000, learningRate: 5e-3, keep: [1500, 4000] },
  sft: { ...quick.sft, steps: 400 },
  expert: { problems: 4000, answers: 8 },
  grpo: { ...quick.grpo, steps: 150 },
  variants,
  history: true,
  attributionEvery: { sft: 25, grpo: 20 }
}

/** The main models on decimal numerals, with a pretraining two and a half times as long: prettier problems, little left to see on unseen levels. */
export const decimal: Preset = {
  ...quick,
  name: "decimal",
  task: { ...quick.task, radix: 10, trainLevels: ["2x1", "3x1"], testLevels: ["2x1", "3x1", "4x1", "5x1", "6x1"], testPerLevel: 500 },
  base: { ...quick.base, steps: 20_000, learningRate: 5e-3 },
  sft: { ...quick.sft, steps: 500 },
  expert: { problems: 4000, answers: 8 },
  grpo: { ...quick.grpo, steps: 300 },
  attributionEvery: { sft: 25, grpo: 20 }
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
  base: { ...quick.base, steps: 50_000, batchSize: 128 },
  sft: { ...quick.sft, steps: 625, examples: 20_000 },
  expert: { problems: 20_000, answers: 8 },
  grpo: { ...quick.grpo, steps: 78, queries: 512, miniBatchQueries: 128, klCoefficient: 0.001 },
  bootstrapRounds: 100
}

/** The presets by name. */
export const presets: Readonly<Record<string, Preset>> = { quick, small, decimal, paper }
