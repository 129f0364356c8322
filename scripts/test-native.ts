// Runs the device laws on native libraries that it installs for this: TensorFlow for processors, and OpenBLAS under the wasm device. They
// are kept between runs, in a folder of the user's cache of their own, so that no device in use changes. Says aloud why where they cannot be
// had (no pip, no compiler, no package index, another system); that is not a failure unless asked for with --required.
//
//     npm run test:native -- [--tensorflow 2.9.1] [--from FOLDER] [--required]
//     npm run test:native -- --gpu [--required]
//
// With --gpu: the laws on an NVIDIA GPU, by the TensorFlow that `install-native tensorflow-gpu` has put into use; nothing is installed.
import { Effect, Result } from "effect"
import { spawnSync } from "node:child_process"
import { globSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { type Target, TENSORFLOWS } from "../src/cli/native/Downloads.ts"
import { install } from "../src/cli/native/Install.ts"
import type { InstallReason } from "../src/cli/native/InstallError.ts"
import { nodeGpuDevice } from "../src/model/device/NodeGpu.ts"
import { nativeFolder } from "../src/model/device/NativeFolder.ts"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")

const { values: { from, gpu, required, tensorflow: asked } } = parseArgs({
  options: {
    tensorflow: { type: "string", default: TENSORFLOWS[0] },
    from: { type: "string" },
    required: { type: "boolean", default: false },
    gpu: { type: "boolean", default: false }
  }
})
const tensorflow = TENSORFLOWS.find((version) => version === asked)
if (tensorflow === undefined) {
  console.error(`--tensorflow is ${asked}; expected one of ${TENSORFLOWS.join(", ")}`)
  process.exit(1)
}

/** What a machine may lack without anything being wrong with the library. */
const LACKS: ReadonlyArray<InstallReason> = ["Platform", "Program", "Download", "Disk"]

const testsLike = (pattern: string) => globSync(`test/model/device/${pattern}.test.ts`, { cwd: root })

const run = (files: ReadonlyArray<string>, environment: Readonly<Record<string, string>>): boolean =>
  spawnSync(process.execPath, [join(root, "node_modules", "vitest", "vitest.mjs"), "run", ...files], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...environment }
  }).status === 0

/** The laws on a GPU, where the TensorFlow in use finds one. */
const testOnGpu = async (): Promise<boolean> => {
  const device = await Effect.runPromise(Effect.result(nodeGpuDevice({ processor: "gpu" })))
  if (Result.isFailure(device)) {
    console.log(`Tests on a GPU SKIPPED: ${device.failure.message}`)
    return !required
  }
  console.log(`Tests on ${device.success.info.description}`)
  return run(testsLike("TensorFlowGpu"), { TEST_TENSORFLOW_GPU: "1" })
}

/** Installs a library and runs the test files, with the environment that names it. */
const testOn = async (target: Target, files: ReadonlyArray<string>, environment: (folder: string) => Readonly<Record<string, string>>) => {
  if (files.length === 0) {
    console.log(`Tests on ${target} SKIPPED: there are none.`)
    return !required
  }
  const request = { target, tensorflow, withCuda: false, isForced: false, root: nativeFolder("test") }
  const done = await Effect.runPromise(Effect.result(install(from === undefined ? request : { ...request, from })))
  if (Result.isFailure(done)) {
    const { message, reason } = done.failure
    const isLack = LACKS.includes(reason)
    console.log(`Tests on ${target} ${isLack ? "SKIPPED" : "FAILED"}: ${message}`)
    return isLack && !required
  }
  const { description, folder, title } = done.success
  console.log(`Tests on ${title}: ${description}`)
  return run(files, environment(folder))
}

const openblas = (folder: string) => join(folder, `libscipy_openblas.${process.platform === "win32" ? "dll" : "so"}`)

const passed = gpu ? [await testOnGpu()] : [
  await testOn("tensorflow", testsLike("TensorFlowNative"), (folder) => ({ TEST_TENSORFLOW: "1", DECISION_SAMPLING_TENSORFLOW: folder })),
  await testOn("openblas", [...new Set([...testsLike("Wasm*Native*"), ...testsLike("*Blas*")])], (folder) => ({
    DECISION_SAMPLING_BLAS: openblas(folder)
  }))
]
process.exit(passed.every((each) => each) ? 0 : 1)
