/**
 * Where native libraries lie that were downloaded for this machine: in the user's cache, outside every project.
 *
 * @module
 */
import { nodeBuiltin } from "./NodeBuiltins.ts"

/**
 * The folder of one kind of native library, "openblas" or "tensorflow", whether it is there or not:
 * `${XDG_CACHE_HOME:-~/.cache}/decision-sampling/NAME` on Linux, `~/Library/Caches/decision-sampling/NAME` on macOS,
 * `%LOCALAPPDATA%/decision-sampling/NAME` on Windows. An XDG_CACHE_HOME that is no absolute path counts for nothing, as its specification asks.
 */
export const nativeFolder = (name: string): string => {
  const { env, platform } = process
  const home = nodeBuiltin("node:os", "looking for native libraries").homedir()
  return `${cacheFolder(platform, env, home)}/decision-sampling/${name}`
}

const cacheFolder = (platform: string, env: NodeJS.ProcessEnv, home: string): string => {
  if (platform === "win32") return env["LOCALAPPDATA"] ?? `${home}/AppData/Local`
  if (platform === "darwin") return `${home}/Library/Caches`
  const asked = env["XDG_CACHE_HOME"] ?? ""
  return asked.startsWith("/") ? asked : `${home}/.cache`
}
