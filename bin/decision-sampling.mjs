#!/usr/bin/env node
// Starts the program: the built one in an installed package, the sources in a clone (Node strips the types).
// Plain JavaScript, so that an old Node gets a sentence instead of a syntax error.
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import module from "node:module"
import { dirname, join, sep } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const source = join(root, "src", "cli", "main.ts")
const [major, minor] = process.versions.node.split(".").map(Number)

const fail = (message) => {
  console.error(message)
  process.exit(1)
}

// Runs the program under a newer Node and is, to whoever started this one, that process: signals go to it, and its end is the end of both.
const relaunch = (newer) => {
  const child = spawn(newer, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...process.env, DECISION_SAMPLING_RELAUNCHED: "1" }
  })
  const pass = (signal) => child.kill(signal)
  const signals = ["SIGTERM", "SIGINT", "SIGHUP"]
  for (const signal of signals) process.on(signal, pass)
  child.on(
    "error",
    ({ message }) => fail(`decision-sampling could not start ${newer}: ${message}. Install Node 22.19 or later and run it again.`)
  )
  child.on("exit", (status, signal) => {
    for (const each of signals) process.off(each, pass)
    if (signal === null) process.exit(status ?? 1)
    // Ends this process by the same signal, so that a shell or a scheduler sees why.
    process.kill(process.pid, signal)
  })
}

if (major < 22 || (major === 22 && minor < 19)) {
  const bundled = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node")
  if (!existsSync(bundled) || process.env.DECISION_SAMPLING_RELAUNCHED === "1") {
    fail(`decision-sampling needs Node 22.19 or later; this is ${process.version}. Install a newer Node and run it again.`)
  }
  relaunch(bundled)
} else {
  // Compiled code is kept in the system's temporary folder, which makes every later start a third faster; NODE_DISABLE_COMPILE_CACHE=1 turns it off.
  module.enableCompileCache?.()
  // An installed package has its sources too, for source maps and editors; below node_modules Node does not strip their types.
  const isClone = existsSync(source) && !root.split(sep).includes("node_modules")
  const entry = isClone ? source : join(root, "dist", "cli", "main.js")
  await import(pathToFileURL(entry).href)
}
