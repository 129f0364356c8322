/**
 * An experiment as other tools can run it: the task, the model, and the settings that all of them have.
 *
 * What is left out of a configuration is our preset's of that method; what a tool cannot do is refused by the field's name, never dropped.
 *
 * @module
 */
import { existsSync, statSync } from "node:fs"
import { resolve } from "node:path"
import { Effect } from "effect"
import { ConfigError } from "../../domain/Errors.ts"
import { failing } from "../../domain/Throws.ts"
import { DEFAULT_POSITIONS, DEFAULT_TRAINING, type PretrainedConfig, type PretrainedTraining } from "../../model/policy/PretrainedPolicy.ts"
import type { TaskSpec } from "../../tasks/TaskSpec.ts"
import { MOST } from "../../training/Bounds.ts"
import type { GroupRelativeConfig } from "../../training/GroupRelativeTrainer.ts"
import type { GroupRelativeRun, SupervisedRun } from "../../training/TrainConfig.ts"
import { adam, isMuon } from "../../training/Optimizer.ts"
import * as TrainerSettings from "../../training/TrainerSettings.ts"
import { paper as paperPreset, pretrainedOf, smollm2 } from "../reproduce/Preset.ts"
import type { Origin } from "./Settings.ts"

/** The tools that experiments are written for. */
export const TOOLS = ["verl", "llamafactory", "trl"] as const
/** A tool's name. */
export type Tool = (typeof TOOLS)[number]

/** The presets that there are for them: the paper's, and ours for a small model. */
export const EXPORT_PRESETS = ["paper", "smollm2"] as const
/** A preset's name. */
export type ExportPreset = (typeof EXPORT_PRESETS)[number]

/** A value, and where it is from. */
export interface Sourced<A> {
  readonly value: A
  readonly origin: Origin
  readonly note: string
}

/** An adapter in place of all weights. */
export interface Lora {
  readonly rank: number
  readonly alpha: number
  readonly targets: ReadonlyArray<string> | undefined
}

/** What is trained on what. */
export interface Base {
  readonly name: string
  readonly seed: number
  readonly model: Sourced<string>
  /** What the system message says; undefined: none is given, and the template does what it does. */
  readonly system: string | undefined
  readonly lora: Lora | undefined
  readonly task: Sourced<TaskSpec>
  /** Levels of the test set, and problems of each. */
  readonly test: Sourced<{ readonly levels: ReadonlyArray<string>; readonly problems: number }>
  /** The words of demonstrations; left out: ours. */
  readonly words: Pick<PretrainedConfig, "announcement" | "answers" | "markers" | "resample">
}

/** KL: none, or a penalty in the loss or in the reward, by verl's name of the estimator. */
export type Penalty =
  | { readonly placement: "none" }
  | { readonly placement: "loss" | "reward"; readonly coefficient: number; readonly estimator: (typeof KL_TYPES)[number] }

/** The estimators of KL that verl has; a name that it does not know it takes, and fails when the first step is computed. */
export const KL_TYPES = ["kl", "abs", "mse", "low_var_kl"] as const

/** Reinforcement learning from groups of rollouts. */
export interface Reinforcement extends Base {
  readonly problems: Sourced<number>
  /** Passes over the problems. */
  readonly passes: Sourced<number>
  readonly batch: Sourced<number>
  readonly miniBatch: Sourced<number>
  readonly groupSize: Sourced<number>
  /** Passes over the rollouts of a step. */
  readonly epochs: Sourced<number>
  readonly promptTokens: Sourced<number>
  readonly responseTokens: Sourced<number>
  readonly learningRate: Sourced<number>
  readonly warmup: Sourced<number>
  readonly clipLow: Sourced<number>
  readonly clipHigh: Sourced<number>
  /** undefined: none. */
  readonly dualClip: Sourced<number | undefined>
  readonly clipNorm: Sourced<number>
  readonly isScaled: Sourced<boolean>
  readonly aggregation: Sourced<"token-mean" | "seq-mean-token-mean">
  readonly kl: Sourced<Penalty>
  readonly temperature: Sourced<number>
  readonly betas: Sourced<readonly [number, number]>
  readonly epsilon: Sourced<number>
  readonly weightDecay: Sourced<number>
}

