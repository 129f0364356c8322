/**
 * Files of rows with log-probabilities, as `calibrate` takes files: JSON Lines, gzip or not, Parquet, standard input, and one JSON document (an
 * array of rows, or a server's answer as it was saved).
 *
 * @module
 */
import { type Result, Stream } from "effect"
import type { TokenPartition } from "../../domain/Partition.ts"
import { FileError } from "../../domain/Errors.ts"
import { parseLoose } from "../../domain/LooseJson.ts"
import { failingStream } from "../../domain/Throws.ts"
import type { Markers } from "../../tasks/reading/Markers.ts"
import { forLines } from "../transcripts/BlockLines.ts"
import { BLOCK_BYTES, readBlocks, sizeOf } from "../transcripts/files/Blocks.ts"
import { type AttributionRow, attributionRowsOf, readAttributionRows } from "./AttributionInput.ts"

/** What a line holds. */
export interface AttributionLine {
  /** Its number, from 1; in a JSON document of several lines the row's, from 1. */
  readonly line: number
  readonly rows: ReadonlyArray<Result.Result<AttributionRow, string>>
}

// A document is held in memory as a whole.
const LARGEST_DOCUMENT = 1 << 28

const parsed = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: parseLoose(text) }
  } catch {
    return undefined
  }
}

/** Whether a file's beginning is a document over several lines: it opens a list or an object that its first line does not close. */
const opensDocument = (block: Buffer): boolean => {
  const text = block.toString("utf8").trimStart()
  if (text[0] !== "[" && text[0] !== "{") return false
  const [first = ""] = text.split("\n", 1)
  return first.length < text.length && parsed(first) === undefined && /^[[{]\s*(?:$|[\]{}["])/.test(first) && !/[}\]]\s*$/.test(first)
}

async function* linesOf(file: string, markers: Markers, partition: TokenPartition): AsyncGenerator<ReadonlyArray<AttributionLine>> {
  sizeOf(file)
  let before = 0
  let document: Array<Buffer> | undefined
  let held = 0
  const asLines = (bytes: Buffer): ReadonlyArray<AttributionLine> => {
    const found: Array<AttributionLine> = []
    const from = before
    before += forLines(bytes, (text, number) => {
      const line = from + number
      found.push({ line, rows: readAttributionRows(text, `line ${line}`, markers, partition) })
    })
    return found
  }
  let isFirst = true
  for await (const { bytes } of readBlocks(file, 0, BLOCK_BYTES)) {
    if (isFirst && opensDocument(bytes)) document = []
    isFirst = false
    if (document === undefined) {
      yield asLines(bytes)
      continue
    }
    document.push(bytes)
    held += bytes.length
    if (held > LARGEST_DOCUMENT) {
      throw new FileError({
        file,
        problem: `one JSON document of more than ${LARGEST_DOCUMENT / 2 ** 20} MiB`,
        advice: "Write one row a line (JSON Lines): `jq -c '.[]' file`"
      })
    }
  }
  if (document === undefined) return
  const text = Buffer.concat(document).toString("utf8")
  const whole = parsed(text)
  if (whole === undefined) {
    for (const block of document) yield asLines(block)
    return
  }
  const elements: ReadonlyArray<unknown> = Array.isArray(whole.value) ? whole.value : [whole.value]
  yield elements.map((element, i) => ({ line: i + 1, rows: attributionRowsOf(element, `row ${i + 1}`, markers, partition) }))
}

/** Reads a file line by line in bounded memory; the file is closed when the stream ends. Fails with `FileError` if it cannot be read. */
export const readAttributionFile = (
  file: string,
  markers: Markers,
  partition: TokenPartition
): Stream.Stream<AttributionLine, FileError> => Stream.flattenIterable(failingStream([FileError], () => linesOf(file, markers, partition)))
