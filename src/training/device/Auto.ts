import { Effect, Layer, Result } from "effect"
import { Device, DeviceError } from "../../domain/Device.ts"
import type { DeviceService } from "../../domain/Device.ts"
import { cpuDevice } from "./Cpu.ts"
import { selfTest } from "./SelfTest.ts"
import { wasmDevice } from "./Wasm.ts"

/** A device that may or may not work on this machine. */
export interface DeviceCandidate {
  readonly name: string
  readonly device: Effect.Effect<DeviceService, DeviceError>
}

/** The candidates of `deviceAuto`, fastest first. */
export const deviceCandidates: ReadonlyArray<DeviceCandidate> = [
  { name: "wasm", device: wasmDevice },
  { name: "cpu", device: cpuDevice }
]

/**
 * Takes the first candidate that starts and computes a small product and its gradient correctly. Its description
 * says why each candidate before it was not used; when none works the error lists all reasons.
 */
export const firstWorkingDevice = Effect.fnUntraced(function*(candidates: ReadonlyArray<DeviceCandidate>) {
  const refusals: Array<string> = []
  for (const { name, device } of candidates) {
    const tried = yield* Effect.result(Effect.tap(device, selfTest))
    if (Result.isSuccess(tried)) {
      const { info, use } = tried.success
      const reasons = refusals.map((refusal) => ` Not used: ${refusal}.`).join("")
      return Device.of({ info: { ...info, description: info.description + reasons }, use })
    }
    refusals.push(`${name} (${tried.failure.message})`)
  }
  return yield* new DeviceError({
    label: "start",
    device: "auto",
    message: `No device works on this machine. Tried: ${refusals.join("; ")}`,
    cause: refusals
  })
})

/** Layer of the fastest Device that really works here. */
export const deviceAuto = Layer.effect(Device, firstWorkingDevice(deviceCandidates))
