/**
 * What starting a device costs, and refusing one that is not there. `npm run bench -- devices` prints a Markdown table.
 * How fast the devices compute is what `decision-sampling doctor` measures.
 */
import { Effect, Result } from "effect"
import { deviceCandidates, firstWorkingDevice, reasonOf } from "../src/model/device/Auto.ts"
import { registerGradients } from "../src/model/device/Gradients.ts"
import { allDevices } from "../src/training/Doctor.ts"
import { machine, table } from "./Timing.ts"

/** Milliseconds until a device started or was refused, and which. */
const timed = async (name: string, device: Effect.Effect<{ readonly info: { readonly description: string } }, Error>) => {
  const startedAt = performance.now()
  const result = await Effect.runPromise(Effect.result(device))
  const ms = performance.now() - startedAt
  return [
    name,
    ms.toFixed(1),
    Result.isSuccess(result) ? `starts: ${result.success.info.description}` : `refused: ${reasonOf(result.failure)}`
  ]
}

// Every device needs these, once per process; without this line the first would seem to cost them.
await registerGradients()
const rows: Array<ReadonlyArray<string>> = []
for (const { device, name } of allDevices) rows.push(await timed(name, Effect.scoped(device)))
// Last: it finds started what it would have started.
rows.push(await timed("deviceAuto", Effect.scoped(firstWorkingDevice(deviceCandidates))))
console.log(`${machine()}, ${new Date().toISOString().slice(0, 10)}\n\n${table(["", "ms", ""], rows)}`)
