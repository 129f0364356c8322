/**
 * Runs the program so that SIGINT and SIGTERM end it within two seconds, whatever it computes.
 *
 * @module
 */
import { constants } from "node:os"
import { Worker } from "node:worker_threads"
import * as Runtime from "effect/Runtime"
import { ENDING_SIGNALS, type EndingSignal } from "./EndingSignals.ts"

const isSource = import.meta.url.endsWith(".ts")

// Before that nothing is lost if a signal ends the process at once, as it does while nobody listens; most starts are over by then and need no thread.
const WATCH_AFTER_MS = 150

const listenHere = (onSignal: (signal: EndingSignal) => void): void => {
  for (const signal of ENDING_SIGNALS) process.once(signal, () => onSignal(signal))
}

const startThread = (): Worker | undefined => {
  try {
    return new Worker(new URL(`./SignalThread${isSource ? ".ts" : ".js"}`, import.meta.url), {
      execArgv: ["--no-deprecation", "--disable-warning=ExperimentalWarning"],
      resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 }
    })
  } catch {
    // Node's permission model may allow no thread.
    return undefined
  }
}

// A thread hears of signals also while this one computes. Where Node has none for it, this one listens, and answers when it comes to it.
const listen = (onSignal: (signal: EndingSignal) => void): void => {
  const thread = startThread()
  if (thread === undefined) return listenHere(onSignal)
  thread.on("message", onSignal)
  thread.on("error", () => listenHere(onSignal))
  thread.unref()
}

const LOOK_MS = 20

// Node waits at its end for what it has asked of the system, and opening a pipe that nobody writes to never comes back: the thread that listens, which
// is gone once this ends, ends such a process by the signal.
const exitWhenFree = (code: number): void => {
  if (!process.getActiveResourcesInfo().some((name) => name.startsWith("FSReq"))) process.exit(code)
  process.exitCode = code
  setTimeout(() => exitWhenFree(code), LOOK_MS)
}

/**
 * Runs an Effect as the program. A signal interrupts it: what it then saves or removes has a second and a half, and after that, or where it computes without
 * a pause, the process ends by the signal. Ended in time, the exit code is 130 after SIGINT and 143 after SIGTERM, as shells say of a process that a
 * signal ended.
 */
export const runMain = Runtime.makeRunMain(({ fiber, teardown }) => {
  let received: EndingSignal | undefined
  const watch = setTimeout(() => {
    listen((signal) => {
      received ??= signal
      fiber.interruptUnsafe(fiber.id)
    })
  }, WATCH_AFTER_MS)
  fiber.addObserver((exit) => {
    clearTimeout(watch)
    teardown(exit, (code) => {
      const interrupted = code === 130 && received !== undefined
      if (interrupted) return exitWhenFree(128 + constants.signals[received!])
      if (received !== undefined || code !== 0) process.exit(code === 0 ? undefined : code)
    })
  })
})
