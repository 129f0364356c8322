import { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import * as tf from "@tensorflow/tfjs-core"
import { Layer } from "effect"
import { Device } from "../../domain/Device.ts"
import { compositeOps } from "./CompositeOps.ts"
import { tensorDevice } from "./TensorDevice.ts"
import type { StartedBackend } from "./TensorDevice.ts"

const processEvents = ["uncaughtException", "unhandledRejection"] as const

/** Starts the tensor library's WebAssembly backend, without the handlers for the whole process that it installs. */
const startBackend = async (): Promise<BackendWasm> => {
  const before = processEvents.map((event) => process.rawListeners(event))
  const started = await tf.setBackend("wasm")
  processEvents.forEach((event, i) => {
    for (const listener of process.rawListeners(event)) {
      if (!before[i]!.includes(listener)) process.removeListener(event, listener as () => void)
    }
  })
  const backend = tf.backend()
  if (started && backend instanceof BackendWasm) return backend
  throw new Error("The WebAssembly backend of the tensor library did not start.")
}

const start = async (): Promise<StartedBackend> => {
  await startBackend()
  return {
    info: {
      name: "wasm",
      backend: "wasm",
      description: "WebAssembly on one core.",
      kernels: "composite",
      cores: 1
    },
    ops: compositeOps(tf)
  }
}

/** The Device of WebAssembly. */
export const wasmDevice = tensorDevice("wasm", start)

/** Layer of the Device in WebAssembly: works wherever Node does; the default. */
export const deviceWasm = Layer.effect(Device, wasmDevice)
