/**
 * A thread that waits for the signals that end a program, since the one that computes may be too busy to hear of them: it tells that thread at
 * once, and ends the process by the same signal where it has not ended in time.
 *
 * @module
 */
import { constants } from "node:os"
import { parentPort } from "node:worker_threads"
import { ENDING_SIGNALS, type EndingSignal, GRACE_MS } from "./EndingSignals.ts"

interface SignalHandle {
  onsignal: () => void
  readonly start: (number: number) => number
  readonly stop: () => void
}

// Node's own `process.on` hears of signals in the first thread only; below it every thread's loop can (docs/decisions/0026-signals-end-any-command.md).
const { Signal } = (process as unknown as { readonly binding: (name: string) => { readonly Signal: new() => SignalHandle } }).binding(
  "signal_wrap"
)

const port = parentPort
if (port === null) throw new Error("SignalThread.ts runs in a thread only.")

const handles = ENDING_SIGNALS.map((signal): SignalHandle => {
  const handle = new Signal()
  let isEnding = false
  const end = (): void => {
    // Nobody else listens: without this handle the signal does what it does to any process.
    for (const each of handles) each.stop()
    process.kill(process.pid, signal)
  }
  handle.onsignal = () => {
    // One Ctrl-C may arrive twice, from the terminal and from the launcher.
    if (isEnding) return
    isEnding = true
    port.postMessage(signal satisfies EndingSignal)
    setTimeout(end, GRACE_MS)
  }
  const failure = handle.start(constants.signals[signal])
  if (failure !== 0) throw new Error(`no ${signal} in a thread: ${failure}`)
  return handle
})
