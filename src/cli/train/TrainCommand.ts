/**
 * `decision-sampling train`: one trainer, one configuration file, one folder.
 *
 * @module
 */
import { Console, Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { GROUP_RELATIVE_NAMES, SUPERVISED_NAMES } from "../../training/TrainConfig.ts"
import { layer as progressLayer } from "../Progress.ts"

/** Trains; prints where the last checkpoint is. */
export const trainCommand = Command.make(
  "train",
  {
    trainer: Argument.Literals("trainer", [...SUPERVISED_NAMES, ...GROUP_RELATIVE_NAMES]).pipe(Argument.withDescription("The method; its preset gives what the configuration leaves out")),
    config: Flag.String("config").pipe(Flag.withDescription("JSON file: task, model, schedule, and what to replace in the preset (docs/guide/train.md)")),
    out: Flag.String("out").pipe(Flag.withDescription("Folder for checkpoints and metrics.jsonl")),
    resume: Flag.Boolean("resume").pipe(Flag.withDescription("Go on with the folder's run"), Flag.withDefault(false))
  },
  Effect.fn(function* ({ config, out, resume, trainer }) {
    const [{ train }, Telemetry, { checkpointName }] = yield* Effect.promise(() =>
      Promise.all([import("./Train.ts"), import("./Telemetry.ts"), import("../../training/RunFolder.ts")])
    )
    const { step } = yield* train({ trainer, config, out, isResumed: resume }).pipe(Effect.provide([progressLayer, Telemetry.layer]))
    yield* Console.log(`${out}/${checkpointName(step)}`)
  })
).pipe(Command.withDescription("Train a model with SFT, DFT, GRPO or a relative of it; checkpoints and metrics in a folder, resumable"))
