/**
 * `decision-sampling doctor`: which devices work here, how fast, and why the others do not.
 *
 * @module
 */
import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { outputWidth } from "../Layout.ts"
import { jsonFlag } from "../Help.ts"
import { jsonText } from "../JsonText.ts"

/** Examines every device and prints the report; exit code 1 when a device that starts computes wrongly, or `deviceAuto` takes none. */
export const doctorCommand = Command.make(
  "doctor",
  { json: jsonFlag() },
  Effect.fn(function* ({ json }) {
    // Loaded on demand: no other command needs the tensor library.
    const { examine } = yield* Effect.promise(() => import("../../training/Doctor.ts"))
    const { doctorText, machine } = yield* Effect.promise(() => import("./DoctorText.ts"))
    const diagnosis = yield* examine()
    yield* Console.log(json ? jsonText({ machine: machine(), ...diagnosis }) : doctorText(diagnosis, outputWidth()))
    const isWrong = diagnosis.devices.some((finding) => finding.isUsable && !finding.measurement.agrees)
    if (isWrong || "reason" in diagnosis.auto) {
      yield* Effect.sync(() => {
        process.exitCode = 1
      })
    }
  })
).pipe(
  Command.withDescription(
    "Does a training step on every device, compares it with plain JavaScript and says which devices work, how fast, and why others do not"
  ),
  Command.withExamples([
    { command: "decision-sampling doctor", description: "What computes here, and how fast" }
  ])
)
