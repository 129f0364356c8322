/**
 * Reads blocks in this thread and in others. This one takes the first block, so that small files start no thread, and then those for which
 * the others have no time: besides, it reads the files and merges, which is a changing part of its time. Every thread costs some 50 MB.
 *
 * @module
 */
import { availableParallelism } from "node:os"
import { Worker } from "node:worker_threads"
import type { Format } from "../../eval/transcripts/Formats.ts"
import { compileMarkers } from "../../eval/transcripts/Markers.ts"
import { readBlock, type BlockReading } from "../../eval/transcripts/ReadBlock.ts"

/** Reads blocks, several at a time. */
export interface BlockReaders {
  /** How many blocks to hand out before waiting for the oldest. */
  readonly width: number
  readonly read: (bytes: Buffer, format: Format) => Promise<BlockReading>
  readonly close: () => Promise<void>
}

const MOST_THREADS = 4
// Blocks that wait for one thread: enough that it does not run dry while this thread reads a block itself.
const MOST_WAITING = 4
// Blocks that this thread may read ahead of the oldest one in another: it seldom has to wait for that.
const MOST_AHEAD = 6

const isSource = import.meta.url.endsWith(".ts")

interface Thread {
  readonly waiting: () => number
  readonly ask: (bytes: Buffer, format: Format) => Promise<BlockReading>
  readonly close: () => Promise<unknown>
}

// A thread answers in the order in which it was asked.
const startThread = (markers: ReadonlyArray<string>): Thread => {
  const worker = new Worker(new URL(`./BlockWorker${isSource ? ".ts" : ".js"}`, import.meta.url), {
    workerData: { markers },
    resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 },
    ...(isSource ? { execArgv: ["--disable-warning=ExperimentalWarning"] } : {})
  })
  const waiting: Array<{ readonly resolve: (reading: BlockReading) => void; readonly reject: (error: Error) => void }> = []
  worker.on("message", (reading: BlockReading) => waiting.shift()?.resolve(reading))
  worker.on("error", (error: Error) => {
    for (const { reject } of waiting.splice(0)) reject(error)
  })
  return {
    waiting: () => waiting.length,
    ask: (bytes, format) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        worker.postMessage({ bytes, format }, [])
      }),
    close: () => worker.terminate()
  }
}

/** Makes readers for the given revision markers; other threads start with the second block. */
export const makeBlockReaders = (markers: ReadonlyArray<string>): BlockReaders => {
  const others = Math.min(MOST_THREADS, availableParallelism()) - 1
  const compiled = compileMarkers(markers)
  const threads: Array<Thread> = []
  let isFirst = true
  const free = (): Thread | undefined => {
    const thread = threads.find((each) => each.waiting() < MOST_WAITING)
    if (thread !== undefined || threads.length === others) return thread
    threads.push(startThread(markers))
    return threads.at(-1)
  }
  return {
    width: MOST_WAITING * others + MOST_AHEAD,
    read: async (bytes, format) => {
      const thread = isFirst ? undefined : free()
      isFirst = false
      return thread === undefined ? readBlock(bytes, format, compiled) : thread.ask(bytes, format)
    },
    close: async () => {
      await Promise.all(threads.map((thread) => thread.close()))
    }
  }
}
