/**
 * Whether what was installed works: tried in a process of its own, because a native library that fails may take its process along.
 *
 * @module
 */
import { Effect } from "effect"
import { FOLDER_VARIABLE } from "../../model/device/TensorFlowInstallation.ts"
import { InstallError } from "./InstallError.ts"
import { run } from "./Programs.ts"

const nodeGpuModule = new URL(`../../model/device/NodeGpu.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url).href

const tensorflowProgram = `
  import { Effect } from "effect"
  import { nodeGpuDevice } from ${JSON.stringify(nodeGpuModule)}
  const program = Effect.gen(function* () {
    const device = yield* nodeGpuDevice()
    const product = device.use("product", async (_ops, tf) => (await tf.matMul(tf.ones([256, 128]), tf.ones([128, 64])).data())[0])
    console.log(JSON.stringify({ description: device.info.description, product: yield* product }))
  })
  await Effect.runPromise(program)`

// Node opens the library, and then complains that it is none of its own modules: so it loads.
const openblasProgram = (library: string): string => `
  try {
    process.dlopen({ exports: {} }, ${JSON.stringify(library)})
  } catch (error) {
    if (!/did not self-register/.test(error.message)) throw error
  }
  console.log(JSON.stringify({ description: "It loads.", product: 128 }))`

const failed = (printed: string): InstallError =>
  new InstallError({
    reason: "Check",
    problem: `what was installed does not work: ${
      /^.*Error: (.*)$/m.exec(printed)?.[1] ?? (printed.trim().slice(-300) || "its process ended without a word")
    }`,
    advice: "Nothing of it was kept"
  })

const checkBy = Effect.fnUntraced(function* (program: string, env: Readonly<Record<string, string>>) {
  // Beside this module, so that the program finds the packages of this project.
  const ended = yield* run([process.execPath], ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program], {
    output: "kept",
    env,
    cwd: import.meta.dirname
  })
  const last = ended?.stdout.trim().split("\n").at(-1) ?? ""
  if (ended?.status !== 0 || !last.startsWith("{")) return yield* failed(ended?.stderr ?? "")
  const { description, product } = JSON.parse(last) as { readonly description: string; readonly product: number }
  return product === 128 ? description : yield* failed(`a product gave ${product} instead of 128`)
})

/** Starts the TensorFlow of a folder, multiplies with it, and returns what the device says of itself. */
export const checkTensorFlow = (folder: string) => checkBy(tensorflowProgram, { [FOLDER_VARIABLE]: folder })

/** Loads an OpenBLAS. */
export const checkOpenBlas = (library: string) => checkBy(openblasProgram(library), {})