/** Supervised fine-tuning on demonstrations. */
export interface Supervised extends Base {
  readonly examples: Sourced<number>
  readonly passes: Sourced<number>
  readonly batch: Sourced<number>
  readonly learningRate: Sourced<number>
  readonly warmup: Sourced<number>
  /** Constant, or a half cosine down to `floor` of the rate at the last step. */
  readonly decay: Sourced<"constant" | "cosine">
  readonly floor: number
  /** The teacher's error rate a digit: of answers without reflection, and of attempts that are echoed or corrected. */
  readonly slip: { readonly none: number; readonly reflection: number }
  readonly resampleRate: number
  /** How often wrong attempts come before the right one, and how many at most. */
  readonly corrections: { readonly rate: number; readonly wrong: number }
  readonly betas: Sourced<readonly [number, number]>
  readonly epsilon: Sourced<number>
  readonly weightDecay: Sourced<number>
  readonly maxAttempts: number
  readonly tokens: Sourced<number>
  readonly clipNorm: Sourced<number>
}

const E2 = "E.2"
const E3 = "E.3"

const paper = <A>(value: A, note: string): Sourced<A> => ({ value, origin: "paper", note })
const ours = <A>(value: A, note: string): Sourced<A> => ({ value, origin: "ours", note })
const toolsOwn = <A>(value: A, note = ""): Sourced<A> => ({ value, origin: "default", note })
const given = <A>(value: A, field: string): Sourced<A> => ({ value, origin: "config", note: field })
const preset = <A>(value: A): Sourced<A> => ours(value, "the preset smollm2")

/** Adam's ε of torch, and of all that stand on it. */
export const ADAM_EPSILON = 1e-8

// Adam's constants where nobody says others: torch's.
const adamOf = (weightDecay: Sourced<number>) => ({
  betas: toolsOwn<readonly [number, number]>([0.9, 0.999], `not said in ${E3}`),
  epsilon: toolsOwn(ADAM_EPSILON, `not said in ${E3}`),
  weightDecay
})

// One attempt in two is right at once; of the others one to three are wrong before it.
const CORRECTIONS = { rate: 0.5, wrong: 3 }

const BLANK = "blank in the paper's text"

const paperBase = (): Base => {
  const { seed, task } = paperPreset
  const [first = "", ...rest] = task.trainLevels
  return {
    name: "paper",
    seed,
    model: paper("Qwen/Qwen2.5-7B-Instruct", E3),
    system: undefined,
    lora: undefined,
    task: ours(
      { _tag: "Multiplication", radix: 10, levels: [first, ...rest] },
      `which two levels is ${BLANK} (E.2): give yours with --levels`
    ),
    test: ours({ levels: task.testLevels, problems: 100 }, `100 a level is the paper's (E.2); which levels is ${BLANK}: --test-levels`),
    words: {}
  }
}

const loraOf = (training: PretrainedTraining): Lora | undefined =>
  training._tag === "Adapter" ? { rank: training.rank, alpha: training.alpha, targets: training.targets } : undefined

const smollm2Base = (): Base => {
  const { seed, task } = smollm2
  const { path, system, trains = DEFAULT_TRAINING } = pretrainedOf(smollm2)!
  const [first = "", ...rest] = task.trainLevels
  return {
    name: "smollm2",
    seed,
    model: preset(path),
    system,
    lora: loraOf(trains),
    task: preset({ _tag: "Multiplication", radix: 10, levels: [first, ...rest] }),
    test: preset({ levels: task.testLevels, problems: task.testPerLevel }),
    words: {}
  }
}

