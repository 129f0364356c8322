/**
 * The device of one core with SIMD: the tensor library's WebAssembly backend, with our fused kernels on its memory.
 *
 * @module
 */
import { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import * as tf from "@tensorflow/tfjs-core"
import type { KernelFunc } from "@tensorflow/tfjs-core"
import { type Effect, Layer } from "effect"
import { Device, type DeviceError, type DeviceService } from "./Device.ts"
import { compositeOps } from "./CompositeOps.ts"
import { type StartedBackend, tensorDevice } from "./TensorDevice.ts"
import { type KernelBuild, linkKernels, type WasmKernels } from "./WasmKernels.ts"
import { fusedMatMul, transposedMatMul } from "./WasmMatMul.ts"
import { wasmOps } from "./WasmOps.ts"
import type { DeviceModule } from "./DeviceName.ts"

const processEvents = ["uncaughtException", "unhandledRejection"] as const

/** Starts the tensor library's WebAssembly backend, without the handlers for the whole process that it installs. */
const startBackend = async (): Promise<BackendWasm> => {
  const before = processEvents.map((event) => ({ event, listeners: process.rawListeners(event) }))
  const started = await tf.setBackend("wasm")
  for (const { event, listeners } of before) {
    for (const listener of process.rawListeners(event)) {
      if (!listeners.includes(listener)) process.removeListener(event, listener as () => void)
    }
  }
  const backend = tf.backend()
  if (started && backend instanceof BackendWasm) return backend
  throw new Error("The WebAssembly backend of the tensor library did not start.")
}

/**
 * Which kernels to run: `relaxed` (fused multiply-add, whose last bits may differ between processors), `simd` (the same
 * bits everywhere) or `none` (the tensor library's own). What a Node cannot run falls back to the next.
 */
export type WasmKernelChoice = KernelBuild | "none"

/**
 * Hands out the same numbers under a new tensor, counted by the backend. Its own kernel copies them, and the engine asks
 * for one with every tensor it saves for a gradient.
 */
const sharedIdentity: KernelFunc = ({ inputs, backend }) => {
  const { dataId, shape, dtype } = inputs["x"]!
  ;(backend as BackendWasm).incRef(dataId)
  return { dataId, shape, dtype }
}

/** Registers the backend a second time, under a name of its own, with some kernels replaced; the library's stays as it is. */
const registerVariant = (variant: string, backend: BackendWasm, matMul: KernelFunc): void => {
  tf.registerBackend(variant, () => backend, 0)
  tf.copyRegisteredKernels("wasm", variant)
  for (const [kernelName, kernelFunc] of [["BatchMatMul", matMul], ["Identity", sharedIdentity]] as const) {
    tf.unregisterKernel(kernelName, variant)
    tf.registerKernel({ kernelName, backendName: variant, kernelFunc })
  }
}

const startFused = (variant: string, backend: BackendWasm, kernels: WasmKernels): StartedBackend => {
  registerVariant(variant, backend, fusedMatMul(kernels))
  return {
    info: {
      name: "wasm",
      backend: variant,
      description: `WebAssembly SIMD on one core, fused kernels ${kernels.relaxed ? "with" : "without"} fused multiply-add.`,
      kernels: "fused",
      cores: 1
    },
    ops: wasmOps(kernels, variant)
  }
}

const startComposite = (variant: string, backend: BackendWasm, reason: string): StartedBackend => {
  registerVariant(variant, backend, transposedMatMul("wasm"))
  return {
    info: {
      name: "wasm",
      backend: variant,
      description: `WebAssembly on one core with the tensor library's kernels, four to seven times slower than the fused ones: ${reason}.`,
      kernels: "composite",
      cores: 1
    },
    ops: compositeOps(tf)
  }
}

const start = async (choice: WasmKernelChoice): Promise<StartedBackend> => {
  const backend = await startBackend()
  const kernels = choice === "none" ? "as asked" : linkKernels(backend, choice)
  const variant = `wasm-${choice}`
  return typeof kernels === "string" ? startComposite(variant, backend, kernels) : startFused(variant, backend, kernels)
}

const started = new Map<WasmKernelChoice, Promise<StartedBackend>>()

/** The Device of WebAssembly with the kernels chosen. Started once per process or worker; all its layers share that. */
export const wasmDeviceWith = (choice: WasmKernelChoice): Effect.Effect<DeviceService, DeviceError> =>
  tensorDevice("wasm", () => {
    const running = started.get(choice) ?? start(choice)
    started.set(choice, running)
    return running
  })

/** The Device of WebAssembly with the fastest kernels this Node runs. */
export const wasmDevice = wasmDeviceWith("relaxed")

/** Layer of the Device in WebAssembly: works wherever Node does; the default. */
export const deviceWasm = Layer.effect(Device, wasmDevice)

/** Layer of the Device in WebAssembly with the kernels chosen. */
export const deviceWasmWith = (choice: WasmKernelChoice): Layer.Layer<Device, DeviceError> => Layer.effect(Device, wasmDeviceWith(choice))

/** WebAssembly as an entry of the list of devices. */
export const wasm: DeviceModule = { named: wasmDevice, auto: wasmDevice, anywhere: wasmDevice }
