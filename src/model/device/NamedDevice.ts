/**
 * Devices by name, for configurations and worker threads.
 *
 * @module
 */
import { Effect, Layer } from "effect"
import { Device, DeviceError, type DeviceInfo } from "./Device.ts"
import { deviceCandidates, firstWorkingDevice } from "./Auto.ts"
import { type DeviceChoice, type DeviceName, devicesBy, type StartDevice } from "./DeviceName.ts"
import { selfTest } from "./SelfTest.ts"

const NAMED = devicesBy("named")

const named = (name: DeviceName): StartDevice =>
  NAMED.find((candidate) => candidate.name === name)?.device ??
    Effect.fail(
      new DeviceError({
        label: "start",
        device: name,
        message: `There is no device "${name}"; known are ${NAMED.map((candidate) => candidate.name).join(", ")}`,
        cause: name
      })
    )

/** Layer of the device of a name. Fails with a DeviceError that says what is missing. */
export const layerNamed = (name: DeviceName): Layer.Layer<Device, DeviceError> => Layer.effect(Device, named(name))

/**
 * Settles a choice: starts the device, has it compute a small product and its gradient, and gives it back. The description
 * says what computes and, for `auto`, why not the devices before it. Fails with a DeviceError that says why it cannot be used.
 */
export const resolveDevice = (
  choice: DeviceChoice,
  candidates = deviceCandidates
): Effect.Effect<{ readonly name: DeviceName; readonly info: DeviceInfo }, DeviceError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { info } = choice === "auto" ? yield* firstWorkingDevice(candidates) : yield* Effect.tap(named(choice), selfTest)
      return { name: info.name as DeviceName, info }
    })
  )