/** The paper's reinforcement learning (appendix E.3), or the preset's. */
export const reinforcementOf = (name: ExportPreset): Reinforcement => {
  if (name === "paper") {
    return {
      ...paperBase(),
      problems: paper(20_000, E2),
      passes: paper(2, `${E3}, total epochs`),
      batch: paper(512, `${E3}, train batch size`),
      miniBatch: paper(128, `${E3}, PPO mini-batch size`),
      groupSize: paper(8, `${E3}, rollouts per query`),
      epochs: toolsOwn(1),
      promptTokens: paper(1024, E3),
      responseTokens: paper(8192, E3),
      learningRate: ours(1e-6, `${BLANK} (${E3}); verl's examples of GRPO take 1e-6`),
      warmup: toolsOwn(0, `not said in ${E3}`),
      clipLow: toolsOwn(0.2, `not said in ${E3}`),
      clipHigh: toolsOwn(0.2, `not said in ${E3}`),
      dualClip: toolsOwn(3, `not said in ${E3}`),
      clipNorm: toolsOwn(1, `not said in ${E3}`),
      isScaled: toolsOwn(true, "advantage over the group's standard deviation: GRPO"),
      aggregation: toolsOwn("token-mean", `not said in ${E3}`),
      kl: paper({ placement: "loss", coefficient: 0.001, estimator: "low_var_kl" }, `${E3}, KL loss`),
      temperature: toolsOwn(1, "E.4 says 1 of the evaluation, and nothing is said of training"),
      ...adamOf(toolsOwn(0.01, `not said in ${E3}`))
    }
  }
  const { grpo, task } = smollm2
  return {
    ...smollm2Base(),
    problems: preset(grpo.queries * grpo.steps),
    passes: preset(1),
    batch: preset(grpo.queries),
    miniBatch: preset(grpo.miniBatchQueries ?? grpo.queries),
    groupSize: preset(grpo.groupSize ?? 8),
    epochs: preset(1),
    promptTokens: preset(task.positions - grpo.maxTokens),
    responseTokens: preset(grpo.maxTokens),
    learningRate: preset(grpo.schedule.peak),
    warmup: preset(grpo.schedule.warmup),
    clipLow: preset(0.2),
    clipHigh: preset(0.2),
    dualClip: preset(3),
    clipNorm: preset(1),
    isScaled: preset(true),
    aggregation: preset("token-mean"),
    kl: preset({ placement: "loss", coefficient: 0.001, estimator: "low_var_kl" }),
    temperature: preset(1),
    ...adamOf(preset(0))
  }
}

/** The paper's supervised fine-tuning (appendix E.3), or the preset's. */
export const supervisedOf = (name: ExportPreset): Supervised => {
  if (name === "paper") {
    const { echo, task } = paperPreset
    return {
      ...paperBase(),
      examples: paper(20_000, `${E2}, ${E3}`),
      passes: paper(4, `${E3}, epochs`),
      batch: paper(128, `${E3}, batch size`),
      learningRate: ours(1e-5, `${BLANK} (${E3}); LLaMA-Factory's examples of full fine-tuning take 1e-5`),
      warmup: toolsOwn(0, `not said in ${E3}`),
      decay: ours("cosine", `not said in ${E3}; as LLaMA-Factory's examples`),
      floor: 0,
      // The paper's answers without reflection are right ones; written working has many digits, so that small a rate makes every fourth attempt wrong.
      slip: { none: 0, reflection: smollm2.task.slip },
      resampleRate: echo.resampleRate,
      corrections: CORRECTIONS,
      ...adamOf(toolsOwn(0, `not said in ${E3}`)),
      maxAttempts: task.maxAttempts,
      tokens: ours(4096, "demonstrations are far shorter"),
      clipNorm: toolsOwn(1)
    }
  }
  const { echo, sft, task } = smollm2
  return {
    ...smollm2Base(),
    examples: preset(sft.steps * sft.batchSize),
    passes: preset(1),
    batch: preset(sft.batchSize),
    learningRate: preset(sft.schedule.peak),
    warmup: preset(sft.schedule.warmup),
    decay: preset(sft.schedule.decay),
    floor: sft.schedule.floor,
    slip: { none: task.slip, reflection: task.slip },
    resampleRate: echo.resampleRate,
    corrections: CORRECTIONS,
    ...adamOf(toolsOwn(0)),
    maxAttempts: task.maxAttempts,
    tokens: preset(task.positions),
    clipNorm: preset(1)
  }
}

