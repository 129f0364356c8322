/**
 * A thread that reads blocks: gets bytes, answers with what they say, in order.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads"
import { compileMarkers } from "../../eval/transcripts/Markers.ts"
import type { Format } from "../../eval/transcripts/Formats.ts"
import { readBlock } from "../../eval/transcripts/ReadBlock.ts"

const { markers: phrases } = workerData as { readonly markers: ReadonlyArray<string> }
const markers = compileMarkers(phrases)

parentPort!.on("message", ({ bytes, format }: { readonly bytes: Uint8Array; readonly format: Format }) => {
  const reading = readBlock(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), format, markers)
  parentPort!.postMessage(reading, [reading.marks.kind.buffer, reading.marks.query.buffer])
})
