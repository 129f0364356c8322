/**
 * What stands in a stream of bytes for a row that is too large.
 *
 * @module
 */
import { LARGE_ROW_LINE } from "../RowSize.ts"

const BYTES = Buffer.from(`${LARGE_ROW_LINE}\n`)

/** LARGE_ROW_LINE as bytes, with the end of the line; a copy of their own, as blocks are moved to other threads. */
export const largeRowBytes = (): Buffer => Buffer.from(BYTES)
