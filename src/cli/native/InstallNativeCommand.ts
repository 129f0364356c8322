/**
 * `decision-sampling install-native`: native libraries that the user downloads and that are made usable here.
 *
 * @module
 */
import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { jsonText } from "../JsonText.ts"
import { TARGETS, TENSORFLOWS } from "./Downloads.ts"
import { install, installedText, type InstallOptions, preview } from "./Install.ts"
import { jsonFlag, withDefault } from "../Help.ts"

const flag = (name: string, description: string) => Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

/** Installs OpenBLAS or TensorFlow for this user, or says what it would do. */
export const installNativeCommand = Command.make(
  "install-native",
  {
    target: Argument.Literals("library", TARGETS).pipe(
      Argument.withDescription(
        "openblas: faster products for the wasm device; tensorflow: the nodeGpu device on the processor; tensorflow-gpu: the same on an NVIDIA GPU"
      )
    ),
    tensorflow: Flag.Literals("tensorflow", TENSORFLOWS).pipe(
      Flag.withDescription("Version of TensorFlow: 2.20.0 (CUDA 12.5) or 2.9.1 (CUDA 11.2)"),
      withDefault("2.20.0" as const)
    ),
    withCuda: flag("with-cuda", "NVIDIA's CUDA and cuDNN libraries too (tensorflow-gpu 2.20.0); the driver is the system's"),
    dryRun: flag("dry-run", "Say what would be downloaded, how large, under which licences and to where, and do nothing"),
    isForced: flag("force", "Install again what is installed"),
    from: Flag.String("from").pipe(
      Flag.withDescription("A folder with the files that --dry-run lists, for a machine without network; what it lacks is downloaded"),
      Flag.optional
    ),
    json: jsonFlag("what was installed, or would be, as JSON")
  },
  Effect.fn(function* ({ dryRun, from, json, ...request }) {
    const options: InstallOptions = { ...request, ...(Option.isSome(from) ? { from: from.value } : {}) }
    if (dryRun) {
      const { folder, plan, text } = yield* preview(options)
      return yield* Console.log(json ? jsonText({ folder, ...plan }) : text)
    }
    const done = yield* install(options)
    yield* Console.log(json ? jsonText(done) : installedText(done))
  })
).pipe(
  Command.withDescription(
    "Download and install a native library for this user: OpenBLAS, or TensorFlow for the processor or an NVIDIA GPU. Says what it downloads and checks it"
  ),
  Command.withExamples([
    { command: "decision-sampling install-native openblas --dry-run", description: "What would be downloaded, and to where" },
    { command: "decision-sampling install-native tensorflow-gpu --with-cuda", description: "An NVIDIA GPU" }
  ])
)
