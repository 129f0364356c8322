/** Installing as users do it, on a package index that this test plays: a `pip` that copies a file, or does not. */
import { Effect, Result } from "effect"
import { spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Download } from "../../../src/cli/native/Downloads.ts"
import { fetchFile, findFetchers, sha256 } from "../../../src/cli/native/Fetch.ts"

const program = fileURLToPath(new URL("../../../bin/decision-sampling.mjs", import.meta.url))
const contents = "what the index serves"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "install-native-"))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** A Python whose pip answers with what a shell program does; "$FOLDER" is where the file belongs. */
const python = (download: string): string => {
  const path = join(folder, "python")
  writeFileSync(
    path,
    `#!/bin/sh
case "$*" in *--version*) exit 0;; esac
while [ $# -gt 0 ]; do [ "$1" = --dest ] && FOLDER=$2; shift; done
${download}
`
  )
  chmodSync(path, 0o755)
  return path
}

describe.skipIf(process.platform === "win32")("a file", () => {
  const fetchWith = async (script: string, change: Partial<Download> = {}, given?: string) => {
    const source = join(folder, "source")
    writeFileSync(source, contents)
    const download: Download = {
      from: "pip",
      name: "thing",
      version: "1",
      file: "thing-1.whl",
      bytes: contents.length,
      sha256: await Effect.runPromise(sha256(source)),
      licence: "MIT",
      ...change
    }
    const kept = join(folder, "kept")
    mkdirSync(kept, { recursive: true })
    const pip = [python(script), "-m", "pip"] as const
    const result = await Effect.runPromise(Effect.result(fetchFile(download, { pip, npm: undefined }, kept, given)))
    return { kept: readdirSync(kept), outcome: Result.isSuccess(result) ? result.success : result.failure }
  }
  const serve = () => `cp ${join(folder, "source")} "$FOLDER/thing-1.whl"`

  it("is fetched, found to be the one that is named, and kept", async () => {
    const { kept, outcome } = await fetchWith(serve())
    expect(outcome).toBe(join(folder, "kept", "thing-1.whl"))
    expect(kept).toEqual(["thing-1.whl"])
  })

  it("is not fetched again when it was kept, or when a folder has it", async () => {
    await fetchWith(serve())
    expect((await fetchWith("exit 1")).outcome).toBe(join(folder, "kept", "thing-1.whl"))
    const given = join(folder, "given")
    mkdirSync(given)
    writeFileSync(join(given, "thing-1.whl"), contents)
    rmSync(join(folder, "kept"), { recursive: true })
    expect((await fetchWith("exit 1", {}, given)).outcome).toBe(join(given, "thing-1.whl"))
  })

  it("is fetched again when what was kept is damaged, but is refused when the user's own is", async () => {
    await fetchWith(serve())
    writeFileSync(join(folder, "kept", "thing-1.whl"), "cut")
    expect((await fetchWith(serve())).outcome).toBe(join(folder, "kept", "thing-1.whl"))
    writeFileSync(join(folder, "thing-1.whl"), "another")
    expect((await fetchWith(serve(), {}, folder)).outcome).toMatchObject({ reason: "Digest" })
  })

  it("is not used when the index serves another under its name, and nothing is left", async () => {
    const { kept, outcome } = await fetchWith(serve(), { sha256: "0".repeat(64) })
    expect(outcome).toMatchObject({ reason: "Digest", message: expect.stringContaining(`expected ${"0".repeat(64)}`) })
    expect(kept).toEqual([])
  })

  it.each([
    ["pip fails", "exit 1", "pip could not download thing 1"],
    ["pip gives another file", `touch "$FOLDER/other.whl"`, "the package index gave other.whl for thing-1.whl"]
  ])("cannot be had when %s, and nothing is left", async (_, script, message) => {
    const { kept, outcome } = await fetchWith(script)
    expect(outcome).toMatchObject({ reason: "Download", message: expect.stringContaining(message) })
    expect(kept).toEqual([])
  })

  it("needs pip only where it is not there yet", async () => {
    const download = { from: "pip", file: "thing-1.whl" } as Download
    writeFileSync(join(folder, "thing-1.whl"), contents)
    expect(await Effect.runPromise(findFetchers([download], [folder]))).toEqual({ pip: undefined, npm: undefined })
  })
})

