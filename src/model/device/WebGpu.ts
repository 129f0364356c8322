/**
 * The device that computes through WebGPU, on a GPU or, where that is allowed, in software. Its packages are optional.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core"
import type { KernelBackend } from "@tensorflow/tfjs-core"
import { type Effect, Layer, type Scope } from "effect"
import { Device, type DeviceError, type DeviceService } from "./Device.ts"
import { compositeOps } from "./CompositeOps.ts"
import { missingLibraries } from "./SharedLibraries.ts"
import { scopedTensorDevice, type StoppableBackend } from "./TensorDevice.ts"
import type { DeviceModule } from "./DeviceName.ts"

/** The part of the WebGPU interface in use; its type declarations come with the optional packages. */
interface GpuDevice {
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>
  readonly addEventListener: (event: "uncapturederror", listener: (event: { readonly error: { readonly message: string } }) => void) => void
  readonly destroy: () => void
}

interface GpuAdapter {
  readonly info: {
    readonly vendor: string
    readonly architecture: string
    readonly description: string
    readonly isFallbackAdapter?: boolean
  }
  readonly limits: Readonly<Record<string, unknown>>
  readonly requestDevice: (options: { readonly requiredLimits: Readonly<Record<string, number>> }) => Promise<GpuDevice>
}

interface Gpu {
  readonly requestAdapter: (
    options: { readonly powerPreference?: string; readonly forceFallbackAdapter?: boolean }
  ) => Promise<GpuAdapter | null>
}

/** The package `webgpu`: Google's implementation of WebGPU (Dawn) for Node. */
export interface WebGpuBindings {
  readonly create: (flags: Array<string>) => Gpu
  readonly globals: object
}

/** The package `@tensorflow/tfjs-backend-webgpu`; loading it registers its kernels. */
export interface WebGpuBackendPackage {
  readonly WebGPUBackend: new(device: GpuDevice, info: GpuAdapter["info"]) => KernelBackend
}

/**
 * Which adapter computes: `any` takes the fastest there is, a software one if need be; `hardware` refuses a software
 * one, which is slower than the wasm device; `software` asks for one, to test without a GPU.
 */
export type WebGpuAdapterChoice = "any" | "hardware" | "software"

/** How to find the GPU. The loaders and the search for libraries can be replaced in tests. */
export interface WebGpuOptions {
  readonly adapter?: WebGpuAdapterChoice
  readonly loadBindings?: () => Promise<WebGpuBindings>
  readonly loadBackend?: () => Promise<WebGpuBackendPackage>
  readonly missingLibraries?: (names: ReadonlyArray<string>) => ReadonlyArray<string>
}

// Named by constants, not literals: the packages are optional, and their absence must be no type error either.
const [bindingsPackage, backendPackage] = ["webgpu", "@tensorflow/tfjs-backend-webgpu"]
const loadDefaultBindings = (): Promise<WebGpuBindings> => import(bindingsPackage) as Promise<WebGpuBindings>
const loadDefaultBackend = (): Promise<WebGpuBackendPackage> => import(backendPackage) as Promise<WebGpuBackendPackage>

const install = `npm install ${bindingsPackage}@0.6.2 ${backendPackage}@4.22.0`

const load = async <A>(name: string, loader: () => Promise<A>): Promise<A> => {
  try {
    return await loader()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/( imported from |\n).*$/s, "") : String(cause)
    throw new Error(`the optional package ${name} cannot be loaded (${reason}). Install it: ${install}`, { cause })
  }
}

const requestAdapter = async (gpu: Gpu, choice: WebGpuAdapterChoice): Promise<GpuAdapter> => {
  const fastest = choice === "software" ? null : await gpu.requestAdapter({ powerPreference: "high-performance" })
  const adapter = fastest ?? (choice === "hardware" ? null : await gpu.requestAdapter({ forceFallbackAdapter: true }))
  if (adapter === null) {
    throw new Error(
      "WebGPU finds no adapter: no GPU, or no driver for it. On Linux it needs a Vulkan driver; VK_ICD_FILENAMES may name one"
    )
  }
  if (choice === "hardware" && adapter.info.isFallbackAdapter === true) {
    throw new Error(
      `the only WebGPU adapter, ${nameOf(adapter)}, computes in software, slower than the wasm device; deviceWebGpu takes it all the same`
    )
  }
  return adapter
}

const nameOf = ({ info }: GpuAdapter): string =>
  [info.vendor, info.architecture, info.description].filter((part) => part !== "").join(" ") || "an adapter that does not say its name"

/** All limits of the adapter: by default a device gets the least that every GPU has, 128 MiB for a tensor. */
const allLimits = ({ limits }: GpuAdapter): Readonly<Record<string, number>> => {
  const numbers: Record<string, number> = {}
  // A loop over inherited properties: limits are getters of the class.
  for (const name in limits) if (typeof limits[name] === "number") numbers[name] = limits[name]
  return numbers
}

