/**
 * Where native libraries that a user has downloaded for this package lie: in the user's cache, outside every project. The one place that names it.
 *
 * @module
 */
import { nodeBuiltin } from "./NodeBuiltins.ts"

/** What of a machine decides where files lie and what they are called. */
export interface Machine {
  readonly platform: NodeJS.Platform
  readonly arch: NodeJS.Architecture
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
}

/** The machine at hand. */
export const thisMachine = (): Machine => ({
  platform: process.platform,
  arch: process.arch,
  env: process.env,
  home: nodeBuiltin("node:os", "looking for native libraries").homedir()
})

/** A path of the machine's system. */
export const joined = ({ platform }: Machine, ...parts: ReadonlyArray<string>): string => parts.join(platform === "win32" ? "\\" : "/")

const given = (value: string | undefined): string | undefined => (value === "" ? undefined : value)

const cacheFolder = (machine: Machine): string => {
  const { env, home, platform } = machine
  if (platform === "win32") return given(env["LOCALAPPDATA"]) ?? joined(machine, home, "AppData", "Local")
  if (platform === "darwin") return joined(machine, home, "Library", "Caches")
  const asked = env["XDG_CACHE_HOME"] ?? ""
  return asked.startsWith("/") ? asked : joined(machine, home, ".cache")
}

/**
 * The folder of one kind of downloaded library, "openblas" or "tensorflow", whether it is there or not: `${XDG_CACHE_HOME:-~/.cache}/decision-sampling/NAME` on
 * Linux, `~/Library/Caches/decision-sampling/NAME` on macOS, `%LOCALAPPDATA%\\decision-sampling\\NAME` on Windows. An XDG_CACHE_HOME that is no absolute path
 * counts for nothing, as its specification asks.
 */
export const nativeFolder = (name: string, machine: Machine = thisMachine()): string =>
  joined(machine, cacheFolder(machine), "decision-sampling", name)

/** How shared libraries end. */
export const libraryEnding = ({ platform }: Machine): string => (platform === "darwin" ? ".dylib" : platform === "win32" ? ".dll" : ".so")

/** Where a downloaded OpenBLAS lies: the library of the package scipy-openblas32 under its own name, in a folder with what it needs beside it. */
export const downloadedOpenBlas = (machine: Machine): string =>
  joined(machine, nativeFolder("openblas", machine), `libscipy_openblas${libraryEnding(machine)}`)