const refuse = (field: string, value: unknown, expected: string): ConfigError =>
  new ConfigError({ field, value: typeof value === "string" ? value : JSON.stringify(value) ?? String(value), expected })

// The fields of a configuration that mean the same elsewhere; of the rest some say how our own trainer works and nothing of what is learnt.
const OF_OUR_TRAINER: ReadonlySet<string> = new Set([
  "checkpointEvery",
  "device",
  "products",
  "shards",
  "microBatches",
  "attributionEvery",
  "partition"
])

const refuseOthers = (run: object, known: ReadonlyArray<string>, tool: Tool): ConfigError | undefined => {
  const other = Object.keys(run).find((field) => !known.includes(field) && !OF_OUR_TRAINER.has(field))
  return other === undefined ? undefined : refuse(
    other,
    (run as Readonly<Record<string, unknown>>)[other],
    `no such field for ${tool}: what it means cannot be said to that tool, and left out it would silently be another run (train it here, or remove the field)`
  )
}

const baseOfRun = (
  { model, optimizer, seed, task }: GroupRelativeRun | SupervisedRun,
  file: string
): Effect.Effect<Base, ConfigError> => {
  if (model._tag !== "Pretrained") {
    return Effect.fail(refuse("model._tag", model._tag, "Pretrained: other tools train language models by their files"))
  }
  if (task._tag === "Module" || task._tag === "Countdown") {
    return Effect.fail(
      refuse("task._tag", task._tag, "Multiplication, Addition or Problems: the reward in Python grades one reference answer")
    )
  }
  if (task._tag !== "Problems" && task.radix !== 10) {
    return Effect.fail(refuse("task.radix", task.radix, "10: language models are asked in decimal numerals"))
  }
  if (model.adapter !== undefined) {
    return Effect.fail(
      refuse(
        "model.adapter",
        model.adapter,
        "left out: merge it first (model export FOLDER --as merged) and name the merged folder as model.path"
      )
    )
  }
  if (model.answers !== undefined) {
    return Effect.fail(
      refuse("model.answers", model.answers, "left out: reward.py finds the kind of each reference answer, as calibrate does")
    )
  }
  const { announcement, markers, path, resample, system, trains = DEFAULT_TRAINING } = model
  if (model.singleTurn === true) {
    return Effect.fail(
      refuse(
        "model.singleTurn",
        true,
        "left out: reward.py reads attempts and decisions, as calibrate does (start from a model without reflection)"
      )
    )
  }
  if (task._tag === "Problems" && task.answers !== undefined) {
    return Effect.fail(
      refuse("task.answers", task.answers, "left out: reward.py finds the kind of each reference answer, as calibrate does")
    )
  }
  if (optimizer !== undefined && isMuon(optimizer)) return Effect.fail(refuse("optimizer", "Muon", "Adam, or left out"))
  if (markers !== undefined) {
    return Effect.fail(refuse("model.markers", markers, "left out: reward.py reads the lexicon's markers, as calibrate does"))
  }
  return Effect.succeed({
    name: file,
    seed,
    model: given(path, "model.path"),
    system,
    lora: loraOf(trains),
    task: given(task, "task"),
    test: ours(
      { levels: task._tag === "Problems" ? [] : task.levels, problems: 100 },
      "100 of each trained level; --test-levels names others"
    ),
    words: { ...(announcement === undefined ? {} : { announcement }), ...(resample === undefined ? {} : { resample }) }
  })
}

const VERL_NAMES = { k1: "kl", abs: "abs", k2: "mse", k3: "low_var_kl" } as const

