import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Policy } from "../../../src/domain/Policy.ts"
import { onPolicy, Sampler } from "../../../src/domain/Sampler.ts"
import * as ModelLayer from "../../../src/model/ModelLayer.ts"
import { wasmDevice } from "../../../src/model/device/Wasm.ts"
import {
  describeComplaints,
  deviceWebGpu,
  type WebGpuBackendPackage,
  type WebGpuBindings,
  webGpuDevice,
  type WebGpuOptions
} from "../../../src/model/device/WebGpu.ts"
import { examine } from "../../../src/training/Doctor.ts"
import { deviceLaws } from "../../../src/laws/device/DeviceLaws.ts"

type Adapter = Awaited<ReturnType<ReturnType<WebGpuBindings["create"]>["requestAdapter"]>>

const adapter = (isFallbackAdapter: boolean): Adapter => ({
  info: { vendor: "acme", architecture: "", description: "Model 1", isFallbackAdapter },
  limits: {},
  requestDevice: () => Promise.reject(new Error("the stand-in has no device"))
})

/** Bindings whose fastest adapter and whose software adapter are these. */
const bindings = (fastest: Adapter, software: Adapter) => async (): Promise<WebGpuBindings> => ({
  create: () => ({ requestAdapter: async ({ forceFallbackAdapter }) => (forceFallbackAdapter === true ? software : fastest) }),
  globals: {}
})

/** The tensor library's part, which no refusal gets as far as using. */
const loadBackend = async () => ({}) as WebGpuBackendPackage

const absent = (name: string) => async (): Promise<never> => {
  throw Object.assign(new Error(`Cannot find package '${name}' imported from WebGpu.ts`), { code: "ERR_MODULE_NOT_FOUND" })
}

const refusal = (options: WebGpuOptions) =>
  Effect.map(Effect.flip(webGpuDevice({ missingLibraries: () => [], loadBackend, ...options })), ({ message }) => message).pipe(
    Effect.scoped
  )

describe("what a GPU reports", () => {
  it("is told in short: the first lines of a few, how many others there are, and what to do where memory ran out", () => {
    const full = "vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY\n - While calling [Device].CreateBuffer"
    const invalid = Array.from(
      { length: 1000 },
      (_, n) => `[Invalid Buffer ${n % 9}] is invalid due to a previous error.\n - While validating`
    )
    const told = describeComplaints([full, ...invalid])
    assert.match(
      told,
      /^vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY; \[Invalid Buffer 0\].*; and 7 more\. The GPU has no memory left: compute less/
    )
    assert.isBelow(told.length, 400)
    assert.strictEqual(describeComplaints(["a shader is wrong", "a shader is wrong"]), "a shader is wrong")
  })
})

describe("the webgpu device refuses, and says what to do,", () => {
  it.effect("when one of its two optional packages is absent, naming that one", () =>
    Effect.gen(function* () {
      const install = "npm install webgpu@0.6.2 @tensorflow/tfjs-backend-webgpu@4.22.0"
      const noBindings = yield* refusal({ loadBindings: absent("webgpu") })
      assert.include(noBindings, "optional package webgpu cannot be loaded")
      assert.include(noBindings, install)
      const noBackend = yield* refusal({ loadBindings: bindings(null, null), loadBackend: absent("@tensorflow/tfjs-backend-webgpu") })
      assert.include(noBackend, "optional package @tensorflow/tfjs-backend-webgpu cannot be loaded")
      assert.include(noBackend, install)
    }))

  it.effect("when the Vulkan loader is missing, before it loads anything", () =>
    Effect.gen(function* () {
      const message = yield* refusal({ missingLibraries: (names) => names, loadBindings: absent("loaded all the same") })
      assert.include(message, "libvulkan.so.1 is not installed")
      assert.notInclude(message, "loaded all the same")
    }))

  it.effect("when there is no adapter at all", () =>
    Effect.gen(function* () {
      for (const choice of ["any", "hardware", "software"] as const) {
        assert.include(yield* refusal({ adapter: choice, loadBindings: bindings(null, null) }), "WebGPU finds no adapter")
      }
    }))

  it.effect("when asked for hardware and all there is computes in software", () =>
    Effect.gen(function* () {
      const onlySoftware = bindings(adapter(true), adapter(true))
      assert.include(yield* refusal({ adapter: "hardware", loadBindings: onlySoftware }), "acme Model 1, computes in software")
      assert.include(yield* refusal({ adapter: "any", loadBindings: onlySoftware }), "the stand-in has no device")
    }))

  it.effect("and takes the fastest adapter before a software one, which it takes when asked", () =>
    Effect.gen(function* () {
      const both = bindings(adapter(false), null)
      assert.include(yield* refusal({ adapter: "any", loadBindings: both }), "the stand-in has no device")
      assert.include(yield* refusal({ adapter: "hardware", loadBindings: both }), "the stand-in has no device")
      assert.include(yield* refusal({ adapter: "software", loadBindings: both }), "WebGPU finds no adapter")
    }))
})

