/**
 * The thread that starts a `ProgramProcess` and speaks with it while the thread of the tests waits. See WarmProgram.
 *
 * @module
 */
import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { parentPort, workerData } from "node:worker_threads"
import type { ProgramHostData, Start } from "./WarmProgram.ts"

const { ended, error, out } = workerData as ProgramHostData
const file = fileURLToPath(new URL("ProgramProcess.ts", import.meta.url))
const end = (code: number): void => {
  Atomics.store(ended, 1, code)
  Atomics.store(ended, 0, 1)
  Atomics.notify(ended, 0)
}

let child: ChildProcess | undefined
const fresh = (): ChildProcess => {
  const started = fork(file, [], { execArgv: [], stdio: ["ignore", out, error, "ipc"] })
  started.on("message", (code) => end(code as number))
  // It ends by itself only where the program took the process with it.
  started.on("exit", (code) => {
    child = undefined
    end(code === null || code === 0 ? -1 : code)
  })
  return started
}

parentPort!.on("message", (start: Start) => {
  child ??= fresh()
  child.send(start)
})
