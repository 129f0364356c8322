/**
 * The device of one core with SIMD: the tensor library's WebAssembly backend, with our fused kernels on its memory and, where there is one, a BLAS for its products.
 *
 * @module
 */
import { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import * as tf from "@tensorflow/tfjs-core"
import type { KernelFunc } from "@tensorflow/tfjs-core"
import { type Effect, Layer } from "effect"
import { Device, type DeviceError, type DeviceService } from "./Device.ts"
import { type Blas, findBlas } from "./Blas.ts"
import { compositeOps } from "./CompositeOps.ts"
import { flawOf, nativeProducts } from "./NativeProducts.ts"
import type { ProductChoice } from "./Products.ts"
import { type StartedBackend, tensorDevice } from "./TensorDevice.ts"
import { type KernelBuild, linkKernels, type MultiplyMatrices, type WasmKernels } from "./WasmKernels.ts"
import { wasmChoices } from "./WasmChoices.ts"
import { addProducts, fusedMatMul, ownProducts, transposedMatMul } from "./WasmMatMul.ts"
import { wasmOps } from "./WasmOps.ts"
import type { DeviceModule } from "./DeviceName.ts"

const processEvents = ["uncaughtException", "unhandledRejection"] as const

const guarded = new WeakSet<object>()

/** The largest memory of a WebAssembly module with pointers of 32 bits. */
const MOST_BYTES = 2 ** 32

/** The allocator of the backend's module (tfjs 4.22). */
interface Allocator {
  readonly _malloc: (bytes: number) => number
  readonly _free: (pointer: number) => void
}

/**
 * Makes the backend's allocator fail aloud. As it comes it answers 0 where the memory is full, a size beyond 32 bits is cut down to them, and the tensor library then
 * writes over whatever lies there.
 */
const guardAllocation = (backend: BackendWasm): void => {
  const module = backend.wasm as unknown as Allocator
  if (guarded.has(module)) return
  guarded.add(module)
  const { _free: free, _malloc: first } = module
  // At its first call the module's function puts another in its own place.
  free(first(1))
  const { _malloc: allocate } = module
  const checked: Pick<Allocator, "_malloc"> = {
    _malloc: (bytes) => {
      const pointer = bytes < MOST_BYTES ? allocate(bytes) : 0
      if (pointer !== 0 || bytes === 0) return pointer
      throw new Error(
        `the memory of WebAssembly, 4 GiB at most, is full: ${
          Math.ceil(bytes / 2 ** 20)
        } MiB more do not fit. Use a smaller model, or less of it at once (limits), or another device`
      )
    }
  }
  Object.assign(module, checked)
}

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
  if (started && backend instanceof BackendWasm) {
    guardAllocation(backend)
    return backend
  }
  throw new Error("The WebAssembly backend of the tensor library did not start.")
}

/**
 * What multiplies matrices, and with it the kernels of all else: see `ProductChoice`; `none` are the tensor library's own. What a Node cannot run
 * falls back to the next, except `native`, which is refused where there is no BLAS.
 */
export type WasmKernelChoice = ProductChoice | "none"

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

const startFused = (
  variant: string,
  backend: BackendWasm,
  kernels: WasmKernels,
  multiplyMatrices: MultiplyMatrices,
  blas?: Pick<Blas, "name" | "path">
): StartedBackend => {
  registerVariant(variant, backend, fusedMatMul(kernels, multiplyMatrices))
  const own = `own kernels ${kernels.relaxed ? "with" : "without"} fused multiply-add`
  return {
    info: {
      name: "wasm",
      backend: variant,
      description: `WebAssembly SIMD on one core, ${own}${blas === undefined ? "" : `; matrix products by ${blas.name} (${blas.path})`}.`,
      kernels: "fused",
      products: blas === undefined
        ? { kind: kernels.relaxed ? "relaxed" : "simd", by: own }
        : { kind: "native", by: blas.name, path: blas.path },
      cores: 1
    },
    ops: {
      ...wasmOps(kernels, variant),
      addProduct: addProducts(kernels, multiplyMatrices),
      filled: (shape, fill) => {
        const made = kernels.output(shape)
        fill(kernels.view(kernels.pointer(made), tf.util.sizeFromShape(made.shape)))
        return tf.engine().makeTensorFromTensorInfo(made)
      },
      choiceScores: wasmChoices(kernels, multiplyMatrices)
    }
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
      products: { kind: "library", by: "the tensor library's kernels" },
      cores: 1
    },
    ops: compositeOps(tf)
  }
}

