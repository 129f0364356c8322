/**
 * The device that computes with native TensorFlow, on CUDA where there is a GPU. It is optional; what is missing is said in plain words.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Layer } from "effect"
import { cudaNeeds } from "./Cuda.ts"
import { Device, type DeviceError, type DeviceService } from "./Device.ts"
import { compositeOps } from "./CompositeOps.ts"
import { nodeBuiltin } from "./NodeBuiltins.ts"
import { selfTest } from "./SelfTest.ts"
import { missingLibraries } from "./SharedLibraries.ts"
import { loadTensorFlow, readManifest, supplyRemovedUtilities, tensorFlowFolder } from "./TensorFlowInstallation.ts"
import { type StartedBackend, tensorDevice } from "./TensorDevice.ts"
import type { DeviceModule } from "./DeviceName.ts"

/** How to find TensorFlow. Everything but `processor` can be replaced in tests. */
export interface NodeGpuOptions {
  /** `gpu` refuses to run without a CUDA device; `any` then computes on the processor, natively, and says so. */
  readonly processor?: "gpu" | "any"
  /** Loads the native library, which registers its backend, "tensorflow". */
  readonly load?: () => Promise<unknown>
  /** Which of these shared libraries are in none of the places they are loaded from. */
  readonly missingLibraries?: (names: ReadonlyArray<string>) => ReadonlyArray<string>
}

// A constant, not a literal: the package is optional, and its absence must be no type error either.
const packageName = "@tensorflow/tfjs-node-gpu"
const command = "npx decision-sampling install-native tensorflow-gpu"

/** How to get TensorFlow: our command where it works, else the package, whose own installation brings TensorFlow 2.9.1. */
const install = process.platform === "linux" && process.arch === "x64"
  ? `${command} (with CUDA too: --with-cuda; --dry-run says what it downloads)`
  : `npm install ${packageName}@4.22.0 (its installation downloads TensorFlow 2.9.1, several hundred megabytes)`

/** The installation of `install-native`, else the package of npm with what its own installation brought. */
const loadDefault = async (): Promise<unknown> => {
  const folder = tensorFlowFolder()
  if (folder !== undefined) return loadTensorFlow(folder, tf)
  supplyRemovedUtilities()
  return import(packageName)
}

/** Where an installation of `install-native` keeps NVIDIA's libraries, if it has them; TensorFlow's own search path names the same folders. */
const bundledCuda = (): ReadonlyArray<string> => {
  const folder = tensorFlowFolder()
  return folder === undefined ? [] : nodeBuiltin("node:fs", "looking for CUDA").globSync(`${folder}/nvidia/*/lib`)
}

const missingDefault = (names: ReadonlyArray<string>): ReadonlyArray<string> =>
  missingLibraries(names, [process.env["LD_LIBRARY_PATH"] ?? "", ...bundledCuda()].join(":"))

/** What the backend says of itself: whether TensorFlow found a GPU (without one it uses the processor, silently), and its version. */
interface TensorFlowBackend {
  readonly isUsingGpuDevice?: boolean
  readonly binding?: { readonly TF_Version?: string }
}

/** Why loading failed, and what to do: the package, its native part or a library of the system may be missing. */
const loadProblem = (cause: unknown): string => {
  const { code, message } = cause instanceof Error
    ? (cause as Error & { readonly code?: unknown })
    : { code: undefined, message: String(cause) }
  const [reason = ""] = message.split("\n")
  if ((code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") && reason.includes(packageName)) {
    return `TensorFlow's native library is not installed. Install it: ${install}`
  }
  if (message.includes("tfjs_binding.node") && code !== "ERR_DLOPEN_FAILED") {
    return `TensorFlow is installed without its native part, tfjs_binding.node. Install it anew: ${install}`
  }
  if (code === "ERR_DLOPEN_FAILED") {
    return `a library that TensorFlow needs cannot be loaded: ${reason}. Install it, or name its folder in LD_LIBRARY_PATH`
  }
  return `TensorFlow cannot be loaded: ${reason}`
}

/** Whether the TensorFlow that is loaded by default was built without GPUs. */
const isBuiltForProcessors = (): boolean => {
  const folder = tensorFlowFolder()
  return folder !== undefined && readManifest(folder).build === "cpu"
}

/** Why TensorFlow of this version uses no GPU. */
const noGpuReason = (version: string | undefined, findMissing: (names: ReadonlyArray<string>) => ReadonlyArray<string>): string => {
  const needs = cudaNeeds(version)
  if (needs === undefined) {
    return `TensorFlow ${
      version ?? "of unknown version"
    } lists no CUDA device. Which CUDA this version was built with is not known here; its own messages on standard error name what it misses`
  }
  const { cuda, cudnn, libraries } = needs
  const missing = findMissing(libraries)
  const wants = `TensorFlow ${version} needs the NVIDIA driver, CUDA ${cuda} and cuDNN ${cudnn}`
  return missing.length === 0
    ? `TensorFlow lists no CUDA device, though all its CUDA libraries are there. ${wants}, and an NVIDIA GPU that this version has code for`
    : `TensorFlow lists no CUDA device; not found: ${missing.join(", ")}. ${wants}`
}

/** Whether products of float32 matrices keep only the 10 bits of TF32: 1 + 2⁻¹⁵ is 1 there. */
const multipliesInTf32 = async (): Promise<boolean> => {
  const product = tf.tidy(() => tf.matMul(tf.mul(tf.ones([256, 256]), 1 + 2 ** -15), tf.eye(256)))
  const [value] = await product.data()
  product.dispose()
  return value === 1
}

/** What asks NVIDIA's libraries to multiply in TF32 (1) or not to (0). They read it when they start, from the process's environment. */
const TF32_VARIABLE = "NVIDIA_TF32_OVERRIDE"

const start = async (options: NodeGpuOptions): Promise<StartedBackend> => {
  const { load = loadDefault, missingLibraries: findMissing = missingDefault, processor = "any" } = options
  try {
    await load()
  } catch (cause) {
    throw new Error(loadProblem(cause), { cause })
  }
  if (!(await tf.setBackend("tensorflow"))) throw new Error("TensorFlow was loaded but its backend did not start")
  const { binding, isUsingGpuDevice } = tf.backend() as TensorFlowBackend
  const version = binding?.TF_Version
  const reason = isUsingGpuDevice === true
    ? undefined
    : options.load === undefined && isBuiltForProcessors()
    ? `this is TensorFlow's build for processors; ${command} installs the one for NVIDIA GPUs`
    : noGpuReason(version, findMissing)
  if (reason !== undefined && processor === "gpu") throw new Error(reason)
  const isTf32 = reason === undefined && (await multipliesInTf32())
  if (isTf32 && process.env[TF32_VARIABLE] !== "1") {
    throw new Error(
      `TensorFlow multiplies float32 matrices in TF32 here, with 10 of their 23 bits. Set ${TF32_VARIABLE}=0 before the process starts (a worker thread's own environment does not reach TensorFlow), or 1 to have it so`
    )
  }
  const name = version === undefined ? "TensorFlow" : `TensorFlow ${version}`
  return {
    info: {
      name: "nodeGpu",
      backend: "tensorflow",
      description: reason === undefined
        ? `${name} on an NVIDIA GPU (CUDA)${isTf32 ? `, products in TF32 (10 bits), as ${TF32_VARIABLE}=1 asks` : ""}.`
        : `${name}'s native library on the processor, all cores, NOT on a GPU: ${reason}.`,
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
