/**
 * A thread that reads blocks and draws bootstrap rounds: gets tasks, answers in order.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads"
import type { BootstrapOptions } from "../../statistics/Bootstrap.ts"
import type { Stratum } from "../CalibrateTallies.ts"
import type { LinePlan } from "../Formats.ts"
import { readerOf, type ReaderSpec } from "../Reader.ts"
import { type BlockReading, readBlock } from "../ReadBlock.ts"
import { type DrawnBlock, drawShare } from "./BootstrapShare.ts"

/** Read the lines of a block. */
export interface ReadTask {
  readonly kind: "read"
  readonly bytes: Uint8Array
  readonly plan: LinePlan
  readonly source: string
}

/** Draw a share of a bootstrap. */
export interface ResampleTask {
  readonly kind: "resample"
  readonly strata: ReadonlyArray<Stratum>
  readonly options: BootstrapOptions
  readonly share: number
  readonly shares: number
}

/** What a thread may be asked to do. */
export type Task = ReadTask | ResampleTask

/** What it answers. */
export type Answer<T extends Task> = T extends ReadTask ? BlockReading : ReadonlyArray<DrawnBlock>

const { reader: spec } = workerData as { readonly reader: ReaderSpec }
const reader = await readerOf(spec)

const port = parentPort
if (port === null) throw new Error("CalibrateWorker.ts runs in a thread only.")

port.on("message", (task: Task) => {
  if (task.kind === "resample") {
    port.postMessage(drawShare(task.strata, task.options, task.share, task.shares), [])
    return
  }
  const { bytes, plan, source } = task
  const reading = readBlock(bytes, plan, reader, source)
  port.postMessage(reading, [reading.marks.kind.buffer, reading.marks.query.buffer])
})