// Adam's constants of a configuration; left out they are our own trainer's.
const adamOfRun = ({ optimizer = adam }: GroupRelativeRun | SupervisedRun) => {
  if (isMuon(optimizer)) return adamOf(toolsOwn(0))
  const { beta1, beta2, epsilon, weightDecay } = optimizer
  const from = <A>(value: A): Sourced<A> => (optimizer === adam ? ours(value, "as train has it") : given(value, "optimizer"))
  return { betas: from<readonly [number, number]>([beta1, beta2]), epsilon: from(epsilon), weightDecay: from(weightDecay) }
}

// verl's clamps of k3, of the log-ratio and of the estimate; it has none of the others.
const VERL_CLAMPS = [20, 10] as const

const klOf = ({ kl }: GroupRelativeConfig): Penalty | ConfigError => {
  switch (kl._tag) {
    case "None":
      return { placement: "none" }
    case "InLoss": {
      const estimator = Object.hasOwn(VERL_NAMES, kl.estimator) ? VERL_NAMES[kl.estimator as keyof typeof VERL_NAMES] : undefined
      if (estimator === undefined || kl.corrected !== false) {
        return refuse("kl", kl, "an estimator k1, k2, k3 or abs without \"corrected\"")
      }
      const clamps = [kl.logRatioClamp, kl.clamp]
      const isVerls = kl.estimator === "k3" && clamps.every((clamp, k) => clamp === VERL_CLAMPS[k])
      if (!isVerls && clamps.some((clamp) => clamp !== null)) {
        return refuse("kl", kl, "no clamps, or with k3 a logRatioClamp of 20 and a clamp of 10, which verl has")
      }
      return { placement: "loss", coefficient: kl.beta, estimator }
    }
    case "InReward": {
      if (kl.placement !== "verl") {
        return refuse(
          "kl.placement",
          kl.placement ?? "reward-to-go",
          "verl: that tool takes the penalty off the reward before advantages are computed"
        )
      }
      const estimator = VERL_NAMES[kl.estimator]
      return { placement: "reward", coefficient: kl.beta, estimator }
    }
  }
}

// The room that `train` gives a text unless told.
const positionsOf = ({ model }: GroupRelativeRun | SupervisedRun): number =>
  (model._tag === "Pretrained" ? model.positions : undefined) ?? DEFAULT_POSITIONS

/** The experiment of a configuration of `train grpo`. Fails with ConfigError, naming the field, for what the tool cannot do. */
export const reinforcementOfRun = Effect.fn("Experiment.reinforcementOfRun")(function* (run: GroupRelativeRun, file: string, tool: Tool) {
  const known = [
    ..."seed steps task model schedule optimizer clipNorm queries miniBatchQueries maxTokens groupSize epochs temperature".split(" "),
    ..."clipLow clipHigh dualClip kl aggregation advantage".split(" ")
  ]
  const other = refuseOthers(run, known, tool)
  if (other !== undefined) return yield* other
  const base = yield* baseOfRun(run, file)
  const settings = yield* failing([ConfigError], () => TrainerSettings.groupRelative("grpo", run))
  const { schedule } = settings
  if (schedule.decay !== "constant") {
    return yield* refuse("schedule.decay", schedule.decay, "constant: the decay of that tool ends elsewhere")
  }
  const { objective } = settings
  if (objective._tag !== "Surrogate" || objective.clipLow === null || objective.clipHigh === null) {
    return yield* refuse("clipLow", run.clipLow ?? null, "a bound: that tool clips")
  }
  const advantage = run.advantage
  if (advantage !== undefined && advantage._tag !== "GroupRelative") {
    return yield* refuse("advantage", advantage, "GroupRelative, or left out")
  }
  if (advantage?.scale === "batch" || advantage?.std === "population") {
    return yield* refuse("advantage", advantage, "scale \"group\" or \"none\", and std \"sample\": the tools divide by n − 1")
  }
  const isScaled = advantage?.scale !== "none"
  const aggregation = settings.aggregation._tag
  if (aggregation !== "token-mean" && aggregation !== "seq-mean-token-mean") {
    return yield* refuse("aggregation", aggregation, "token-mean or seq-mean-token-mean")
  }
  const kl = klOf(settings)
  if (kl instanceof ConfigError) return yield* kl
  const from = <A>(value: A, field: keyof GroupRelativeRun & string): Sourced<A> =>
    run[field] === undefined ? ours(value, "our preset grpo, as train grpo has it") : given(value, field)
  const positions = positionsOf(run)
  const experiment: Reinforcement = {
    ...base,
    problems: given(settings.queries * run.steps, "queries · steps"),
    passes: ours(1, "train draws new problems in every step"),
    batch: given(settings.queries, "queries"),
    miniBatch: from(settings.miniBatchQueries, "miniBatchQueries"),
    groupSize: from(settings.groupSize, "groupSize"),
    epochs: from(settings.epochs, "epochs"),
    promptTokens: given(positions - run.maxTokens, "model.positions − maxTokens"),
    responseTokens: given(run.maxTokens, "maxTokens"),
    learningRate: given(schedule.peak, "schedule.peak"),
    warmup: given(schedule.warmup, "schedule.warmup"),
    clipLow: from(objective.clipLow, "clipLow"),
    clipHigh: from(objective.clipHigh, "clipHigh"),
    dualClip: from(objective.dualClip ?? undefined, "dualClip"),
    clipNorm: from(settings.clipNorm, "clipNorm"),
    isScaled: from(isScaled, "advantage"),
    aggregation: from(aggregation, "aggregation"),
    kl: from(kl, "kl"),
    temperature: from(settings.sampling.temperature, "temperature"),
    ...adamOfRun(run)
  }
  return experiment
})