/** A program that computes on the GPU and then ends in some way; what it printed and its exit code. */
const program = (ending: string) => {
  const source = `
    import { Effect, Scope } from "effect"
    import { webGpuDevice } from ${JSON.stringify(new URL("../../../src/model/device/WebGpu.ts", import.meta.url).href)}
    const scope = Scope.makeUnsafe()
    const device = await Effect.runPromise(webGpuDevice().pipe(Scope.provide(scope)))
    const sum = device.use("sum", async (_ops, tf) => (await tf.sum(tf.ones([64, 64])).data())[0])
    console.log(await Effect.runPromise(sum))
    ${ending}`
  const { status, stdout } = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", source], {
    encoding: "utf8",
    timeout: 60_000
  })
  return { status, printed: stdout.trim() }
}

/** V8's own collector, which a process gets hold of only this way. */
const collectGarbage = (): void => {
  setFlagsFromString("--expose-gc")
  ;(runInNewContext("gc") as () => void)()
}

const isRun = process.env["TEST_WEBGPU"] === "1"

describe.skipIf(!isRun)(
  `the webgpu device on a driver${isRun ? "" : " (skipped: npm run test:webgpu looks for one and runs this)"}`,
  () => {
    deviceLaws("keeps the laws of all devices", deviceWebGpu)

    it.effect("samples, scores and differentiates the transformer policy as cpu does, to 1e-4", () =>
      Effect.gen(function* () {
        const { devices: [finding] } = yield* examine([{ name: "webgpu", device: webGpuDevice() }], wasmDevice)
        assert.isTrue(finding!.isUsable && finding!.measurement.agrees)
      }), 240_000)

    it.effect("works in a worker thread: a policy computed there samples as one on wasm does", () =>
      Effect.gen(function* () {
        const sampledOn = (device: "wasm" | "webgpu") =>
          Effect.gen(function* () {
            const policy = yield* Policy
            const parameters = (yield* policy.initialize(1)).map((value, i) => value + Math.sin(i) / 2)
            const requests = [1, 2, 3, 4].map((seed) => ({ prompt: [1, 2, 1], seed }))
            return (yield* (yield* Sampler).sample(parameters, requests, onPolicy)).map(({ tokens }) => tokens)
          }).pipe(Effect.provide(ModelLayer.layer({
            _tag: "Columns",
            transformer: { width: 8, layers: 1, heads: 2 },
            words: { _tag: "Arithmetic", radix: 2, maxAttempts: 2, context: "markov", positions: 12 }
          }, { device, threads: { workers: 1, shards: 2 } })))
        assert.deepStrictEqual(yield* sampledOn("webgpu"), yield* sampledOn("wasm"))
      }), 240_000)

    it.effect("fails a use during which the GPU reported an error, and works again in the next", () =>
      Effect.gen(function* () {
        const device = yield* webGpuDevice()
        const bad = device.use("bad", async (_ops, tf) => {
          const { device: gpu } = tf.backend() as unknown as { readonly device: { readonly createBuffer: (options: object) => unknown } }
          gpu.createBuffer({ size: 4, usage: 0 })
          return [...(await tf.matMul(tf.ones([64, 64]), tf.ones([64, 64])).data())]
        })
        assert.include((yield* Effect.flip(bad)).message, "the GPU reported: Buffer usages must not be 0")
        const good = yield* device.use("good", async (_ops, tf) => [...(await tf.matMul(tf.ones([64, 64]), tf.ones([64, 64])).data())])
        assert.deepStrictEqual(new Set(good), new Set([64]))
      }))

    it.effect("has the adapter's limits, which exceed the least that every GPU has, and gives the GPU back with the scope", () =>
      Effect.gen(function* () {
        const device = yield* Effect.scoped(Effect.gen(function* () {
          const device = yield* webGpuDevice()
          const size = yield* device.use(
            "limit",
            (_ops, tf) =>
              (tf.backend() as unknown as { readonly device: { readonly limits: { readonly maxStorageBufferBindingSize: number } } }).device
                .limits.maxStorageBufferBindingSize
          )
          assert.isAbove(size, 128 * 1024 * 1024)
          return device
        }))
        assert.include(
          (yield* Effect.flip(device.use("late", () => 0))).message,
          "not found in registry"
        )
      }))

    it.each([
      ["having given the GPU back", `import("effect").then(({ Exit }) => Effect.runPromise(Scope.close(scope, Exit.void)))`],
      ["still holding it", ""],
      ["by process.exit in the middle of a computation", "void Effect.runPromise(sum); process.exit(0)"]
    ])("a process ends by itself, with code 0, %s", (_, ending) => {
      assert.deepStrictEqual(program(ending), { status: 0, printed: "4096" })
    })

    it.effect("two devices live side by side through garbage collections", () =>
      Effect.gen(function* () {
        const [first, second] = [yield* webGpuDevice(), yield* webGpuDevice()]
        for (let n = 0; n < 5; n++) {
          collectGarbage()
          for (const device of [first, second]) {
            assert.strictEqual(yield* device.use("sum", async (_ops, tf) => (await tf.sum(tf.ones([64, 64])).data())[0]!), 4096)
          }
        }
      }))
  }
)
