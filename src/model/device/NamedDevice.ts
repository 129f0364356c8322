/**
 * Devices by name, for configurations and worker threads.
 *
 * @module
 */
import { Effect, Layer, type Scope } from "effect"
import { Device, type DeviceError, type DeviceInfo, type DeviceService } from "./Device.ts"
import { deviceCandidates, firstWorkingDevice } from "./Auto.ts"
import { cpuDevice } from "./Cpu.ts"
import type { DeviceChoice, DeviceName } from "./DeviceName.ts"
import { nodeGpuDevice } from "./NodeGpu.ts"
import { selfTest } from "./SelfTest.ts"
import { wasmDevice } from "./Wasm.ts"
import { webGpuDevice } from "./WebGpu.ts"

// Asked for by name, webgpu may compute in software; nodeGpu without a GPU would not be what its name says.
const devices: Readonly<Record<DeviceName, Effect.Effect<DeviceService, DeviceError, Scope.Scope>>> = {
  wasm: wasmDevice,
  cpu: cpuDevice,
  webgpu: webGpuDevice(),
  nodeGpu: nodeGpuDevice({ processor: "gpu" })
}

/** Layer of the device of a name. Fails with a DeviceError that says what is missing. */
export const layerNamed = (name: DeviceName): Layer.Layer<Device, DeviceError> => Layer.effect(Device, devices[name])

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
      const { info } = choice === "auto" ? yield* firstWorkingDevice(candidates) : yield* Effect.tap(devices[choice], selfTest)
      return { name: info.name as DeviceName, info }
    })
  )
