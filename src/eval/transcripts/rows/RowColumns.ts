/**
 * Rollouts of any number as columns, 31 bytes each: what they are filtered and counted by, and where their lines stand.
 *
 * @module
 */
import type { BlockMarks, RolloutKind } from "../ReadBlock.ts"
import { keyOfMark } from "../formats/StepMark.ts"

/** The columns of rollouts, in the order in which they were read. */
export interface RowColumns {
  readonly length: number
  /** Level, pattern and step by number. */
  readonly kinds: ReadonlyArray<RolloutKind>
  readonly kind: Uint32Array
  /** The hash of each rollout's query. */
  readonly query: Float64Array
  /** The number of its file. */
  readonly file: Uint16Array
  /** The byte at which its line begins, and the line's number. */
  readonly start: Float64Array
  readonly line: Uint32Array
  /** Which of its line's rollouts it is. */
  readonly part: Uint32Array
  /** Bits of `SIGN` (Sign.ts). */
  readonly signs: Uint8Array
}

/** Columns that grow. */
export interface GrowingColumns {
  /** Appends the rollouts of a block of a file; `start` and `line` are the byte and the number of lines before it. */
  readonly append: (marks: BlockMarks, block: { readonly file: number; readonly start: number; readonly line: number }) => void
  /** The columns so far; they are not copied, and what is appended later is not among them. */
  readonly columns: () => RowColumns
}

/** The most files that columns tell apart. */
export const MOST_FILES = 2 ** 16

const LEAST_ROOM = 1024

type Buffers = Omit<RowColumns, "kinds" | "length">

const buffersFor = (room: number): Buffers => ({
  kind: new Uint32Array(room),
  query: new Float64Array(room),
  file: new Uint16Array(room),
  start: new Float64Array(room),
  line: new Uint32Array(room),
  part: new Uint32Array(room),
  signs: new Uint8Array(room)
})

const NAMES = ["kind", "query", "file", "start", "line", "part", "signs"] as const

/** Makes columns; none yet. */
export const makeColumns = (): GrowingColumns => {
  let buffers = buffersFor(LEAST_ROOM)
  let length = 0
  const kinds: Array<RolloutKind> = []
  const numbers = new Map<string, number>()
  const numberOf = (kind: RolloutKind): number => {
    const key = `${kind.pattern} ${kind.mark === undefined ? "" : keyOfMark(kind.mark)} ${kind.level}`
    const known = numbers.get(key)
    if (known !== undefined) return known
    numbers.set(key, kinds.length)
    return kinds.push(kind) - 1
  }
  const makeRoom = (needed: number): void => {
    const room = buffers.kind.length
    if (needed <= room) return
    const small = buffers
    buffers = buffersFor(Math.max(needed, 2 * room))
    for (const name of NAMES) buffers[name].set(small[name].subarray(0, length))
  }
  return {
    append: (marks, { file, line, start }) => {
      const { kind, places, query } = marks
      if (places === undefined) throw new Error("The block was read without places: its plan has isPlaced.")
      if (file >= MOST_FILES) throw new Error(`At most ${MOST_FILES} files.`)
      const numberInAll = marks.kinds.map(numberOf)
      makeRoom(length + kind.length)
      for (let i = 0; i < kind.length; i++) {
        buffers.kind[length + i] = numberInAll[kind[i]!]!
        buffers.start[length + i] = start + places.start[i]!
        buffers.line[length + i] = line + places.line[i]!
      }
      buffers.query.set(query, length)
      buffers.file.fill(file, length, length + kind.length)
      buffers.part.set(places.part, length)
      buffers.signs.set(places.signs, length)
      length += kind.length
    },
    columns: () => ({ length, kinds, ...buffers })
  }
}
