/**
 * An experiment written into a folder for another tool: data, reward, configuration, run script, pinned requirements, README.
 *
 * @module
 */
import { Effect, FileSystem, Path, type Schema } from "effect"
import { ConfigError, FileError } from "../../domain/Errors.ts"
import { refused as readRefused, unwritten } from "../../domain/Files.ts"
import { dataQueries, type TaskService } from "../../domain/Task.ts"
import { failing } from "../../domain/Throws.ts"
import { fillFolder, writeResult } from "../Destination.ts"
import { taskOf, type TaskSpec } from "../../tasks/TaskSpec.ts"
import { faultsOfParts } from "../../training/RunFaults.ts"
import { decode, GroupRelativeRun, SupervisedRun } from "../../training/TrainConfig.ts"
import { type Attempts, type DemonstrationKind, demonstrations, readAttempts, testQueries } from "./Data.ts"
import {
  type Base,
  checkReinforcement,
  checkSupervised,
  type ExportPreset,
  modelOf,
  type Reinforcement,
  reinforcementOf,
  reinforcementOfRun,
  type Supervised,
  supervisedOf,
  supervisedOfRun,
  type Tool
} from "./Experiment.ts"
import { dataSet, dataSetInfo, LLAMAFACTORY, llamaFactoryScript, llamaFactorySettings, yaml } from "./LlamaFactory.ts"
import { readBack, readme } from "./Readme.ts"
import { checkTrl, TRL, trlJson, trlRows, trlScript, trlSettings } from "./Trl.ts"
import { TEST_EVERY, VERL, verlRows, verlScript, verlSettings } from "./Verl.ts"

/** What is asked for. */
export interface ExportOptions {
  readonly tool: Tool
  /** The preset; left out, and with no configuration: the paper's. */
  readonly preset?: ExportPreset
  /** A configuration of `train grpo` (verl, TRL) or `train sft` (LLaMA-Factory). */
  readonly config?: string
  readonly out: string
  /** Files of a folder that is not empty may be replaced. */
  readonly isOverwriting?: boolean
  /** Rollouts of the model, from which expert demonstrations take its own attempts. */
  readonly attempts?: string
  /** In place of the experiment's. */
  readonly levels?: ReadonlyArray<string>
  readonly testLevels?: ReadonlyArray<string>
  readonly model?: string
  readonly examples?: number
  readonly seed?: number
}

/** What was written. */
export interface Exported {
  readonly files: ReadonlyArray<string>
  readonly trained: number
  readonly tested: number
  /** Of the file of attempts. */
  readonly attempts?: Attempts
}

type Files = ReadonlyMap<string, string>

const readText = (file: string | URL): Effect.Effect<string, FileError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const at = typeof file === "string" ? file : yield* Effect.orDie(path.fromFileUrl(file))
    return yield* Effect.mapError(files.readFileString(at), readRefused(at, "Is the file there, and may it be read?"))
  })

const decodeRun = <A, I>(schema: Schema.Codec<A, I>, file: string) =>
  Effect.flatMap(readText(file), (text) => decode(schema, text, undefined, (json) => faultsOfParts(json)))

/** A Python file that is written as it is. */
const python = (name: string) => readText(new URL(`./python/${name}`, import.meta.url))

const GRADING = ["decision_sampling_grading.py", "reward.py"]

const pythonFiles = Effect.fnUntraced(function* (names: ReadonlyArray<string>) {
  return new Map(yield* Effect.forEach(names, (name) => Effect.map(python(name), (text) => [name, text] as const)))
})

const lines = (rows: ReadonlyArray<object>): string => rows.map((row) => JSON.stringify(row) + "\n").join("")

const given = <A>(value: A, note: string) => ({ value, origin: "config" as const, note })

