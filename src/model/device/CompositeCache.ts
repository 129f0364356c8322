/**
 * The cache of keys and values for devices whose tensors cannot be written into: columns are appended, and nothing is rewritten for each token.
 *
 * @module
 */
import type { Tensor2D, Tensor4D } from "@tensorflow/tfjs-core"
import type { TensorLibrary } from "./Device.ts"
import { checkGrowth, type KvCache } from "./Ops.ts"

/** A run of columns: keys and values [B,keyHeads,C,d], and the group of every entry [B,C]. */
export interface Columns {
  readonly keys: Tensor4D
  readonly values: Tensor4D
  readonly groups: Tensor2D
}

/** The parts of {@link Columns}, and the axis that counts the columns. */
const PARTS = [["keys", 2], ["values", 2], ["groups", 1]] as const

/** Names what caches have been through: caches with one name hold the same slots and groups in the same columns. */
export class Histories {
  #latest: { readonly parent: number; readonly parts: ReadonlyArray<Int32Array>; readonly name: number } | undefined
  #names = 0

  /** The name of `parent` and then these parts. Caches that are filled in step have one name; others may get two for the same history. */
  next(parent: number, parts: ReadonlyArray<Int32Array>): number {
    const latest = this.#latest
    const isKnown = latest?.parent === parent && latest.parts.length === parts.length &&
      latest.parts.every((part, i) => part.length === parts[i]!.length && part.every((value, n) => value === parts[i]![n]))
    if (isKnown) return latest.name
    this.#latest = { parent, parts: parts.map((part) => part.slice()), name: ++this.#names }
    return this.#names
  }
}

const lengthOf = (run: Columns | undefined): number => run?.groups.shape[1] ?? 0

const EMPTY = -1

/** What may pile up where the fullest row has so many entries: half as much again, and a little, so that small caches are left alone. */
const mostColumns = (live: number): number => Math.ceil(1.5 * live) + 16

/**
 * Keys and values as columns in the order in which they were written. A column has one entry for each row; which slot of its row an entry
 * is, or that it is none (the row rested, or its slot was written again), is kept beside them and decides what attention sees. So a token costs one
 * column, not a new copy of the cache.
 *
 * Columns lie in two runs. New ones join the short run until its length is √(2·length of the long run), then the long run takes it up:
 * of C columns √(2C) are copied for a token, in the mean. When the long run has more than 1.5 L + 16 columns, L ≤ slots being the number
 * of entries of the fullest row, the entries of each row move together into L.
 */
export class CompositeCache implements KvCache {
  readonly rows: number
  readonly width: number
  readonly heads: number
  readonly keyHeads: number
  readonly #tf: TensorLibrary
  readonly #histories: Histories
  #history: number
  #slots: number
  #long: Columns | undefined
  #short: Columns | undefined
  /** For each column the slot of each row's entry. */
  #slotOf: Array<Int32Array> = []
  /** For each row, at its slot, the column. */
  #columnOf: Int32Array
  #isDisposed = false

  constructor(tf: TensorLibrary, histories: Histories, rows: number, slots: number, width: number, heads: number, keyHeads: number) {
    this.#tf = tf
    this.#histories = histories
    this.#history = histories.next(0, [Int32Array.of(rows)])
    this.rows = rows
    this.width = width
    this.heads = heads
    this.keyHeads = keyHeads
    this.#slots = slots
    this.#columnOf = new Int32Array(rows * slots).fill(EMPTY)
  }

  get slots(): number {
    return this.#slots
  }

  /** The number of columns there are. */
  get columns(): number {
    return this.#slotOf.length
  }

  /** What was appended so far, by name. What attention masks depends on nothing else. */
  get history(): number {
    return this.#history
  }

