/**
 * A map from queries to small integers in two flat arrays: a million queries take some 24 MB.
 *
 * Queries are kept as 53-bit hashes. Two of a million different queries fall together with probability 6 · 10⁻⁵; they would then be
 * resampled together, which no estimate would show.
 *
 * @module
 */

/** A map from 53-bit hashes to integers ≥ 0. */
export interface QueryIndex {
  readonly size: () => number
  /** The place of a hash, taken for it if it has none; good until the next call. */
  readonly locate: (hash: number) => number
  /** The value at a place, or −1 where none was set. */
  readonly valueAt: (place: number) => number
  readonly setAt: (place: number, value: number) => void
  readonly entries: () => ReadonlyArray<readonly [hash: number, value: number]>
  /** The entries by hash, smallest first, one at a time: 8 bytes an entry more. The index must not change meanwhile. */
  readonly sorted: () => Generator<readonly [hash: number, value: number]>
}

/** Hashes a text to an integer in [0, 2^53): two 32-bit multiplicative hashes, mixed (after Bryc's cyrb53, 2018). */
export const hashText = (text: string): number => {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 2654435761)
    b = Math.imul(b ^ code, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return 4294967296 * (2097151 & b) + (a >>> 0)
}

const FIRST_CAPACITY = 1024
const FREE = -1

/** Makes an empty index. Open addressing with linear probing, at most 60 % full. */
export const makeQueryIndex = (): QueryIndex => {
  // A power of two: the place of a hash is its low bits.
  let capacity = FIRST_CAPACITY
  let hashes = new Float64Array(capacity)
  let values = new Int32Array(capacity).fill(FREE)
  let size = 0
  const placeOf = (hash: number): number => {
    let place = (hash >>> 0) & (capacity - 1)
    while (values[place] !== FREE && hashes[place] !== hash) place = (place + 1) & (capacity - 1)
    return place
  }
  const setAt = (place: number, value: number): void => {
    if (values[place] === FREE) size++
    values[place] = value
  }
  const locate = (hash: number): number => {
    const place = placeOf(hash)
    hashes[place] = hash
    return place
  }
  const grow = (): void => {
    const [oldHashes, oldValues] = [hashes, values]
    capacity *= 2
    hashes = new Float64Array(capacity)
    values = new Int32Array(capacity).fill(FREE)
    size = 0
    for (let place = 0; place < oldValues.length; place++) {
      if (oldValues[place] !== FREE) setAt(locate(oldHashes[place]!), oldValues[place]!)
    }
  }
  return {
    size: () => size,
    entries: () => [...values.keys()].flatMap((place) => (values[place] === FREE ? [] : [[hashes[place]!, values[place]!] as const])),
    locate: (hash) => {
      if (size > 0.6 * capacity) grow()
      return locate(hash)
    },
    valueAt: (place) => values[place]!,
    setAt,
    sorted: function* () {
      const keys = new Float64Array(size)
      let k = 0
      for (let place = 0; place < capacity; place++) if (values[place] !== FREE) keys[k++] = hashes[place]!
      keys.sort()
      for (const hash of keys) yield [hash, values[placeOf(hash)]!]
    }
  }
}