/** The experiment of a configuration of `train sft`. Fails with ConfigError, naming the field, for what LLaMA-Factory cannot do. */
export const supervisedOfRun = Effect.fn("Experiment.supervisedOfRun")(function* (run: SupervisedRun, file: string) {
  const other = refuseOthers(run, "seed steps task model schedule optimizer clipNorm batchSize demonstrations".split(" "), "llamafactory")
  if (other !== undefined) return yield* other
  const base = yield* baseOfRun(run, file)
  const { demonstrations, schedule } = run
  if (demonstrations.kind === "pretraining") {
    return yield* refuse("demonstrations.kind", demonstrations.kind, "none, echo, corrections or expert")
  }
  if (schedule.decay === "cosine" && schedule.total !== run.steps) {
    return yield* refuse("schedule.total", schedule.total, `${run.steps}, the run's steps: LLaMA-Factory's cosine ends where the run does`)
  }
  if ("wrongAttempts" in demonstrations && demonstrations.wrongAttempts === "context") {
    return yield* refuse("demonstrations.wrongAttempts", "context", "trained: LLaMA-Factory trains every token of an answer")
  }
  const defaults = supervisedOf("paper")
  const positions = positionsOf(run)
  const experiment: Supervised = {
    ...base,
    examples: given(run.batchSize * run.steps, "batchSize · steps"),
    passes: ours(1, "train draws new examples in every step"),
    batch: given(run.batchSize, "batchSize"),
    learningRate: given(schedule.peak, "schedule.peak"),
    warmup: given(schedule.warmup, "schedule.warmup"),
    decay: given(schedule.decay, "schedule.decay"),
    floor: schedule.floor,
    slip: "slip" in demonstrations ? { none: demonstrations.slip, reflection: demonstrations.slip } : defaults.slip,
    corrections: demonstrations.kind === "corrections" ? { rate: demonstrations.rate, wrong: demonstrations.wrong } : CORRECTIONS,
    ...adamOfRun(run),
    resampleRate: demonstrations.kind === "echo" ? demonstrations.resampleRate : defaults.resampleRate,
    maxAttempts: ("maxAttempts" in demonstrations ? demonstrations.maxAttempts : undefined) ?? defaults.maxAttempts,
    tokens: given(positions, "model.positions"),
    clipNorm: run.clipNorm === undefined ? ours(1, "as train has it") : given(run.clipNorm, "clipNorm")
  }
  return experiment
})

