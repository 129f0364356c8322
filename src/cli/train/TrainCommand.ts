/**
 * `decision-sampling train`: one trainer, one configuration file, one folder.
 *
 * @module
 */
import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { jsonText } from "../JsonText.ts"
import { DEVICE_CHOICES } from "../../model/device/DeviceName.ts"
import { PRODUCT_CHOICES } from "../../model/device/Products.ts"
import { ABOUT } from "../../training/Presets.ts"
import { collectSeldom } from "../GarbageCollection.ts"
import { jsonFlag, listed } from "../Help.ts"
import { layer as progressLayer } from "../Progress.ts"

const SHORT = "Train a model with SFT, DFT, GRPO or a relative of it; checkpoints and metrics in a folder, resumable"

/** Trains; prints where the last checkpoint is. */
export const trainCommand = Command.make(
  "train",
  {
    trainer: Argument.Literals("trainer", ABOUT.map(([name]) => name)).pipe(
      Argument.withDescription("The method, one of those above; its preset gives what the configuration leaves out")
    ),
    config: Flag.String("config").pipe(
      Flag.withDescription("JSON file: task, model, schedule, and what to replace in the preset (docs/guide/train.md)")
    ),
    out: Flag.String("out").pipe(Flag.withDescription("Folder for checkpoints and metrics.jsonl")),
    device: Flag.Literals("device", DEVICE_CHOICES).pipe(
      Flag.withDescription("What computes, in place of the configuration's device; doctor says which work here"),
      Flag.optional
    ),
    products: Flag.Literals("products", PRODUCT_CHOICES).pipe(
      Flag.withDescription("What multiplies matrices on the device wasm, in place of the configuration's products (docs/guide/devices.md)"),
      Flag.optional
    ),
    resume: Flag.Boolean("resume").pipe(Flag.withDescription("Go on with the folder's run"), Flag.withDefault(false)),
    json: jsonFlag("folder, steps, checkpoint and the last step's metrics as JSON")
  },
  Effect.fn(function* ({ config, device, json, out, products, resume, trainer }) {
    collectSeldom()
    const [{ train }, Telemetry, { checkpointName, lastMetrics }] = yield* Effect.promise(() =>
      Promise.all([import("./Train.ts"), import("./Telemetry.ts"), import("../../training/RunFolder.ts")])
    )
    const asked = {
      ...(Option.isSome(device) ? { device: device.value } : {}),
      ...(Option.isSome(products) ? { products: products.value } : {})
    }
    const { step } = yield* train({ trainer, config, out, isResumed: resume, ...asked }).pipe(
      Effect.provide([progressLayer, Telemetry.layer])
    )
    const checkpoint = `${out}/${checkpointName(step)}`
    if (!json) return yield* Console.log(checkpoint)
    const summary = { trainer, folder: out, step, checkpoint, metrics: `${out}/metrics.jsonl`, last: yield* lastMetrics(out) }
    yield* Console.log(jsonText(summary))
  })
).pipe(
  Command.withShortDescription(SHORT),
  Command.withDescription(`${SHORT}\n\nTrainers:\n${listed(ABOUT)}`),
  Command.withExamples([
    {
      command: "decision-sampling train sft --config sft.json --out runs/sft",
      description: "From fresh parameters, or the start that sft.json names"
    },
    {
      command: "decision-sampling train grpo --config grpo.json --out runs/grpo --resume",
      description: "After an interruption, or with more steps"
    }
  ])
)