const withLevels = (task: TaskSpec, levels: ReadonlyArray<string>): Effect.Effect<TaskSpec, ConfigError> => {
  const [first, ...rest] = levels
  if (first === undefined) return Effect.succeed(task)
  if (task._tag === "Multiplication" || task._tag === "Addition") return Effect.succeed({ ...task, levels: [first, ...rest] })
  return Effect.fail(
    new ConfigError({ field: "--levels", value: levels.join(","), expected: `left out: the task ${task._tag} has its own` })
  )
}

// What flags say in place of the experiment.
const adjusted = Effect.fnUntraced(function* <E extends Base> (experiment: E, options: ExportOptions) {
  const { levels = [], model, seed, testLevels } = options
  const empty = options.levels?.length === 0 ? "--levels" : testLevels?.length === 0 ? "--test-levels" : undefined
  if (empty !== undefined) return yield* new ConfigError({ field: empty, value: "empty", expected: "at least one level, e.g. 3x3,3x4" })
  for (const [flag, list] of [["--levels", levels], ["--test-levels", testLevels ?? []]] as const) {
    const twice = list.find((level, k) => list.indexOf(level) !== k)
    if (twice !== undefined) return yield* refused(flag, list.join(","), `each level once, and ${twice} is there twice`)
  }
  const task = yield* withLevels(experiment.task.value, levels)
  const { problems } = experiment.test.value
  const named = model === undefined ? experiment.model : given(model, "--model")
  return {
    ...experiment,
    ...(levels.length === 0 ? {} : { task: given(task, "--levels") }),
    ...(testLevels === undefined ? {} : { test: given({ levels: testLevels, problems }, "--test-levels") }),
    model: { ...named, value: modelOf(named.value) },
    ...(seed === undefined ? {} : { seed })
  } as E
})

const refused = (field: string, value: string, expected: string): Effect.Effect<never, ConfigError> =>
  Effect.fail(new ConfigError({ field, value, expected }))

const checkOptions = ({ attempts, config, examples, out, preset, tool }: ExportOptions): Effect.Effect<void, ConfigError> =>
  out === ""
    ? refused("--out", "empty", "a folder")
    : config !== undefined && preset !== undefined
    ? refused("--preset", preset, "left out beside --config")
    : examples !== undefined && examples < 1
    ? refused("--examples", String(examples), "at least 1")
    : attempts !== undefined && tool !== "llamafactory"
    ? refused("--attempts", attempts, `left out for ${tool}: only demonstrations are made of attempts`)
    : Effect.void

const reinforcement = Effect.fnUntraced(function* (options: ExportOptions) {
  const { config, examples, preset = "paper", tool } = options
  const found: Reinforcement = config === undefined
    ? reinforcementOf(preset)
    : yield* reinforcementOfRun(yield* decodeRun(GroupRelativeRun, config), config, tool)
  const experiment = yield* adjusted(
    examples === undefined ? found : { ...found, problems: given(examples, "--examples") },
    options
  )
  yield* checkReinforcement(experiment)
  return experiment
})

const supervised = Effect.fnUntraced(function* (options: ExportOptions) {
  const { config, examples, preset = "paper" } = options
  const found: Supervised = config === undefined
    ? supervisedOf(preset)
    : yield* supervisedOfRun(yield* decodeRun(SupervisedRun, config), config)
  const experiment = yield* adjusted(
    examples === undefined ? found : { ...found, examples: given(examples, "--examples") },
    options
  )
  yield* checkSupervised(experiment)
  return experiment
})

// Without an answer nothing can be rewarded.
const checkAnswers = (task: TaskService, queries: ReturnType<typeof dataQueries>): Effect.Effect<void, ConfigError> =>
  queries.every(({ answer }) => answer !== undefined)
    ? Effect.void
    : Effect.fail(new ConfigError({ field: "task", value: task.name, expected: "a task whose problems have reference answers" }))