const startOwn = async (choice: KernelBuild | "none"): Promise<StartedBackend> => {
  const backend = await startBackend()
  const kernels = choice === "none" ? "as asked" : linkKernels(backend, choice)
  const variant = `wasm-${choice}`
  return typeof kernels === "string"
    ? startComposite(variant, backend, kernels)
    : startFused(variant, backend, kernels, ownProducts(kernels))
}

/** The device with a BLAS, or why there is none. Libraries that are there and cannot be used are named in either case. */
const startNative = async (): Promise<
  { readonly started?: StartedBackend; readonly missing: string; readonly refused: ReadonlyArray<string> }
> => {
  const backend = await startBackend()
  const kernels = linkKernels(backend, "relaxed")
  if (typeof kernels === "string") return { missing: kernels, refused: [] }
  const own = ownProducts(kernels)
  const { blas, foreign, missing, refusals } = await findBlas({ flaw: (blas, foreign) => flawOf(kernels, blas, foreign, own) })
  const refused = refusals.map((refusal) => `Not used: ${refusal}`)
  if (blas === undefined || foreign === undefined) return { missing, refused }
  const started = startFused("wasm-native", backend, kernels, nativeProducts(kernels, blas, foreign, own), blas)
  return { started, missing, refused }
}

const withRemarks = ({ info, ...rest }: StartedBackend, remarks: ReadonlyArray<string>): StartedBackend => ({
  ...rest,
  info: { ...info, description: [info.description, ...remarks.map((remark) => `${remark}.`)].join(" ") }
})

let native: ReturnType<typeof startNative> | undefined

const start = async (choice: WasmKernelChoice): Promise<StartedBackend> => {
  if (choice !== "auto" && choice !== "native") return startOwn(choice)
  native ??= startNative()
  const { missing, refused, started: withBlas } = await native
  if (withBlas !== undefined) return withRemarks(withBlas, refused)
  if (choice === "native") throw new Error([`Native products were asked for: ${missing}`, ...refused].join(". "))
  return withRemarks(await startedOnce("relaxed"), refused)
}

const started = new Map<WasmKernelChoice, Promise<StartedBackend>>()

/** All devices of one choice share one backend. */
const startedOnce = (choice: WasmKernelChoice): Promise<StartedBackend> => {
  const running = started.get(choice) ?? start(choice)
  started.set(choice, running)
  return running
}

/** The Device of WebAssembly with the products and kernels chosen. Started once per process or worker; all its layers share that. */
export const wasmDeviceWith = (choice: WasmKernelChoice): Effect.Effect<DeviceService, DeviceError> =>
  tensorDevice("wasm", () => startedOnce(choice))

/** The Device of WebAssembly with the products of a BLAS where one is found, else with the fastest kernels this Node runs. */
export const wasmDevice = wasmDeviceWith("auto")

/** Layer of the Device in WebAssembly: works wherever Node does; the default. Which products it has decides the last bits; see `deviceWasmWith`. */
export const deviceWasm = Layer.effect(Device, wasmDevice)

/** Layer of the Device in WebAssembly with the products and kernels chosen. */
export const deviceWasmWith = (choice: WasmKernelChoice): Layer.Layer<Device, DeviceError> => Layer.effect(Device, wasmDeviceWith(choice))

/** WebAssembly as an entry of the list of devices. */
export const wasm: DeviceModule = { named: wasmDevice, withProducts: wasmDeviceWith, auto: wasmDevice, anywhere: wasmDevice }
