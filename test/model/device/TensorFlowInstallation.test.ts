import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { nodeGpuDevice } from "../../../src/model/device/NodeGpu.ts"
import {
  FOLDER_VARIABLE,
  LIBRARY_MODULE,
  LIBRARY_PACKAGES,
  loadTensorFlow,
  MANIFEST,
  supplyRemovedUtilities,
  tensorFlowFolder
} from "../../../src/model/device/TensorFlowInstallation.ts"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tensorflow-"))
  vi.stubEnv("XDG_CACHE_HOME", folder)
  vi.stubEnv(FOLDER_VARIABLE, "")
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

const write = (path: string, content: string): void => {
  mkdirSync(join(path, ".."), { recursive: true })
  writeFileSync(path, content)
}

const home = (): string => join(folder, "decision-sampling", "tensorflow")
const manifest = (build: "cpu" | "gpu"): string => JSON.stringify({ tensorflow: "2.20.0", build, files: {} })

describe.skipIf(process.platform !== "linux")("the TensorFlow in use", () => {
  it("is none where nothing was installed, nor where the installation was deleted", () => {
    expect(tensorFlowFolder()).toBeUndefined()
    write(join(home(), "current"), "2.20.0-cpu\n")
    expect(tensorFlowFolder()).toBeUndefined()
    mkdirSync(join(home(), "2.20.0-cpu"))
    expect(tensorFlowFolder(), "a folder without its manifest is half-made").toBeUndefined()
  })

  it("is the one installed last, or the one that the variable names", () => {
    write(join(home(), "current"), "2.20.0-cpu\n")
    write(join(home(), "2.20.0-cpu", MANIFEST), manifest("cpu"))
    write(join(home(), "2.9.1-cpu", MANIFEST), manifest("cpu"))
    expect(tensorFlowFolder()).toBe(join(home(), "2.20.0-cpu"))
    vi.stubEnv(FOLDER_VARIABLE, join(home(), "2.9.1-cpu"))
    expect(tensorFlowFolder()).toBe(join(home(), "2.9.1-cpu"))
    vi.stubEnv(FOLDER_VARIABLE, relative(process.cwd(), join(home(), "2.9.1-cpu")))
    expect(tensorFlowFolder(), "a whole path, by which modules are loaded").toBe(join(home(), "2.9.1-cpu"))
    vi.stubEnv(FOLDER_VARIABLE, home())
    expect(() => tensorFlowFolder()).toThrow(`${FOLDER_VARIABLE} names ${home()}, which holds no TensorFlow`)
  })

  it("is loaded with the tensor library of this process, from wherever its folder lies", () => {
    const [packageFolder, modules] = [join(folder, "package", "dist"), join(folder, "node_modules")]
    write(join(folder, "lib", "tfjs_binding.node", "index.js"), `module.exports = { TF_Version: "2.20.0" }`)
    for (const name of LIBRARY_PACKAGES) write(join(modules, name, "index.js"), LIBRARY_MODULE)
    write(
      join(packageFolder, "register_all_kernels.js"),
      `require("@tensorflow/tfjs-core").registerKernel({ kernelName: "Made", backendName: "tensorflow", kernelFunc: () => [] })`
    )
    write(
      join(packageFolder, "nodejs_kernel_backend.js"),
      `const tf = require("@tensorflow/tfjs")
      exports.NodeJSKernelBackend = class extends tf.KernelBackend { constructor(binding) { super(); this.binding = binding } dispose() {} }`
    )
    loadTensorFlow(folder, tf)
    expect(tf.getKernel("Made", "tensorflow")).toBeDefined()
    const backend = tf.findBackend("tensorflow") as tf.KernelBackend & { readonly binding: unknown }
    expect(backend).toBeInstanceOf(tf.KernelBackend)
    expect(backend.binding).toEqual({ TF_Version: "2.20.0" })
    // Again: the engine would complain of a second registration.
    loadTensorFlow(folder, tf)
    tf.unregisterKernel("Made", "tensorflow")
    tf.removeBackend("tensorflow")
  })

  it("says how to install it anew where its native part is gone", async () => {
    vi.stubEnv(FOLDER_VARIABLE, folder)
    write(join(folder, MANIFEST), manifest("gpu"))
    const { message } = await Effect.runPromise(Effect.flip(nodeGpuDevice()))
    expect(message).toContain("TensorFlow is installed without its native part")
  })
})

describe("what Node removed from node:util", () => {
  it("is there for CommonJS modules, and means what it did", () => {
    supplyRemovedUtilities()
    const util = process.getBuiltinModule("node:util") as unknown as Readonly<Record<string, (value: unknown) => boolean>>
    expect([null, undefined, 0, "", false].map((value) => util["isNullOrUndefined"]!(value))).toEqual([true, true, false, false, false])
    expect([[], {}, "a"].map((value) => util["isArray"]!(value))).toEqual([true, false, false])
  })
})
