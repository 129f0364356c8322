import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { draws, fold } from "../../../src/domain/Seed.ts"
import { NUMBER_FORMATS, type NumberFormatName } from "../../../src/model/pretrained/NumberFormats.ts"
import { readNow } from "../../../src/model/pretrained/StoredTensor.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "stored-tensor-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Where float16 numbers lie in a block: its scale, and its least value where it has one. */
const HALVES: ReadonlyArray<readonly [NumberFormatName, ReadonlyArray<number>]> = [
  ["Q8_0", [0]],
  ["Q4_0", [0]],
  ["Q4_1", [0, 2]],
  ["Q5_0", [0]],
  ["Q5_1", [0, 2]],
  ["Q4_K", [0, 2]],
  ["Q5_K", [0, 2]],
  ["Q6_K", [208]]
]
const ONE = 0x3c00
const INFINITE = 0x7c00
const NAN = 0x7e00
const BLOCKS = 6

describe("a tensor of blocks", () => {
  it.each(HALVES)(
    "%s: a block whose scale or least value is not finite is refused, wherever it lies and however the tensor is laid out",
    (format, halves) => {
      const { bytes, values } = NUMBER_FORMATS[format]
      const stream = draws(fold(1, format))
      const file = join(folder, format)
      const tensor = { name: "w", file, format, shape: [BLOCKS / 2, 2 * values], offset: 0, bytes: BLOCKS * bytes }
      const write = (bad?: { readonly block: number; readonly at: number; readonly half: number }): void => {
        // Zeros too: zero times infinity is no number either.
        const blocks = Uint8Array.from({ length: BLOCKS * bytes }, () => (stream.uniform() < 0.5 ? 0 : stream.integer(0, 255)))
        const view = new DataView(blocks.buffer)
        for (let block = 0; block < BLOCKS; block++) for (const at of halves) view.setUint16(block * bytes + at, ONE, true)
        if (bad !== undefined) view.setUint16(bad.block * bytes + bad.at, bad.half, true)
        writeFileSync(file, blocks)
      }
      write()
      expect(readNow(tensor).every(Number.isFinite)).toBe(true)
      for (const at of halves) {
        for (const half of [INFINITE, 0x8000 | INFINITE, NAN]) {
          for (let block = 0; block < BLOCKS; block++) {
            write({ block, at, half })
            expect(() => readNow(tensor, { isTransposed: block % 2 === 0 })).toThrow(/finite numbers/)
          }
        }
      }
    }
  )
})
