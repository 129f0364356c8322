/**
 * The thread that reads a Parquet file: it answers each `"next"` with lines, or that there are no more.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads"
import { parquetRows } from "./ParquetRows.ts"

/** The file to read. */
export interface ParquetTask {
  readonly file: string
  readonly sliceBytes?: number
}

/** Lines of a file, none at its end; or why it cannot be read. */
export type ParquetAnswer = { readonly lines?: Uint8Array<ArrayBuffer> } | { readonly problem: string }

const { file, sliceBytes } = workerData as ParquetTask
const port = parentPort
if (port === null) throw new Error("ParquetThread.ts runs in a thread only.")

// The library believes what a file says of itself, and stumbles where that is nonsense.
const problemOf = (error: unknown): string =>
  error instanceof TypeError || error instanceof RangeError
    ? `it is damaged, and cannot be read (${error.message})`
    : error instanceof Error
    ? error.message
    : String(error)

const chunks = parquetRows(file, sliceBytes)
const answer = async (): Promise<void> => {
  try {
    const { done, value } = await chunks.next()
    if (done === true) port.postMessage({} satisfies ParquetAnswer, [])
    else port.postMessage({ lines: value } satisfies ParquetAnswer, [value.buffer])
  } catch (error) {
    port.postMessage({ problem: problemOf(error) } satisfies ParquetAnswer, [])
  }
}

port.on("message", () => void answer())