  /** The same columns with more slots; this cache is disposed. Nothing is copied on the device. */
  grown(slots: number): CompositeCache {
    checkGrowth(this, slots)
    const into = new CompositeCache(this.#tf, this.#histories, this.rows, slots, this.width, this.heads, this.keyHeads)
    for (let row = 0; row < this.rows; row++) {
      into.#columnOf.set(this.#columnOf.subarray(row * this.slots, (row + 1) * this.slots), row * slots)
    }
    into.#slotOf = this.#slotOf
    into.#history = this.#history
    into.#long = this.#long
    into.#short = this.#short
    this.#long = this.#short = undefined
    this.#isDisposed = true
    return into
  }

  dispose(): void {
    this.#isDisposed = true
    this.#drop(this.#long)
    this.#drop(this.#short)
    this.#long = this.#short = undefined
  }

  /**
   * Appends columns for every row. `slots` says for each of them the slot of each row's entry, −1 for rows that rest; an earlier
   * entry of the same slot is not seen any more. `groups` stands for the groups of the columns in the cache's history.
   */
  append(fresh: Columns, slots: ReadonlyArray<Int32Array>, groups: Int32Array): void {
    if (this.#isDisposed) throw new Error("The cache was disposed.")
    this.#history = this.#histories.next(this.#history, [groups, ...slots])
    for (const entries of slots) this.#enter(entries)
    const short = this.#joined(this.#short, fresh)
    this.#short = short
    if (lengthOf(short) ** 2 < 2 * lengthOf(this.#long)) return
    this.#long = this.#joined(this.#long, short)
    this.#short = undefined
    this.#drop(short)
    this.#moveTogether()
  }

  /** The runs of columns that there are, the oldest first. They are the cache's, and must not be disposed. */
  runs(): ReadonlyArray<Columns> {
    return [this.#long, this.#short].filter((run) => run !== undefined)
  }

  /** 1 for each entry in a slot of its row below the one given, row by row, [B·C]; nothing for a row whose limit is 0 or less. */
  below(limits: Int32Array): Float32Array {
    return this.#mark((slot, row) => slot >= 0 && slot < limits[row]!)
  }

  /** 1 for each entry in exactly the slot given of its row, [B·C]; nothing for a row that rests. */
  at(slots: Int32Array): Float32Array {
    return this.#mark((slot, row) => slot >= 0 && slot === slots[row]!)
  }

  #mark(isMarked: (slot: number, row: number) => boolean): Float32Array {
    const count = this.columns
    const marks = new Float32Array(this.rows * count)
    this.#slotOf.forEach((slots, column) => {
      for (let row = 0; row < this.rows; row++) if (isMarked(slots[row]!, row)) marks[row * count + column] = 1
    })
    return marks
  }

  #enter(slots: Int32Array): void {
    const column = this.#slotOf.push(slots) - 1
    for (let row = 0; row < this.rows; row++) {
      const slot = slots[row]!
      if (slot < 0) continue
      if (slot >= this.slots) {
        throw new Error(`Slot ${slot} of row ${row} is not among the cache's ${this.slots} slots.`)
      }
      const place = row * this.slots + slot
      const earlier = this.#columnOf[place]!
      if (earlier !== EMPTY) this.#slotOf[earlier]![row] = EMPTY
      this.#columnOf[place] = column
    }
  }

  /** Two runs as one; the first is freed. */
  #joined(first: Columns | undefined, second: Columns): Columns {
    const tf = this.#tf
    const joined = Object.fromEntries(
      PARTS.map((
        [part, axis]
      ) => [part, tf.keep(first === undefined ? tf.clone(second[part]) : tf.concat([first[part], second[part]], axis))])
    )
    this.#drop(first)
    return joined as unknown as Columns
  }

  #drop(run: Columns | undefined): void {
    if (run !== undefined) this.#tf.dispose([run.keys, run.values, run.groups])
  }

  /** Leaves out what no row sees, if that is much: each row's entries move to the first columns, in the order of their slots. */
  #moveTogether(): void {
    const long = this.#long
    const live = Array.from({ length: this.rows }, (_, row) => this.#slotsOf(row).length)
    const fullest = Math.max(...live)
    const count = this.columns
    if (long === undefined || count <= mostColumns(fullest)) return
    const { keyHeads, rows } = this
    const from = new Int32Array(rows * fullest)
    const slotOf = Array.from({ length: fullest }, () => new Int32Array(rows).fill(EMPTY))
    for (let row = 0; row < rows; row++) {
      this.#slotsOf(row).forEach((slot, column) => {
        from[row * fullest + column] = this.#columnOf[row * this.slots + slot]!
        slotOf[column]![row] = slot
        this.#columnOf[row * this.slots + slot] = column
      })
    }
    this.#slotOf = slotOf
    this.#long = this.#gathered(long, from, count, fullest, keyHeads)
    this.#drop(long)
  }

  /** The slots of a row that are written, ascending. */
  #slotsOf(row: number): ReadonlyArray<number> {
    const slots: Array<number> = []
    for (let slot = 0; slot < this.slots; slot++) if (this.#columnOf[row * this.slots + slot] !== EMPTY) slots.push(slot)
    return slots
  }

  /** For each row the columns that `from` names, `length` of them, out of `count`. */
  #gathered({ groups, keys, values }: Columns, from: Int32Array, count: number, length: number, heads: number): Columns {
    const tf = this.#tf
    const { rows } = this
    return tf.tidy(() => {
      // In tensors with one entry a line, the line of each entry.
      const ofRow = (n: number): number => Math.floor(n / length) * count + from[n]!
      const ofHead = (n: number): number => {
        const line = Math.floor(n / length)
        return line * count + from[Math.floor(line / heads) * length + (n % length)]!
      }
      const lines = (size: number, line: (n: number) => number) =>
        tf.tensor1d(Int32Array.from({ length: size }, (_, n) => line(n)), "int32")
      const [rowLines, headLines] = [lines(rows * length, ofRow), lines(rows * heads * length, ofHead)]
      const depth = keys.shape[3]
      const moved = (x: Tensor4D): Tensor4D =>
        tf.keep(tf.reshape(tf.gather(tf.reshape(x, [rows * heads * count, depth]), headLines), [rows, heads, length, depth]))
      return {
        keys: moved(keys),
        values: moved(values),
        groups: tf.keep(tf.reshape(tf.gather(tf.reshape(groups, [rows * count]), rowLines), [rows, length]) as Tensor2D)
      }
    })
  }
}
