/**
 * The blocks of a file, read in several threads and given in the order of the file.
 *
 * @module
 */
import type { BlockReading } from "../ReadBlock.ts"
import type { Block } from "./Blocks.ts"

// Bytes of blocks that wait, beyond which no more are handed out: rows may be large.
const MOST_PENDING_BYTES = 128 << 20

/** What was read of a block, and where it ends in the file. */
export interface ReadBlockOf {
  readonly reading: BlockReading
  readonly end: number
}

/** Reads blocks with `read`, up to `width` of them ahead of the oldest. Rejects where reading a block does, when its turn comes. */
export async function* readInOrder(
  blocks: AsyncIterable<Block>,
  read: (block: Block) => Promise<BlockReading>,
  width: number
): AsyncGenerator<ReadBlockOf> {
  const pending: Array<{ readonly reading: Promise<BlockReading>; readonly end: number; readonly size: number }> = []
  let pendingBytes = 0
  const oldest = async (): Promise<ReadBlockOf> => {
    const { end, reading, size } = pending.shift()!
    const done = { reading: await reading, end }
    pendingBytes -= size
    return done
  }
  for await (const block of blocks) {
    const size = block.bytes.length
    const reading = read(block)
    // A failure is reported when its turn comes; until then it is not an unhandled rejection.
    reading.catch(() => undefined)
    pending.push({ reading, end: block.end, size })
    pendingBytes += size
    const isFull = (): boolean => pending.length > width || (pendingBytes > MOST_PENDING_BYTES && pending.length > 1)
    while (isFull()) yield await oldest()
  }
  while (pending.length > 0) yield await oldest()
}
