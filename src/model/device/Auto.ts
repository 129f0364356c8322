/**
 * The fastest device that really works on a machine: candidates are tried in order, and each must pass the self-test.
 *
 * @module
 */
import { Effect, Exit, Layer, Result, Scope } from "effect"
import { BlasVariableError } from "./Blas.ts"
import { Device, DeviceError } from "./Device.ts"
import { type DeviceCandidate, devicesBy } from "./DeviceName.ts"
import { selfTest } from "./SelfTest.ts"

export type { DeviceCandidate } from "./DeviceName.ts"

/** The candidates of `deviceAuto`, fastest first; TensorFlow and WebGPU only on a real GPU, because `wasm` beats them on the processor. */
export const deviceCandidates: ReadonlyArray<DeviceCandidate> = devicesBy("auto")

/** Why something failed, in plain words: without "start failed on device …" where that is known anyway. */
export const reasonOf = (error: Error & { readonly label?: string }): string =>
  error.label === "start" && error.cause instanceof Error ? error.cause.message : error.message

/**
 * Takes the first candidate that starts and computes a small product and its gradient correctly. Its description
 * says why each candidate before it was not used; when none works the error lists all reasons. The device lives as long as
 * the scope; those that were refused are given back at once.
 */
export const firstWorkingDevice = Effect.fnUntraced(function* (candidates: ReadonlyArray<DeviceCandidate>) {
  const outer = yield* Effect.scope
  const refusals: Array<string> = []
  for (const { name, device } of candidates) {
    const scope = yield* Scope.fork(outer)
    const tried = yield* Effect.tap(device, selfTest).pipe(Scope.provide(scope), Effect.result)
    if (Result.isSuccess(tried)) {
      const { info, ...device } = tried.success
      const reasons = refusals.map((refusal) => ` Not used: ${refusal}.`).join("")
      return Device.of({ info: { ...info, description: info.description + reasons }, ...device })
    }
    yield* Scope.close(scope, Exit.void)
    // What the environment asks for by name, and cannot be had, is not passed over.
    if (tried.failure.cause instanceof BlasVariableError) return yield* tried.failure
    refusals.push(`${name} (${reasonOf(tried.failure)})`)
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