describe.skipIf(process.platform !== "linux" || process.arch !== "x64")("decision-sampling install-native", () => {
  const run = (args: ReadonlyArray<string>, environment: Readonly<Record<string, string>> = {}) =>
    spawnSync(process.execPath, [program, "install-native", ...args], {
      encoding: "utf8",
      env: { ...process.env, XDG_CACHE_HOME: join(folder, "cache"), ...environment }
    })

  it("--dry-run says what it would do, and does nothing", () => {
    const { status, stdout } = run(["tensorflow-gpu", "--with-cuda", "--dry-run"])
    expect(status).toBe(0)
    expect(stdout).toContain("TensorFlow 2.20.0 for NVIDIA GPUs, with CUDA 12.5 and cuDNN 9.3")
    expect(stdout).toContain(join(folder, "cache", "decision-sampling", "tensorflow", "2.20.0-gpu-cuda"))
    expect(stdout).toContain("NVIDIA Proprietary Software")
    expect(existsSync(join(folder, "cache"))).toBe(false)
  })

  it.each<readonly [string, string, Readonly<Record<string, string>>, RegExp]>([
    ["pip", "openblas", { PYTHON: "/nowhere/python" }, /it needs Python with pip/],
    ["a compiler", "tensorflow", { CXX: "/nowhere/g++" }, /it needs a C\+\+ compiler/]
  ])("says that %s is missing before it downloads anything, and leaves nothing", (_, target, environment, message) => {
    const { status, stderr } = run([target], environment)
    expect(status).toBe(1)
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(existsSync(join(folder, "cache"))).toBe(false)
  })

  it("leaves nothing of an installation that does not work", () => {
    const { status, stderr } = run(["openblas"], { PYTHON: python("exit 3") })
    expect(status).toBe(1)
    expect(stderr).toContain("pip could not download scipy-openblas32")
    expect(readdirSync(folder, { recursive: true }).filter((name) => /openblas/.test(String(name)))).toEqual([])
  })

  it("removes what a process that is gone left half-made", () => {
    const cache = join(folder, "cache", "decision-sampling")
    const gone = spawnSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }).stdout.trim()
    mkdirSync(join(cache, `openblas.partial-${gone}`), { recursive: true })
    mkdirSync(join(cache, `openblas.partial-${process.pid}`))
    run(["openblas"], { PYTHON: python("exit 3") })
    expect(readdirSync(cache)).toEqual([`openblas.partial-${process.pid}`])
  })

  it("waits for nobody and takes nothing away where another process is installing", () => {
    const other = join(folder, "cache", "decision-sampling", "downloads", `thing.whl.partial-${process.pid}`)
    mkdirSync(other, { recursive: true })
    const { status, stderr } = run(["openblas"], { PYTHON: python("touch $FOLDER/asked") })
    expect([status, stderr]).toEqual([1, expect.stringContaining(`another installation is under way, in ${other}`)])
    expect(readdirSync(join(folder, "cache", "decision-sampling"), { recursive: true }).toSorted()).toEqual(
      ["downloads", join("downloads", `thing.whl.partial-${process.pid}`)]
    )
  })

  it("refuses --from what is no folder, instead of downloading everything", () => {
    const file = join(folder, "file")
    writeFileSync(file, "")
    for (const from of [join(folder, "nowhere"), file]) {
      const { status, stderr } = run(["openblas", "--from", from], { PYTHON: python("exit 3") })
      expect([status, stderr]).toEqual([1, expect.stringContaining(`--from names ${from}, which is no folder`)])
    }
    expect(existsSync(join(folder, "cache"))).toBe(false)
  })

  it("says in a sentence what the file system refuses, whichever step it is", () => {
    const wheel = run(["openblas", "--dry-run"]).stdout.match(/scipy_openblas32-\S+\.whl/)![0]
    mkdirSync(join(folder, "from", wheel), { recursive: true })
    const unreadable = run(["openblas", "--from", join(folder, "from")])
    writeFileSync(join(folder, "file"), "")
    const below = run(["openblas"], { XDG_CACHE_HOME: join(folder, "file"), PYTHON: python("exit 3") })
    for (const [{ status, stderr }, message] of [[unreadable, /reading .*EISDIR/], [below, /ENOTDIR/]] as const) {
      expect(status).toBe(1)
      expect(stderr).toMatch(message)
      expect(stderr).not.toMatch(/^\s+at /m)
    }
  })
})
