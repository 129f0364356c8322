/**
 * Which shared libraries of Linux are missing, found before a native module tries to load them.
 *
 * @module
 */
import { nodeBuiltin } from "./NodeBuiltins.ts"

/** Where Linux keeps shared libraries, besides what LD_LIBRARY_PATH names. */
const standardFolders = [
  "/usr/lib/x86_64-linux-gnu",
  "/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/lib/aarch64-linux-gnu",
  "/usr/lib64",
  "/lib64",
  "/usr/lib",
  "/lib",
  "/usr/local/lib",
  "/usr/local/cuda/lib64",
  "/usr/lib/wsl/lib",
  "/run/opengl-driver/lib"
]

/**
 * The shared libraries among `names` that are in none of the places Linux loads them from, so that a native module
 * which needs them can be refused in plain words before it prints its own. Empty on other systems, where that is not known.
 */
export const missingLibraries = (
  names: ReadonlyArray<string>,
  searchPath = process.env["LD_LIBRARY_PATH"] ?? ""
): ReadonlyArray<string> => {
  if (process.platform !== "linux") return []
  const { existsSync } = nodeBuiltin("node:fs", "looking for shared libraries")
  const folders = [...searchPath.split(":").filter((folder) => folder !== ""), ...standardFolders]
  return names.filter((name) => !folders.some((folder) => existsSync(`${folder}/${name}`)))
}
