/**
 * The device in plain JavaScript: slow, with nothing to install, and the reference for the others.
 *
 * @module
 */
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu"
import * as tf from "@tensorflow/tfjs-core"
import { Layer } from "effect"
import { Device } from "./Device.ts"
import { compositeOps } from "./CompositeOps.ts"
import { type StartedBackend, tensorDevice } from "./TensorDevice.ts"
import type { DeviceModule } from "./DeviceName.ts"

const start = async (): Promise<StartedBackend> => {
  await tf.setBackend("cpu")
  const backend = tf.backend()
  // The backend advertises another package on its first write unless this private flag is down.
  if (backend instanceof MathBackendCPU) Object.assign(backend, { firstUse: false })
  return {
    info: {
      name: "cpu",
      backend: "cpu",
      description: "Plain JavaScript on one core: slow, needs nothing, the reference for the other devices.",
      kernels: "composite",
      cores: 1
    },
    ops: compositeOps(tf)
  }
}

/** The Device of plain JavaScript. */
export const cpuDevice = tensorDevice("cpu", start)

/** Layer of the Device in plain JavaScript: for tests and tiny models. */
export const deviceCpu = Layer.effect(Device, cpuDevice)

/** Plain JavaScript as an entry of the list of devices. */
export const cpu: DeviceModule = { named: cpuDevice, auto: cpuDevice, anywhere: cpuDevice }
