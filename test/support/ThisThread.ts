/** Threads that are this one alone, for tests of what reads with threads: no start of a worker, and nothing is resampled. */
import { readBlock } from "../../src/eval/transcripts/ReadBlock.ts"
import { DEFAULT_READER_SPEC, defaultReader } from "../../src/eval/transcripts/Reader.ts"
import type { CalibrateThreads } from "../../src/eval/transcripts/files/CalibrateThreads.ts"

/** Reads as `calibrate` does by itself. */
export const thisThread: CalibrateThreads = {
  reader: DEFAULT_READER_SPEC,
  width: 2,
  read: (bytes, plan, source) => Promise.resolve(readBlock(bytes, plan, defaultReader, source)),
  resample: () => Promise.reject(new Error("nothing is resampled here")),
  close: () => Promise.resolve()
}
