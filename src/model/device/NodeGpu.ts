/**
 * The device that computes with native TensorFlow, on CUDA where there is a GPU. Its package is optional; what is missing is said in plain words.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Layer } from "effect"
import { Device, type DeviceError, type DeviceService } from "./Device.ts"
import { compositeOps } from "./CompositeOps.ts"
import { selfTest } from "./SelfTest.ts"
import { missingLibraries } from "./SharedLibraries.ts"
import { type StartedBackend, tensorDevice } from "./TensorDevice.ts"
import type { DeviceModule } from "./DeviceName.ts"

/** How to find TensorFlow. Everything but `processor` can be replaced in tests. */
export interface NodeGpuOptions {
  /** `gpu` refuses to run without a CUDA device; `any` then computes on the processor, natively, and says so. */
  readonly processor?: "gpu" | "any"
  readonly nodeVersion?: string
  /** Loads the package; loading it registers its backend, "tensorflow". */
  readonly load?: () => Promise<unknown>
  readonly missingLibraries?: (names: ReadonlyArray<string>) => ReadonlyArray<string>
}

// A constant, not a literal: the package is optional, and its absence must be no type error either.
const packageName = "@tensorflow/tfjs-node-gpu"
const loadDefault = (): Promise<unknown> => import(packageName)

/** What TensorFlow 2.9.1, which the package brings, loads at run time to use a GPU. */
const cudaLibraries = ["libcuda.so.1", "libcudart.so.11.0", "libcublas.so.11", "libcudnn.so.8"]

/** The property of its backend that says whether TensorFlow found a GPU among its devices; without one it uses the processor, silently. */
interface TensorFlowBackend {
  readonly isUsingGpuDevice?: boolean
}

const assertNodeVersion = (version: string): void => {
  const major = Number(/^v?(\d+)/.exec(version)?.[1])
  if (major >= 23) {
    throw new Error(
      `${packageName} 4.22.0 does not run on Node ${version}: it calls util.isNullOrUndefined, which Node 23 removed (tfjs issue 8609). Use Node 22`
    )
  }
}

/** Why loading failed, and what to do: the package, its native part or a library of the system may be missing. */
const loadProblem = (cause: unknown): string => {
  const { code, message } = cause instanceof Error
    ? (cause as Error & { readonly code?: unknown })
    : { code: undefined, message: String(cause) }
  const [reason = ""] = message.split("\n")
  if ((code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") && reason.includes(packageName)) {
    return `the optional package ${packageName} is not installed. Install it: npm install ${packageName}@4.22.0 (its installation downloads TensorFlow, several hundred megabytes)`
  }
  if (message.includes("tfjs_binding.node")) {
    return `${packageName} is installed without its native part, tfjs_binding.node. Build it: npm rebuild ${packageName} --build-addon-from-source`
  }
  if (code === "ERR_DLOPEN_FAILED") {
    return `a library that ${packageName} needs cannot be loaded: ${reason}. Install it, or name its folder in LD_LIBRARY_PATH`
  }
  return `${packageName} cannot be loaded: ${reason}`
}

const noGpuReason = (missing: ReadonlyArray<string>): string =>
  missing.length === 0
    ? "TensorFlow lists no CUDA device. It needs an NVIDIA GPU, its driver, CUDA 11.2 and cuDNN 8.1; with CUDA 12 it falls back to the processor"
    : `TensorFlow lists no CUDA device; not found: ${missing.join(", ")}. It needs the NVIDIA driver, CUDA 11.2 and cuDNN 8.1`

const start = async (options: NodeGpuOptions): Promise<StartedBackend> => {
  const { load = loadDefault, missingLibraries: findMissing = missingLibraries, nodeVersion = process.version, processor = "any" } = options
  assertNodeVersion(nodeVersion)
  try {
    await load()
  } catch (cause) {
    throw new Error(loadProblem(cause), { cause })
  }
  if (!(await tf.setBackend("tensorflow"))) throw new Error(`${packageName} was loaded but its backend did not start`)
  const { isUsingGpuDevice } = tf.backend() as TensorFlowBackend
  const reason = isUsingGpuDevice === true ? undefined : noGpuReason(findMissing(cudaLibraries))
  if (reason !== undefined && processor === "gpu") throw new Error(reason)
  return {
    info: {
      name: "nodeGpu",
      backend: "tensorflow",
      description: reason === undefined
        ? "TensorFlow on an NVIDIA GPU (CUDA)."
        : `TensorFlow's native library on the processor, all cores, NOT on a GPU: ${reason}.`,
      kernels: "composite"
    },
    ops: compositeOps(tf)
  }
}

/** The Device of native TensorFlow, once it has computed a small product and its gradient correctly. */
export const nodeGpuDevice = (options: NodeGpuOptions = {}): Effect.Effect<DeviceService, DeviceError> =>
  Effect.tap(tensorDevice("nodeGpu", () => start(options)), selfTest)

/** Layer of the Device of native TensorFlow, with what is asked of it. */
export const deviceNodeGpuWith = (options: NodeGpuOptions): Layer.Layer<Device, DeviceError> => Layer.effect(Device, nodeGpuDevice(options))

/**
 * Layer of the Device on an NVIDIA GPU through TensorFlow, which must be there: fails saying what is missing. With
 * `deviceNodeGpuWith({ processor: "any" })` it also serves as native code on the processor.
 */
export const deviceNodeGpu = deviceNodeGpuWith({ processor: "gpu" })

/** TensorFlow as an entry of the list of devices: without a GPU it would not be what its name says; the doctor looks at it there too. */
export const nodeGpu: DeviceModule = {
  named: nodeGpuDevice({ processor: "gpu" }),
  auto: nodeGpuDevice({ processor: "gpu" }),
  anywhere: nodeGpuDevice()
}