// A level that cannot be is a ConfigError when its first problem is drawn.
const problemsOf = Effect.fnUntraced(function* ({ problems, seed, test }: Reinforcement, task: TaskService) {
  const [trained, tested] = yield* failing(
    [ConfigError],
    () => [dataQueries(task, seed, problems.value), testQueries(task, test.value, seed)] as const
  )
  yield* checkAnswers(task, [...trained, ...tested])
  return [trained, tested] as const
})

const stepsOf = (experiment: Reinforcement): number =>
  Math.floor(experiment.problems.value / experiment.batch.value) * experiment.passes.value

const verlFiles = Effect.fnUntraced(function* (experiment: Reinforcement, task: TaskService) {
  const settings = verlSettings(experiment)
  const [train, test] = yield* problemsOf(experiment, task)
  const steps = stepsOf(experiment)
  const files: Files = new Map([
    ...(yield* pythonFiles([...GRADING, "reward_manager.py"])),
    ["data/train.jsonl", lines(verlRows(experiment, train, "train"))],
    ["data/test.jsonl", lines(verlRows(experiment, test, "test"))],
    ["run.sh", verlScript(settings)],
    [
      "requirements.txt",
      `# Python 3.10 to 3.12, Linux with CUDA. verl pins vllm, torch, transformers and flash-attn itself.\nverl[vllm,fsdp]==${VERL}\n`
    ],
    [
      "README.md",
      readme(
        "GRPO by verl",
        experiment,
        [
          [
            "Run",
            `\`\`\`sh
python3 -m venv env && . env/bin/activate && pip install -r requirements.txt
bash run.sh actor_rollout_ref.model.path=FOLDER   # GRPO from a fine-tuned model; left out: from ${experiment.model.value}
\`\`\`

${steps} steps of ${experiment.batch.value} prompts × ${experiment.groupSize.value} rollouts, ${
              experiment.batch.value / experiment.miniBatch.value * experiment.epochs.value
            } updates each. The single-turn model of the paper is this run from a model that was fine-tuned without reflection.`
          ],
          [
            "While it runs",
            `rollouts/STEP.jsonl is verl's own dump: texts and scores, without which were cut off. graded/train/STEP.jsonl and graded/test/STEP.jsonl are
reward_manager.py's: the same fields with truncated, outcome, verdicts ("×R ✓S": a wrong attempt taken back, a right one that stood) and level. A run that
was resumed appends to a step that it repeats.`
          ],
          // The last step is tested too.
          ["Read it back", readBack(`graded/test/${Math.min(TEST_EVERY, steps)}.jsonl`)]
        ],
        [["run.sh", "verl", [
          {
            name: "data/train.jsonl",
            value: experiment.problems.value,
            origin: experiment.problems.origin,
            note: `${experiment.problems.note}; problems`
          },
          taskSetting(experiment),
          testSetting(experiment, test.length),
          ...settings
        ]]]
      )
    ]
  ])
  return { files, trained: train.length, tested: test.length }
})

const taskSetting = ({ task }: Base) => ({
  name: "the task",
  value: `${task.value._tag}${"levels" in task.value ? ` ${task.value.levels.join(", ")}` : ""}`,
  origin: task.origin,
  note: task.note
})

// Small levels have fewer problems than are asked for.
const testSetting = ({ test }: Base, count: number) => ({
  name: "the test set",
  value: `${count} problems, ${test.value.problems} a level where there are so many: ${test.value.levels.join(", ") || "the task's"}`,
  origin: test.origin,
  note: test.note
})

