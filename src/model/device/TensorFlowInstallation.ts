/**
 * TensorFlow as `decision-sampling install-native` leaves it in a folder: which one is in use, and how its backend is loaded.
 *
 * The JavaScript of @tensorflow/tfjs-node-gpu asks for `@tensorflow/tfjs`, several times the size of the part it uses. In the folder that
 * name is a module which hands out the tensor library of this process, so that there is one engine, one registry of kernels and one
 * class of tensors, wherever the folder lies.
 *
 * @module
 */
import { nativeFolder } from "./NativeFolder.ts"
import { nodeBuiltin } from "./NodeBuiltins.ts"
import type { TensorLibrary } from "./Device.ts"

/** The file that says what an installation is. It is written last: a folder without it is none. */
export const MANIFEST = "installation.json"

/** The file beside the installations that names the one in use. */
export const CURRENT = "current"

/** The environment variable that names an installation's folder, instead of the one in use. */
export const FOLDER_VARIABLE = "DECISION_SAMPLING_TENSORFLOW"

/** The name under which a process leaves its tensor library for the modules of an installation. */
const LIBRARY = "decision-sampling/tensor-library"

/** What stands in an installation for packages that hand out this process's tensor library. */
export const LIBRARY_MODULE = `module.exports = globalThis[Symbol.for(${JSON.stringify(LIBRARY)})]\n`

/** The packages that the JavaScript of an installation asks for and that {@link LIBRARY_MODULE} stands for. */
export const LIBRARY_PACKAGES = ["@tensorflow/tfjs", "@tensorflow/tfjs-core"] as const

/** The functions that @tensorflow/tfjs-node-gpu calls and that Node deprecated (22) or removed (23): tfjs issue 8609. */
const removedFromUtil = {
  isArray: Array.isArray,
  isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined
}

/**
 * Gives `node:util` the two functions that @tensorflow/tfjs-node-gpu calls while it computes. Node 22 still has them, but prints a
 * warning of deprecation; both get the same definitions.
 */
export const supplyRemovedUtilities = (): void => {
  Object.assign(nodeBuiltin("node:util", "TensorFlow"), removedFromUtil)
}

/**
 * The folder of the TensorFlow in use: the one that DECISION_SAMPLING_TENSORFLOW names, else the one installed last; undefined
 * where there is none. Throws where the variable names a folder without an installation.
 */
export const tensorFlowFolder = (): string | undefined => {
  const { existsSync, readFileSync, realpathSync } = nodeBuiltin("node:fs", "looking for TensorFlow")
  const asked = process.env[FOLDER_VARIABLE] ?? ""
  if (asked !== "") {
    // A module is loaded by its whole path.
    if (existsSync(`${asked}/${MANIFEST}`)) return realpathSync(asked)
    throw new Error(`${FOLDER_VARIABLE} names ${asked}, which holds no TensorFlow that install-native made: there is no ${MANIFEST} in it`)
  }
  const folder = nativeFolder("tensorflow")
  if (!existsSync(`${folder}/${CURRENT}`)) return undefined
  const current = `${folder}/${readFileSync(`${folder}/${CURRENT}`, "utf8").trim()}`
  return existsSync(`${current}/${MANIFEST}`) ? current : undefined
}

/** What {@link MANIFEST} says. */
export interface Manifest {
  /** The version of TensorFlow. */
  readonly tensorflow: string
  /** Whether TensorFlow was built for GPUs too. */
  readonly build: "cpu" | "gpu"
  /** The files it was made of, with their SHA-256. */
  readonly files: Readonly<Record<string, string>>
}

/** What the installation in a folder is. */
export const readManifest = (folder: string): Manifest =>
  JSON.parse(nodeBuiltin("node:fs", "looking for TensorFlow").readFileSync(`${folder}/${MANIFEST}`, "utf8")) as Manifest

interface BackendModule {
  readonly NodeJSKernelBackend: new(binding: unknown, packageName: string) => InstanceType<TensorLibrary["KernelBackend"]>
}

/** Registers the backend "tensorflow" of the installation in a folder, with its kernels, for the tensor library that is given. */
export const loadTensorFlow = (folder: string, tf: TensorLibrary): void => {
  if (tf.findBackendFactory("tensorflow") != null) return
  supplyRemovedUtilities()
  // What TensorFlow says about oneDNN and instruction sets at every start; its warnings and errors are still printed.
  process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "1"
  // TensorFlow would take all of a card's memory when it starts, beside whatever else computes there.
  process.env["TF_FORCE_GPU_ALLOW_GROWTH"] ??= "true"
  // On cards since Ampere it would multiply float32 matrices in TF32, with 10 of their 23 bits.
  process.env["NVIDIA_TF32_OVERRIDE"] ??= "0"
  Object.assign(globalThis, { [Symbol.for(LIBRARY)]: tf })
  const load = nodeBuiltin("node:module", "loading TensorFlow").createRequire(`${folder}/${MANIFEST}`)
  const binding: unknown = load("./lib/tfjs_binding.node")
  load("./package/dist/register_all_kernels.js")
  const { NodeJSKernelBackend } = load("./package/dist/nodejs_kernel_backend.js") as BackendModule
  tf.registerBackend("tensorflow", () => new NodeJSKernelBackend(binding, "@tensorflow/tfjs-node-gpu"), 0)
}
