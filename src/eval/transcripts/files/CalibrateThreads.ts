/**
 * Threads that read blocks and draw bootstrap rounds, this one among them. It takes the first blocks, a megabyte, so that small files start no thread,
 * and then those for which the others have no time: besides, it reads the files and merges, which is a changing part of its time. Every
 * thread costs some 50 MB.
 *
 * @module
 */
import { availableParallelism } from "node:os"
import { Worker } from "node:worker_threads"
import { ConfigError } from "../../../domain/Errors.ts"
import type { BootstrapOptions } from "../../statistics/Bootstrap.ts"
import type { ResampleStrata } from "../CalibrateTallies.ts"
import type { LinePlan } from "../Formats.ts"
import type { Reader, ReaderSpec } from "../Reader.ts"
import { type BlockReading, readBlock } from "../ReadBlock.ts"
import { drawShare, joinBlocks } from "./BootstrapShare.ts"
import type { Answer, Task } from "./CalibrateWorker.ts"

/** Does the work of a calibration in several threads. What comes out does not depend on their number. */
export interface CalibrateThreads {
  readonly reader: ReaderSpec
  /** How many blocks to hand out before waiting for the oldest. */
  readonly width: number
  /** Reads a block as a plan says; `source` names the file and the block. */
  readonly read: (bytes: Uint8Array, plan: LinePlan, source: string) => Promise<BlockReading>
  /** Draws in the threads that reading started; it starts none. */
  readonly resample: ResampleStrata
  readonly close: () => Promise<void>
}

const MOST_THREADS = 4
// Blocks that wait for one thread: enough that it does not run dry while this thread reads a block itself.
const MOST_WAITING = 4
// Blocks that this thread may read ahead of the oldest one in another: it seldom has to wait for that.
const MOST_AHEAD = 6

const THREAD_MB = 256

const isSource = import.meta.url.endsWith(".ts")

interface Thread {
  /** It failed, and answers nothing any more. */
  readonly isDead: () => boolean
  readonly waiting: () => number
  readonly ask: <T extends Task>(task: T, moved?: ReadonlyArray<ArrayBuffer>) => Promise<Answer<T>>
  readonly close: () => Promise<unknown>
}

// Node ends a thread that needs more memory than it has; the system has more.
const explained = (error: Error): Error =>
  "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY"
    ? new ConfigError({
      field: "the memory of a thread that reads or resamples",
      value: "used up",
      expected: "responses with fewer attempts, fewer levels or fewer bootstrap rounds"
    })
    : error

// A thread answers in the order in which it was asked.
const startThread = (reader: ReaderSpec, memoryMb: number): Thread => {
  const worker = new Worker(new URL(`./CalibrateWorker${isSource ? ".ts" : ".js"}`, import.meta.url), {
    workerData: { reader },
    resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: memoryMb },
    ...(isSource ? { execArgv: ["--disable-warning=ExperimentalWarning"] } : {})
  })
  const waiting: Array<{ readonly resolve: (answer: never) => void; readonly reject: (error: Error) => void }> = []
  let failure: Error | undefined
  worker.on("message", (answer: unknown) => waiting.shift()?.resolve(answer as never))
  const fail = (error: Error): void => {
    failure = error
    for (const { reject } of waiting.splice(0)) reject(error)
  }
  worker.on("error", (error: Error) => fail(explained(error)))
  return {
    isDead: () => failure !== undefined,
    waiting: () => waiting.length,
    ask: (task, moved = []) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure)
        waiting.push({ resolve, reject })
        worker.postMessage(task, moved)
      }),
    close: () => {
      fail(new Error("The thread was ended"))
      return worker.terminate()
    }
  }
}

// The memory of bytes, to be moved instead of copied; none if it holds other bytes too.
const wholeBufferOf = ({ buffer, byteLength }: Uint8Array): ReadonlyArray<ArrayBuffer> =>
  buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : []

// To start a thread takes as long as to read some megabytes.
const FEW_BYTES = 1 << 20

/** When other threads than this one start: after so many bytes (a megabyte unless told), or at once, for who only draws. */
export interface ThreadStart {
  readonly fewBytes?: number
  readonly atOnce?: boolean
  /** Megabytes that a thread may need besides bytes that it reads; 256 unless told. */
  readonly memoryMb?: number
}

/** Makes threads for a reader, given also as data. */
export const makeCalibrateThreads = (
  spec: ReaderSpec,
  reader: Reader,
  { atOnce = false, fewBytes = FEW_BYTES, memoryMb = THREAD_MB }: ThreadStart = {}
): CalibrateThreads => {
  // What somebody else lists is looked up in a file that is this thread's.
  const others = spec.listedBy === undefined ? Math.min(MOST_THREADS, availableParallelism()) - 1 : 0
  let threads: Array<Thread> = atOnce ? Array.from({ length: others }, () => startThread(spec, memoryMb)) : []
  let bytesSeen = 0
  // What one block or one bootstrap was too large for is no reason to refuse the next.
  const bury = (): void => {
    threads = threads.filter((thread) => !thread.isDead())
  }
  const free = (): Thread | undefined => {
    bury()
    const thread = threads.find((each) => each.waiting() < MOST_WAITING)
    if (thread !== undefined || threads.length === others) return thread
    threads.push(startThread(spec, memoryMb))
    return threads.at(-1)
  }
  return {
    reader: spec,
    width: MOST_WAITING * others + MOST_AHEAD,
    read: async (bytes, plan, source) => {
      const thread = bytesSeen < fewBytes ? undefined : free()
      bytesSeen += bytes.length
      return thread === undefined
        ? readBlock(bytes, plan, reader, source)
        : thread.ask({ kind: "read", bytes, plan, source }, wholeBufferOf(bytes))
    },
    resample: async (strata, { rounds, seed }) => {
      // Nothing else that a caller's options hold need survive the way to another thread.
      const options: BootstrapOptions = { ...(rounds === undefined ? {} : { rounds }), ...(seed === undefined ? {} : { seed }) }
      bury()
      const shares = threads.length + 1
      const elsewhere = threads.map((thread, t) => thread.ask({ kind: "resample", strata, options, share: t, shares }))
      const here = drawShare(strata, options, threads.length, shares)
      // A share that is too large for a thread is not for the program. Failures are looked at once all have ended.
      const drawn = await Promise.allSettled(elsewhere)
      const shared = drawn.map((share, t) => {
        if (share.status === "fulfilled") return share.value
        if (share.reason instanceof ConfigError) return drawShare(strata, options, t, shares)
        throw share.reason
      })
      return joinBlocks([...shared.flat(), ...here], strata.length)
    },
    close: async () => {
      await Promise.all(threads.map((thread) => thread.close()))
    }
  }
}
