import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { afterAll, beforeAll } from "vitest"
import { deviceNodeGpuWith, nodeGpuDevice, type NodeGpuOptions } from "../../../src/model/device/NodeGpu.ts"
import { deviceLaws } from "../../../src/laws/device/DeviceLaws.ts"

/** The native backend as far as the device looks at it, computing in plain JavaScript. */
class StandIn extends MathBackendCPU {
  isUsingGpuDevice = false
}

const backend = new StandIn()
Object.assign(backend, { firstUse: false })

/** Registers the stand-in as loading the package registers the native backend; says whether it found a GPU. */
const finds = (isUsingGpuDevice: boolean) => async (): Promise<void> => {
  backend.isUsingGpuDevice = isUsingGpuDevice
}

beforeAll(() => {
  tf.registerBackend("tensorflow", () => backend, 0)
  tf.copyRegisteredKernels("cpu", "tensorflow")
})
afterAll(() => tf.removeBackend("tensorflow"))

const failure = (message: string, code?: string) => async (): Promise<never> => {
  throw Object.assign(new Error(message), code === undefined ? {} : { code })
}

const node22 = { nodeVersion: "v22.19.0" }
const refusal = (options: NodeGpuOptions) => Effect.map(Effect.flip(nodeGpuDevice({ ...node22, ...options })), ({ message }) => message)

describe("the nodeGpu device refuses, and says what to do,", () => {
  it.effect.each(["v23.0.0", "v24.4.1"])("on Node %s, before it loads anything", (nodeVersion) =>
    Effect.gen(function* () {
      const message = yield* refusal({ nodeVersion, load: failure("loaded all the same") })
      assert.include(message, `does not run on Node ${nodeVersion}`)
      assert.include(message, "tfjs issue 8609")
      assert.include(message, "Use Node 22")
    }))

  it.effect.each(
    [
      [
        "the package is absent",
        "Cannot find package '@tensorflow/tfjs-node-gpu' imported from NodeGpu.ts",
        "ERR_MODULE_NOT_FOUND",
        "npm install @tensorflow/tfjs-node-gpu@4.22.0"
      ],
      [
        "a package below it is absent",
        "Cannot find module 'adm-zip'\nRequire stack:\n- @tensorflow/tfjs-node-gpu/dist/index.js",
        "MODULE_NOT_FOUND",
        "cannot be loaded: Cannot find module 'adm-zip'"
      ],
      [
        "its native part is absent",
        "The Node.js native addon module (tfjs_binding.node) can not be found at path: lib/napi-v8/tfjs_binding.node.",
        undefined,
        "npm rebuild @tensorflow/tfjs-node-gpu --build-addon-from-source"
      ],
      [
        "a shared library is absent",
        "libtensorflow.so.2: cannot open shared object file: No such file or directory",
        "ERR_DLOPEN_FAILED",
        "libtensorflow.so.2: cannot open shared object file: No such file or directory. Install it"
      ]
    ] as const
  )("when %s", ([, message, code, advice]) =>
    Effect.gen(function* () {
      assert.include(yield* refusal({ load: failure(message, code) }), advice)
    }))

  it.effect("when TensorFlow found no CUDA device, naming the libraries that are missing", () =>
    Effect.gen(function* () {
      const message = yield* refusal({ processor: "gpu", load: finds(false), missingLibraries: () => ["libcuda.so.1", "libcudnn.so.8"] })
      assert.include(message, "lists no CUDA device; not found: libcuda.so.1, libcudnn.so.8")
      assert.include(
        yield* refusal({ processor: "gpu", load: finds(false), missingLibraries: () => [] }),
        "with CUDA 12 it falls back to the processor"
      )
    }))

  it.effect("when what it computes is wrong", () =>
    Effect.gen(function* () {
      const kernelFunc = tf.getKernel("BatchMatMul", "tensorflow").kernelFunc
      const replace = (replacement: typeof kernelFunc) => {
        tf.unregisterKernel("BatchMatMul", "tensorflow")
        tf.registerKernel({ kernelName: "BatchMatMul", backendName: "tensorflow", kernelFunc: replacement })
      }
      replace((call) => kernelFunc({ ...call, inputs: { a: call.inputs["a"]!, b: call.inputs["a"]! } }))
      const message = yield* refusal({ load: finds(true) })
      replace(kernelFunc)
      assert.include(message, "computed a 2×2 product and its gradient wrongly")
    }))
})

describe("the description of the nodeGpu device", () => {
  const description = (options: NodeGpuOptions) => Effect.map(nodeGpuDevice({ ...node22, ...options }), ({ info }) => info.description)

  it.effect("says when a GPU computes, and when it does not", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* description({ processor: "gpu", load: finds(true) }), "TensorFlow on an NVIDIA GPU (CUDA).")
      assert.include(
        yield* description({ load: finds(false), missingLibraries: () => ["libcuda.so.1"] }),
        "NOT on a GPU: TensorFlow lists no CUDA device; not found: libcuda.so.1"
      )
    }))
})

deviceLaws(
  "nodeGpu device, the native backend replaced by plain JavaScript",
  Layer.suspend(() => deviceNodeGpuWith({ ...node22, load: finds(true) }))
)
