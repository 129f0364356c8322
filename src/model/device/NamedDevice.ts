/**
 * Devices by name, for configurations and worker threads.
 *
 * @module
 */
import { Effect, Layer } from "effect"
import { Device, DeviceError, type DeviceInfo } from "./Device.ts"
import { deviceCandidates, firstWorkingDevice } from "./Auto.ts"
import { type DeviceCandidate, type DeviceChoice, type DeviceName, devicesBy, deviceWithProducts, type StartDevice } from "./DeviceName.ts"
import type { ProductChoice } from "./Products.ts"
import { selfTest } from "./SelfTest.ts"

const NAMED = devicesBy("named")

const refused = (device: string, message: string): DeviceError => new DeviceError({ label: "start", device, message, cause: message })

const named = (name: DeviceName, products: ProductChoice): StartDevice => {
  const candidate = NAMED.find((candidate) => candidate.name === name)
  if (candidate === undefined) {
    return Effect.fail(refused(name, `There is no device "${name}"; known are ${NAMED.map((candidate) => candidate.name).join(", ")}`))
  }
  if (products === "auto") return candidate.device
  return Effect.flatMap(
    deviceWithProducts(name, products),
    (device): StartDevice =>
      device ?? Effect.fail(refused(name, `Device ${name} has no choice of products; "${products}" is one of device wasm`))
  )
}

/** Layer of the device of a name, with what is to multiply matrices. Fails with a DeviceError that says what is missing. */
export const layerNamed = (name: DeviceName, products: ProductChoice = "auto"): Layer.Layer<Device, DeviceError> =>
  Layer.effect(Device, named(name, products))

/** What is settled of a choice. */
export interface ResolveOptions {
  /** What is to multiply matrices. Anything but `auto` asks for a device that has the choice: wasm. Left out: `auto`. */
  readonly products?: ProductChoice
  /** The devices that `auto` tries. */
  readonly candidates?: ReadonlyArray<DeviceCandidate>
}

/**
 * Settles a choice: starts the device, has it compute a small product and its gradient, and gives it back. The description
 * says what computes and, for `auto`, why not the devices before it. Fails with a DeviceError that says why it cannot be used.
 */
export const resolveDevice = (
  choice: DeviceChoice,
  { candidates = deviceCandidates, products = "auto" }: ResolveOptions = {}
): Effect.Effect<{ readonly name: DeviceName; readonly info: DeviceInfo }, DeviceError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const wanted = choice === "auto" && products !== "auto" ? "wasm" : choice
      const { info } = wanted === "auto" ? yield* firstWorkingDevice(candidates) : yield* Effect.tap(named(wanted, products), selfTest)
      return { name: info.name as DeviceName, info }
    })
  )
