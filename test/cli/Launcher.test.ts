import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest"

const launcher = fileURLToPath(new URL("../../bin/decision-sampling.mjs", import.meta.url))
const bundled = fileURLToPath(new URL("../../node_modules/node/bin/node", import.meta.url))
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { readonly version: string }

const isOld = (node: string): boolean => {
  const [major = 0, minor = 0] = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.slice(1).split(".").map(Number)
  return major < 22 || (major === 22 && minor < 19)
}
const oldNode = ["/usr/local/bin", "/usr/bin", ...(process.env["PATH"] ?? "").split(delimiter)]
  .map((folder) => join(folder, "node"))
  .find((node) => existsSync(node) && isOld(node))

// A program of the same shape: the launcher, a newer Node where it looks for one, and a main module that says what it gets.
let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-launcher-"))
  for (const each of ["bin", "src/cli", "node_modules/node/bin"]) mkdirSync(join(folder, each), { recursive: true })
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`)
  copyFileSync(launcher, join(folder, "bin/decision-sampling.mjs"))
  symlinkSync(bundled, join(folder, "node_modules/node/bin/node"))
  writeFileSync(
    join(folder, "src/cli/main.ts"),
    `const [what = "", value = ""]: ReadonlyArray<string> = process.argv.slice(2)
    if (what === "exit") {
      console.log(process.version)
      process.exit(Number(value))
    }
    if (what === "handle") process.on(value, () => { console.log(value); process.exit(9) })
    // Ends by itself after a while, so that a launcher that forgets it leaves nothing behind.
    setTimeout(() => process.exit(8), 20_000)
    console.log("ready")`
  )
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const start = (context: TestContext, ...args: ReadonlyArray<string>): ChildProcess => {
  context.skip(oldNode === undefined || !existsSync(bundled), "no Node older than 22.19 here, or none in node_modules that is newer")
  return spawn(oldNode!, [join(folder, "bin/decision-sampling.mjs"), ...args], { stdio: ["ignore", "pipe", "inherit"] })
}

// Sends a signal to the launcher once the program is ready. The output closes when no process holds it any more: the program has ended too.
const ended = (child: ChildProcess, signal?: NodeJS.Signals): Promise<{ readonly end: number | string | null; readonly output: string }> =>
  new Promise((resolve) => {
    let output = ""
    let end: number | string | null = null
    child.on("exit", (status, by) => {
      end = status ?? by
    })
    child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      output += text
      if (signal !== undefined && text.includes("ready")) child.kill(signal)
    })
    child.on("close", () => resolve({ end, output }))
  })

describe("the launcher under an old Node", () => {
  it.for([0, 3])("runs the program under the newer one and ends with its status %d", async (status, context) => {
    const { end, output } = await ended(start(context, "exit", String(status)))
    expect(end).toBe(status)
    expect(output.trim()).toBe(spawnSync(bundled, ["--version"], { encoding: "utf8" }).stdout.trim())
  })

  it.for(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "passes %s on, and ends with the status that the program answers it with",
    async (signal, context) => {
      expect(await ended(start(context, "handle", signal), signal)).toEqual({ end: 9, output: `ready\n${signal}\n` })
    }
  )

  it.for(["SIGTERM", "SIGINT", "SIGHUP"] as const)("ends by %s where the program does", async (signal, context) => {
    expect(await ended(start(context, "wait"), signal)).toEqual({ end: signal, output: "ready\n" })
  })

  it("starts the real program", (context) => {
    context.skip(oldNode === undefined || !existsSync(bundled), "no Node older than 22.19 here, or none in node_modules that is newer")
    const { status, stdout } = spawnSync(oldNode!, [launcher, "--version"], { encoding: "utf8" })
    expect(status).toBe(0)
    expect(stdout).toContain(version)
  })

  it("says what is needed where there is no newer one", (context) => {
    context.skip(oldNode === undefined, "no Node older than 22.19 here")
    const { status, stderr } = spawnSync(oldNode!, [launcher, "--version"], {
      encoding: "utf8",
      env: { ...process.env, DECISION_SAMPLING_RELAUNCHED: "1" }
    })
    expect(status).toBe(1)
    expect(stderr).toMatch(/needs Node 22\.19 or later; this is v/)
  })
})