const trlFiles = Effect.fnUntraced(function* (experiment: Reinforcement, task: TaskService) {
  yield* checkTrl(experiment)
  const settings = trlSettings(experiment)
  const [train, test] = yield* problemsOf(experiment, task)
  const files: Files = new Map([
    ...(yield* pythonFiles([...GRADING, "grpo.py"])),
    ["data/train.jsonl", lines(trlRows(experiment, train))],
    ["data/test.jsonl", lines(test)],
    ["grpo.json", trlJson(experiment, settings)],
    ["run.sh", trlScript],
    ["requirements.txt", `trl[vllm,peft]==${TRL}\n`],
    [
      "README.md",
      readme(
        "GRPO by TRL",
        experiment,
        [
          [
            "Run",
            `\`\`\`sh
python3 -m venv env && . env/bin/activate && pip install -r requirements.txt
bash run.sh --set model=FOLDER   # GRPO from a fine-tuned model; left out: from ${experiment.model.value}
\`\`\`

The settings are verl's in TRL's words: a step of ${experiment.batch.value} prompts × ${experiment.groupSize.value} rollouts, updates of ${experiment.miniBatch.value} prompts. TRL's penalty
k3 has no clamps, its standard deviation is increased by 1e-4 (verl: 1e-6), and prompts are not shortened.`
          ],
          [
            "While it runs",
            `output/completions/completions_*.parquet, numbered by updates, has every rollout once (grpo.py logs once a step: a log an update would write it again) with answer, level, truncated, outcome and verdicts ("×R ✓S": a wrong attempt taken
back, a right one that stood). The test set (data/test.jsonl) is for \`decision-sampling eval --prompts data/test.jsonl\` on a server with the trained model.`
          ],
          ["Read it back", readBack("output/completions/completions_00001.parquet")]
        ],
        [["grpo.json", "verl", [
          taskSetting(experiment),
          testSetting(experiment, test.length),
          settings.stepOf,
          settings.updatesOf,
          ...settings.config
        ]]]
      )
    ]
  ])
  return { files, trained: train.length, tested: test.length }
})

const llamaFactoryFiles = Effect.fnUntraced(function* (experiment: Supervised, task: TaskService, options: ExportOptions) {
  const test = yield* failing([ConfigError], () => testQueries(task, experiment.test.value, experiment.seed))
  const attempts = options.attempts === undefined
    ? undefined
    : yield* readAttempts(options.attempts, experiment, new Set(test.map(({ prompt }) => prompt)))
  const kinds: ReadonlyArray<DemonstrationKind> = attempts === undefined
    ? ["none", "echo", "corrections"]
    : ["none", "echo", "corrections", "expert"]
  const sets = yield* Effect.forEach(
    kinds,
    (kind) => Effect.map(demonstrations(kind, task, experiment, attempts?.pool ?? []), (rows) => [kind, rows] as const)
  )
  const last = kinds.at(-1)!
  const [sft, dft] = [llamaFactorySettings(experiment, "none", false), llamaFactorySettings(experiment, last, true)]
  const files: Files = new Map([
    ...sets.map(([kind, rows]) => [`data/${dataSet(kind)}.jsonl`, lines(rows)] as const),
    ["data/dataset_info.json", dataSetInfo(kinds)],
    ["data/test.jsonl", lines(test)],
    ["sft.yaml", yaml(sft)],
    ["dft.yaml", yaml(dft)],
    ["run.sh", llamaFactoryScript(kinds, experiment)],
    [
      "requirements.txt",
      `# Python 3.11 or later. Without its pin pip takes a torch that its torchaudio does not fit.\nllamafactory==${LLAMAFACTORY}\ntorch==2.11.0\n`
    ],
    [
      "README.md",
      readme(
        "SFT and DFT by LLaMA-Factory",
        experiment,
        [
          [
            "Data",
            `${experiment.examples.value} demonstrations each: data/${kinds.map((kind) => `${dataSet(kind)}.jsonl`).join(", data/")}.

- none: a teacher's working and one answer; a digit is random with probability ${experiment.slip.none}.
- echo: after each attempt, right or wrong, another with probability ${experiment.resampleRate}, at most ${experiment.maxAttempts} attempts: the form of reflection without its judgement.
  A digit is random with probability ${experiment.slip.reflection}, so that there are wrong attempts.
- corrections: with probability ${experiment.corrections.rate} one to ${experiment.corrections.wrong} wrong attempts on purpose, each taken back, and then the right one: as E.2 describes
  the paper's trajectories, by mistakes that no model made.
- expert: the model's own attempts until one is right, RESAMPLE after a wrong one and STOP after a right one, by a checker. ${
              attempts === undefined
                ? "**Not written**: it needs the model's own attempts. Sample the model on training problems (data generate, eval --prompts), and export again with --attempts ROLLOUTS."
                : `From ${attempts.pool.length} problems of ${options.attempts}; ${attempts.ofTest} responses to test problems were left out, and ${attempts.unanswered} without an answer.`
            }

The paper's own trajectories are not in its text (E.2 refers to a repository): all of these are ours.`
          ],
          [
            "Run",
            `\`\`\`sh
python3 -m venv env && . env/bin/activate && pip install -r requirements.txt
bash run.sh              # one model a data set, then DFT on ${dataSet(last)}
bash run.sh sft none     # one of them
\`\`\`

GPUS=8 bash run.sh takes eight cards and accumulates an eighth each, so that an update is of ${experiment.batch.value} sequences still; without GPUS it takes one
(LLaMA-Factory by itself takes all that it sees, and multiplies the batch). Each card then holds the whole model, and buckets as large as the gradient beside it:
where that does not fit, deepspeed shares it (its own package; deepspeed: FILE in the YAML).`
          ],
          [
            "Read it back",
            `Sample the trained model on data/test.jsonl (decision-sampling eval --prompts data/test.jsonl --endpoint URL --model NAME --out rollouts.jsonl), then calibrate.`
          ]
        ],
        [["sft.yaml", "LLaMA-Factory", [taskSetting(experiment), testSetting(experiment, test.length), ...sft]], [
          "dft.yaml",
          "LLaMA-Factory",
          dft
        ]]
      )
    ]
  ])
  return { files, trained: experiment.examples.value, tested: test.length, ...(attempts === undefined ? {} : { attempts }) }
})

