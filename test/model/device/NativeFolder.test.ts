import { afterEach, describe, expect, it, vi } from "vitest"
import { homedir } from "node:os"
import { nativeFolder } from "../../../src/model/device/NativeFolder.ts"

describe("the folder of native libraries", () => {
  afterEach(() => {
    vi.unstubAllEnvs()
    vi.unstubAllGlobals()
  })

  const on = (platform: NodeJS.Platform, env: Readonly<Record<string, string | undefined>>): string => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    vi.spyOn(process, "platform", "get").mockReturnValue(platform)
    const folder = nativeFolder("openblas")
    vi.restoreAllMocks()
    return folder
  }

  it.each<readonly [NodeJS.Platform, Readonly<Record<string, string | undefined>>, string]>([
    ["linux", { XDG_CACHE_HOME: undefined }, `${homedir()}/.cache/decision-sampling/openblas`],
    ["linux", { XDG_CACHE_HOME: "/big/cache" }, "/big/cache/decision-sampling/openblas"],
    // The specification has a path that is not absolute ignored; an empty one is as good as none.
    ["linux", { XDG_CACHE_HOME: "cache" }, `${homedir()}/.cache/decision-sampling/openblas`],
    ["linux", { XDG_CACHE_HOME: "" }, `${homedir()}/.cache/decision-sampling/openblas`],
    ["darwin", { XDG_CACHE_HOME: "/big/cache" }, `${homedir()}/Library/Caches/decision-sampling/openblas`],
    ["win32", { LOCALAPPDATA: "C:\\Users\\me\\AppData\\Local" }, "C:\\Users\\me\\AppData\\Local\\decision-sampling\\openblas"],
    ["win32", { LOCALAPPDATA: undefined }, `${homedir()}\\AppData\\Local\\decision-sampling\\openblas`]
  ])("on %s with %j is %s", (platform, env, folder) => {
    expect(on(platform, env)).toBe(folder)
  })
})
