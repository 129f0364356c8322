/**
 * The thread that keeps leases alive: it writes a new beat into each every few seconds, however busy the process is otherwise, and tells which
 * were taken by somebody else meanwhile.
 *
 * @module
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { parentPort, workerData } from "node:worker_threads"

/** What the thread is told when it starts. */
export interface BeatSettings {
  readonly milliseconds: number
}

/** A lease to keep alive, or to let go. */
export type BeatTask =
  | { readonly kind: "hold"; readonly file: string; readonly next: string; readonly holder: Readonly<Record<string, unknown>> }
  | { readonly kind: "release"; readonly file: string }

/** A lease that is no longer this process's, or one that was let go: nothing more is written into it. */
export interface BeatAnswer {
  readonly kind: "lost" | "released"
  readonly file: string
}

const held = new Map<string, { readonly next: string; readonly holder: Readonly<Record<string, unknown>> }>()
let beat = 0

const answer = (kind: BeatAnswer["kind"], file: string): void => {
  held.delete(file)
  parentPort?.postMessage({ kind, file } satisfies BeatAnswer, [])
}

// Where all leases of a name are gone, as its work was done, another process may have begun with the same number.
const isAnothers = (file: string, holder: Readonly<Record<string, unknown>>): boolean => {
  try {
    const there = JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, unknown>>
    return ["host", "process", "began"].some((field) => there[field] !== holder[field])
  } catch {
    return false
  }
}

const keepAlive = (): void => {
  beat++
  for (const [file, { holder, next }] of held) {
    if (existsSync(next) || !existsSync(file) || isAnothers(file, holder)) {
      answer("lost", file)
      continue
    }
    try {
      const partial = `${file}.beat`
      writeFileSync(partial, JSON.stringify({ ...holder, beat }))
      renameSync(partial, file)
    } catch {
      // A disk that is full or away for a while: the next beat tries again. If none succeeds, others take the lease, and that is right.
    }
  }
}

parentPort?.on("message", (task: BeatTask) => {
  if (task.kind === "release") answer("released", task.file)
  else held.set(task.file, { next: task.next, holder: task.holder })
})
setInterval(keepAlive, (workerData as BeatSettings).milliseconds)