const checkRoom = Effect.fnUntraced(function* (out: string, isOverwriting: boolean) {
  const files = yield* FileSystem.FileSystem
  const failed = readRefused(out, "Name a folder")
  if (!(yield* Effect.mapError(files.exists(out), failed))) return
  const names = yield* Effect.mapError(files.readDirectory(out), failed)
  if (names.length === 0 || isOverwriting) return
  return yield* new FileError({
    file: out,
    problem: `the folder holds ${names[0]} already`,
    advice: "Give another --out, or --overwrite to replace the files of an export (others stay)"
  })
})

const writeAll = Effect.fnUntraced(function* (out: string, all: Files) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  for (const [name, text] of all) {
    const file = path.join(out, name)
    yield* writeResult(file, text)
    if (name.endsWith(".sh")) yield* Effect.mapError(files.chmod(file, 0o755), unwritten(file))
  }
})

/**
 * Writes an experiment for another tool into a folder. Nothing is written unless all of it can be made. Fails with ConfigError, naming the field, for
 * what the tool cannot do or would take although it is wrong, and with FileError for a folder that is not empty.
 */
export const exportExperiment = Effect.fn("Export.exportExperiment")(function* (options: ExportOptions) {
  const { isOverwriting = false, out, tool } = options
  yield* checkOptions(options)
  yield* checkRoom(out, isOverwriting)
  const experiment = tool === "llamafactory" ? yield* supervised(options) : yield* reinforcement(options)
  const task = yield* taskOf(experiment.task.value)
  const { files, ...counts } = "examples" in experiment
    ? yield* llamaFactoryFiles(experiment, task, options)
    : tool === "verl"
    ? yield* verlFiles(experiment, task)
    : yield* trlFiles(experiment, task)
  yield* isOverwriting ? writeAll(out, files) : fillFolder(out, (at) => writeAll(at, files))
  const exported: Exported = { files: [...files.keys()], ...counts }
  return exported
})
