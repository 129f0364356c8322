/**
 * Where native libraries that a user has downloaded for this package lie: the one place that names it.
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

/**
 * The folder of downloaded libraries: `decision-sampling` in $XDG_CACHE_HOME or ~/.cache, on macOS in ~/Library/Caches, on Windows in
 * %LOCALAPPDATA%.
 */
export const nativeFolder = (machine: Machine): string => {
  const { env, home, platform } = machine
  const caches = given(env["XDG_CACHE_HOME"]) ??
    (platform === "darwin"
      ? joined(machine, home, "Library", "Caches")
      : platform === "win32"
      ? given(env["LOCALAPPDATA"]) ?? joined(machine, home, "AppData", "Local")
      : joined(machine, home, ".cache"))
  return joined(machine, caches, "decision-sampling")
}

/** How shared libraries end. */
export const libraryEnding = ({ platform }: Machine): string => (platform === "darwin" ? ".dylib" : platform === "win32" ? ".dll" : ".so")

/** Where a downloaded OpenBLAS lies: the library of the package scipy-openblas32 under its own name, in a folder with what it needs beside it. */
export const downloadedOpenBlas = (machine: Machine): string =>
  joined(machine, nativeFolder(machine), "openblas", `libscipy_openblas${libraryEnding(machine)}`)
