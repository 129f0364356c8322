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
  binding: { readonly TF_Version?: string } = {}
}

const backend = new StandIn()
Object.assign(backend, { firstUse: false })

/** Registers the stand-in as loading the package registers the native backend; says whether it found a GPU, and its version. */
const finds = (isUsingGpuDevice: boolean, version?: string) => async (): Promise<void> => {
  backend.isUsingGpuDevice = isUsingGpuDevice
  backend.binding = version === undefined ? {} : { TF_Version: version }
}

beforeAll(() => {
  tf.registerBackend("tensorflow", () => backend, 0)
  tf.copyRegisteredKernels("cpu", "tensorflow")
})
afterAll(() => tf.removeBackend("tensorflow"))

const failure = (message: string, code?: string) => async (): Promise<never> => {
  throw Object.assign(new Error(message), code === undefined ? {} : { code })
}

const refusal = (options: NodeGpuOptions) => Effect.map(Effect.flip(nodeGpuDevice(options)), ({ message }) => message)

/** How this system installs TensorFlow, as far as messages name it. */
const isOurs = process.platform === "linux" && process.arch === "x64"
const install = isOurs ? "npx decision-sampling install-native tensorflow-gpu" : "npm install @tensorflow/tfjs-node-gpu@4.22.0"

describe("the nodeGpu device refuses, and says what to do,", () => {
  it.effect.each(
    [
      [
        "the package is absent",
        "Cannot find package '@tensorflow/tfjs-node-gpu' imported from NodeGpu.ts",
        "ERR_MODULE_NOT_FOUND",
        `native library is not installed. Install it: ${install}`
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
        `without its native part, tfjs_binding.node. Install it anew: ${install}`
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

  it.effect.each(
    [
      ["2.9.1", "CUDA 11.2 and cuDNN 8", "libcudart.so.11.0", "libcudnn.so.8"],
      ["2.20.0", "CUDA 12.5 and cuDNN 9", "libcudart.so.12", "libcudnn.so.9"]
    ] as const
  )(
    "when TensorFlow %s found no CUDA device, naming what that version needs and which libraries of it are missing",
    ([version, needs, runtime, cudnn]) =>
      Effect.gen(function* () {
        const asked: Array<string> = []
        const load = finds(false, version)
        const message = yield* refusal({
          processor: "gpu",
          load,
          missingLibraries: (names) => {
            asked.push(...names)
            return [names[0]!, cudnn]
          }
        })
        assert.include(
          message,
          `lists no CUDA device; not found: libcuda.so.1, ${cudnn}. TensorFlow ${version} needs the NVIDIA driver, ${needs}`
        )
        assert.includeMembers(asked, ["libcuda.so.1", runtime, cudnn])
        const nothingMissing = yield* refusal({ processor: "gpu", load, missingLibraries: () => [] })
        assert.include(
          nothingMissing,
          `though all its CUDA libraries are there. TensorFlow ${version} needs the NVIDIA driver, ${needs}, and an NVIDIA GPU`
        )
      })
  )

  it.effect.each([[undefined, "of unknown version"], ["2.16.1", "2.16.1"], ["2.200.0", "2.200.0"], ["3", "3"]] as const)(
    "when a TensorFlow that is not known here (%s) found no CUDA device, without inventing what it needs",
    ([version, name]) =>
      Effect.gen(function* () {
        const message = yield* refusal({ processor: "gpu", load: finds(false, version), missingLibraries: (names) => names })
        assert.include(message, `TensorFlow ${name} lists no CUDA device. Which CUDA this version was built with is not known here`)
        assert.notMatch(message, /lib\w+\.so|CUDA \d/)
      })
  )

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
  const description = (options: NodeGpuOptions) => Effect.map(nodeGpuDevice(options), ({ info }) => info.description)

  it.effect("says when a GPU computes, and when it does not", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* description({ processor: "gpu", load: finds(true) }), "TensorFlow on an NVIDIA GPU (CUDA).")
      assert.strictEqual(
        yield* description({ processor: "gpu", load: finds(true, "2.20.0") }),
        "TensorFlow 2.20.0 on an NVIDIA GPU (CUDA)."
      )
      assert.include(
        yield* description({ load: finds(false, "2.20.0"), missingLibraries: () => ["libcuda.so.1"] }),
        "NOT on a GPU: TensorFlow lists no CUDA device; not found: libcuda.so.1"
      )
    }))
})

deviceLaws(
  "nodeGpu device, the native backend replaced by plain JavaScript",
  Layer.suspend(() => deviceNodeGpuWith({ load: finds(true) }))
)