// Of more the files would not fit into memory.
const tooMany = ({ note, origin, value }: Sourced<number>): ConfigError | undefined =>
  value > MOST ? refuse(origin === "config" ? note : "--examples", value, `at most ${MOST} rows in a file`) : undefined

// What numpy takes as a seed.
const LARGEST_SEED = 0xffffffff

// A chat's own words take ten tokens or so, and a question as many.
const FEWEST_PROMPT_TOKENS = 16

// What every tool would take, and fail at later or do otherwise.
const wrongBase = ({ model: { note, origin, value: model }, seed }: Base): ConfigError | undefined => {
  const field = origin === "config" ? note : "--model"
  return model === "" || /\p{Cc}/u.test(model)
    ? refuse(field, JSON.stringify(model), "the name of a model on the hub, or its folder, in one line")
    : model.includes("${")
    ? refuse(field, model, "a name without \"${\", which the tools' configurations replace")
    : /^~|^\.{1,2}(?:\/|$)/.test(model)
    ? refuse(field, model, "a folder that is here, or its whole path: nothing is there, and each tool would look from elsewhere")
    : /\.gguf$/i.test(model)
    ? refuse(field, model, "a folder of safetensors, or a name on the hub: these tools do not train GGUF files")
    : !(seed >= 0 && seed <= LARGEST_SEED)
    ? refuse("seed", seed, `a whole number from 0 to ${LARGEST_SEED}: the tools' generators take no other`)
    : undefined
}

/** A model as every tool finds it, from wherever it is started: the whole path of a folder that is here, or the name as it is. */
export const modelOf = (model: string): string => (existsSync(model) && statSync(model).isDirectory() ? resolve(model) : model)

/** Refuses what a tool would take although it is wrong: it is a ConfigError that names the field and what would do. */
export const checkReinforcement = (experiment: Reinforcement): Effect.Effect<void, ConfigError> => {
  const { batch, groupSize, kl, learningRate, miniBatch, problems, promptTokens, responseTokens } = experiment
  const base = wrongBase(experiment) ?? tooMany(problems)
  if (base !== undefined) return Effect.fail(base)
  const wrong = batch.value % miniBatch.value !== 0
    ? refuse("miniBatchQueries", miniBatch.value, `a divisor of the batch of ${batch.value}: the tools drop or fail at what is left`)
    : groupSize.value < 2
    ? refuse("groupSize", groupSize.value, "at least 2: of one rollout nothing is relative")
    : problems.value < batch.value
    ? refuse("--examples", problems.value, `at least the batch of ${batch.value}: with fewer there is no step`)
    : kl.value.placement !== "none" && !KL_TYPES.includes(kl.value.estimator)
    ? refuse("kl", kl.value.estimator, `one of ${KL_TYPES.join(", ")}`)
    : learningRate.value <= 0
    ? refuse("schedule.peak", learningRate.value, "more than 0")
    : responseTokens.value < 8
    ? refuse("maxTokens", responseTokens.value, "at least 8: no answer has fewer tokens")
    : promptTokens.value < FEWEST_PROMPT_TOKENS
    ? refuse(
      promptTokens.note,
      promptTokens.value,
      `at least ${FEWEST_PROMPT_TOKENS} tokens for a prompt: longer ones are left out, and none would be left`
    )
    : undefined
  return wrong === undefined ? Effect.void : Effect.fail(wrong)
}

/** The same of supervised fine-tuning. */
export const checkSupervised = (experiment: Supervised): Effect.Effect<void, ConfigError> => {
  const { batch, examples, learningRate } = experiment
  const base = wrongBase(experiment) ?? tooMany(examples)
  if (base !== undefined) return Effect.fail(base)
  const wrong = examples.value < batch.value
    ? refuse("--examples", examples.value, `at least the batch of ${batch.value}`)
    : learningRate.value <= 0
    ? refuse("schedule.peak", learningRate.value, "more than 0")
    : undefined
  return wrong === undefined ? Effect.void : Effect.fail(wrong)
}
