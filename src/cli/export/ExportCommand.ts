/**
 * `decision-sampling export`: the experiment as files of the engines that the paper used.
 *
 * @module
 */
import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { jsonFlag } from "../Help.ts"
import { jsonText } from "../JsonText.ts"
import { EXPORT_PRESETS, TOOLS } from "./Experiment.ts"

const listOf = (text: Option.Option<string>): ReadonlyArray<string> | undefined =>
  Option.isNone(text) ? undefined : text.value.split(",").map((each) => each.trim()).filter((each) => each !== "")

/** Writes an experiment for another tool; says what was written. */
export const exportCommand = Command.make(
  "export",
  {
    tool: Argument.Literals("tool", TOOLS).pipe(Argument.withDescription("GRPO by verl or trl, SFT and DFT by llamafactory")),
    preset: Flag.Literals("preset", EXPORT_PRESETS).pipe(
      Flag.withDescription("paper: Qwen2.5-7B-Instruct with appendix E's settings, taken unless told; smollm2: ours for a small model"),
      Flag.optional
    ),
    config: Flag.String("config").pipe(
      Flag.withDescription("A configuration of train grpo (verl, trl) or train sft (llamafactory) in place of a preset"),
      Flag.optional
    ),
    out: Flag.String("out").pipe(Flag.withDescription("The folder to write")),
    overwrite: Flag.Boolean("overwrite").pipe(Flag.withDescription("Replace files of a folder that is not empty"), Flag.withDefault(false)),
    attempts: Flag.String("attempts").pipe(
      Flag.withDescription("Rollouts of the model on training problems, for demonstrations with expert reflection (llamafactory)"),
      Flag.optional
    ),
    levels: Flag.String("levels").pipe(Flag.withDescription("Levels to train on, e.g. 3x3,3x4"), Flag.optional),
    testLevels: Flag.String("test-levels").pipe(Flag.withDescription("Levels to test on"), Flag.optional),
    model: Flag.String("model").pipe(Flag.withDescription("Another model, by its name on the hub or its folder"), Flag.optional),
    examples: Flag.Int("examples").pipe(Flag.withDescription("Training problems or demonstrations"), Flag.optional),
    seed: Flag.Int("seed").pipe(Flag.withDescription("Seed of data and order"), Flag.optional),
    json: jsonFlag("what was written as JSON")
  },
  Effect.fn(function* ({ attempts, config, examples, json, levels, model, out, overwrite, preset, seed, testLevels, tool }) {
    const { exportExperiment } = yield* Effect.promise(() => import("./Export.ts"))
    const trainLevels = listOf(levels)
    const tested = listOf(testLevels)
    const exported = yield* exportExperiment({
      tool,
      out,
      ...(Option.isSome(preset) ? { preset: preset.value } : {}),
      isOverwriting: overwrite,
      ...(Option.isSome(config) ? { config: config.value } : {}),
      ...(Option.isSome(attempts) ? { attempts: attempts.value } : {}),
      ...(trainLevels === undefined ? {} : { levels: trainLevels }),
      ...(tested === undefined ? {} : { testLevels: tested }),
      ...(Option.isSome(model) ? { model: model.value } : {}),
      ...(Option.isSome(examples) ? { examples: examples.value } : {}),
      ...(Option.isSome(seed) ? { seed: seed.value } : {})
    })
    const { attempts: used, ...counts } = exported
    yield* Console.log(
      json
        ? jsonText({
          folder: out,
          ...counts,
          ...(used === undefined ? {} : { attempts: { problems: used.pool.length, ofTest: used.ofTest, unanswered: used.unanswered } })
        })
        : `${out}/README.md`
    )
    yield* Console.error(`${exported.files.length} files: ${exported.trained} to train on, ${exported.tested} to test on`)
    if (tool === "llamafactory" && exported.attempts === undefined) {
      yield* Console.error("Without --attempts there are no demonstrations with expert reflection; README.md says how to make them.")
    }
    if (exported.attempts !== undefined) {
      const { ofTest, pool, unanswered } = exported.attempts
      yield* Console.error(
        `Attempts at ${pool.length} problems; left out: ${ofTest} responses to test problems, ${unanswered} without an answer`
      )
    }
  })
).pipe(
  Command.withDescription("Write the experiment for verl, LLaMA-Factory or TRL: data, reward, configuration, run script, README"),
  Command.withExamples([
    {
      command: "decision-sampling export verl --preset paper --out grpo",
      description: "The paper's GRPO; README.md in the folder says how to run it"
    }
  ])
)