/** Makes the tensor library's backend, which wants to see a browser's `navigator.gpu` while it is made. */
const makeBackend = ({ WebGPUBackend }: WebGpuBackendPackage, gpu: Gpu, device: GpuDevice, adapter: GpuAdapter): KernelBackend => {
  Object.defineProperty(navigator, "gpu", { value: gpu, configurable: true })
  try {
    return new WebGPUBackend(device, adapter.info)
  } finally {
    Reflect.deleteProperty(navigator, "gpu")
  }
}

/**
 * The entries to WebGPU made so far, held for good: the native library aborts the process when one is collected while a
 * GPU device found through it still computes.
 */
const entries: Array<Gpu> = []

let started = 0

/** Registers the backend under a name of its own, so that each scope has, and destroys, a GPU device of its own. */
const register = async (backend: KernelBackend): Promise<string> => {
  const name = `webgpu-${++started}`
  tf.registerBackend(name, () => backend, 0)
  tf.copyRegisteredKernels("webgpu", name)
  await tf.setBackend(name)
  return name
}

const unregister = (name: string): void => {
  tf.removeBackend(name)
  for (const { kernelName } of tf.getKernelsForBackend(name)) tf.unregisterKernel(kernelName, name)
}

/** Complaints that are told; one fault makes everything after it invalid, by the thousand. */
const TOLD = 3

/** What a GPU reported, in short: each first line once. */
export const describeComplaints = (complaints: ReadonlyArray<string>): string => {
  const lines = [...new Set(complaints.map((complaint) => complaint.trim().split("\n")[0]!))]
  const rest = lines.length > TOLD ? `; and ${lines.length - TOLD} more` : ""
  const isFull = complaints.some((complaint) => /OUT_OF_DEVICE_MEMORY|out of memory/i.test(complaint))
  const advice = isFull
    ? ". The GPU has no memory left: compute less at once (tokens and rows of the model's limits), or end what else uses it"
    : ""
  return `${lines.slice(0, TOLD).join("; ")}${rest}${advice}`
}

const start = async (options: WebGpuOptions): Promise<StoppableBackend> => {
  const missing = (options.missingLibraries ?? missingLibraries)(["libvulkan.so.1"])
  if (missing.length > 0) {
    throw new Error(
      "the Vulkan loader libvulkan.so.1 is not installed (Debian and Ubuntu: apt-get install libvulkan1), so WebGPU finds no GPU"
    )
  }
  const { create, globals } = await load(bindingsPackage, options.loadBindings ?? loadDefaultBindings)
  const library = await load(backendPackage, options.loadBackend ?? loadDefaultBackend)
  Object.assign(globalThis, globals)
  const gpu = create([])
  entries.push(gpu)
  const adapter = await requestAdapter(gpu, options.adapter ?? "any")
  const device = await adapter.requestDevice({ requiredLimits: allLimits(adapter) })
  const complaints: Array<string> = []
  device.addEventListener("uncapturederror", ({ error }) => complaints.push(error.message))
  void device.lost.then(({ message, reason }) => complaints.push(`the GPU was lost (${reason}): ${message}`))
  try {
    const backend = await register(makeBackend(library, gpu, device, adapter))
    const isSoftware = adapter.info.isFallbackAdapter === true
    return {
      info: {
        name: "webgpu",
        backend,
        description: isSoftware
          ? `WebGPU on ${nameOf(adapter)}, which computes in software: for tests, far slower than the wasm device.`
          : `WebGPU on ${nameOf(adapter)}, with the tensor library's kernels.`,
        kernels: "composite"
      },
      ops: compositeOps(tf),
      problem: () => (complaints.length === 0 ? undefined : `the GPU reported: ${describeComplaints(complaints.splice(0))}`),
      stop: async () => {
        unregister(backend)
        device.destroy()
      }
    }
  } catch (cause) {
    device.destroy()
    throw cause
  }
}

/** The Device on a GPU through WebGPU; the GPU is given back when the scope closes. */
export const webGpuDevice = (options: WebGpuOptions = {}): Effect.Effect<DeviceService, DeviceError, Scope.Scope> =>
  scopedTensorDevice("webgpu", () => start(options))

/** Layer of the Device on a GPU through WebGPU, any vendor's. Needs two optional packages; fails saying which is missing. */
export const deviceWebGpuWith = (options: WebGpuOptions): Layer.Layer<Device, DeviceError> => Layer.effect(Device, webGpuDevice(options))

/** Layer of the Device on the fastest WebGPU adapter there is, a software one if there is no other. */
export const deviceWebGpu = deviceWebGpuWith({})

/** WebGPU as an entry of the list of devices: asked for by name it may compute in software, for `auto` only on a real GPU. */
export const webGpu: DeviceModule = {
  named: webGpuDevice(),
  auto: webGpuDevice({ adapter: "hardware" }),
  anywhere: webGpuDevice()
}
