/**
 * Parquet files as JSON Lines: row k becomes line k, so that all that reads lines reads rows, and a bad line's number is its row's.
 *
 * A thread of its own reads, with memory and patience of its own: a file that is damaged, or made to do harm, may lead the library that decodes it
 * round in circles or make it fill the memory, and takes that thread with it and nothing else.
 *
 * @module
 */
import { Worker } from "node:worker_threads"
import { refused } from "../../../domain/Files.ts"
import type { ParquetAnswer, ParquetTask } from "./ParquetThread.ts"

/** Tells whether a file is to be read as Parquet: by its name. */
export const isParquet = (file: string): boolean => file.toLowerCase().endsWith(".parquet")

/** Whether bytes begin a Parquet file, whatever its name. */
export const isParquetBytes = (bytes: Buffer): boolean => bytes.toString("latin1", 0, 4) === "PAR1"

/** How long a Parquet file may take until its next rows come, in milliseconds; some 64 MB are decoded for them. */
export const LONGEST_PARQUET = 120_000

/** Megabytes of memory for the rows that are decoded at once. */
export const PARQUET_MB = 4096

const LOOK_MS = 250
const isSource = import.meta.url.endsWith(".ts")

/** How a file is read. */
export interface ParquetReading {
  /** Decompressed bytes to read at once, about. */
  readonly sliceBytes?: number
  /** Milliseconds without rows after which reading is given up. */
  readonly longest?: number
}

/** Reads a file some rows at a time and yields them as lines; memory holds some 64 MB of decompressed rows. Throws `FileError`. */
export async function* parquetLines(file: string, { longest = LONGEST_PARQUET, sliceBytes }: ParquetReading = {}): AsyncGenerator<Buffer> {
  let worker: Worker | undefined
  try {
    worker = new Worker(new URL(`./ParquetThread${isSource ? ".ts" : ".js"}`, import.meta.url), {
      workerData: { file, ...(sliceBytes === undefined ? {} : { sliceBytes }) } satisfies ParquetTask,
      resourceLimits: { maxOldGenerationSizeMb: PARQUET_MB },
      ...(isSource ? { execArgv: ["--disable-warning=ExperimentalWarning"] } : {})
    })
    const next = asker(worker, longest)
    // One answer is asked for ahead, so that the thread decodes while its lines are read.
    let coming = next()
    for (;;) {
      const answer = await coming
      if ("problem" in answer) throw new Error(answer.problem)
      if (answer.lines === undefined) return
      coming = next()
      yield Buffer.from(answer.lines.buffer)
    }
  } catch (error) {
    throw refused(file, "Is it a whole Parquet file, compressed with snappy, gzip, brotli, zstd or not at all?")(error)
  } finally {
    await worker?.terminate()
  }
}

// Asks a thread for one answer at a time.
const asker = (worker: Worker, longest: number) => (): Promise<ParquetAnswer> => {
  const answer = new Promise<ParquetAnswer>((resolve) => {
    // Ticks, not the clock: a machine that sleeps has not waited.
    let ticks = 0
    const pause = Math.min(LOOK_MS, longest)
    const end = (found: ParquetAnswer): void => {
      clearInterval(timer)
      worker.off("message", end).off("error", fail).off("exit", exited)
      resolve(found)
    }
    const fail = (error: unknown): void => end({ problem: problemOf(error) })
    const exited = (): void => end({ problem: "the thread that read it ended" })
    const timer = setInterval(() => {
      if (++ticks * pause >= longest) end({ problem: `it is read without end: no rows came for ${longest / 1000} seconds` })
    }, pause)
    worker.on("message", end).on("error", fail).on("exit", exited)
  })
  worker.postMessage("next", [])
  return answer
}

const problemOf = (error: unknown): string =>
  error instanceof Error
    ? "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY" ? `its rows take more than ${PARQUET_MB} MB of memory` : error.message
    : String(error)
