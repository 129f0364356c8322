#!/usr/bin/env node
// Starts the program: the built one in an installed package, the sources in a clone (Node strips the types).
// Plain JavaScript, so that an old Node gets a sentence instead of a syntax error.
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import module from "node:module"
import { dirname, join, sep } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const source = join(root, "src", "cli", "main.ts")
const [major, minor] = process.versions.node.split(".").map(Number)

if (major < 22 || (major === 22 && minor < 19)) {
  const bundled = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node")
  if (!existsSync(bundled) || process.env.DECISION_SAMPLING_RELAUNCHED === "1") {
    console.error(`decision-sampling needs Node 22.19 or later; this is ${process.version}. Install a newer Node and run it again.`)
    process.exit(1)
  }
  const child = spawnSync(bundled, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...process.env, DECISION_SAMPLING_RELAUNCHED: "1" }
  })
  process.exit(child.status ?? 1)
}

// Compiled code is kept in the system's temporary folder, which makes every later start a third faster; NODE_DISABLE_COMPILE_CACHE=1 turns it off.
module.enableCompileCache?.()
// An installed package has its sources too, for source maps and editors; below node_modules Node does not strip their types.
const isClone = existsSync(source) && !root.split(sep).includes("node_modules")
const entry = isClone ? source : join(root, "dist", "cli", "main.js")
await import(pathToFileURL(entry).href)
