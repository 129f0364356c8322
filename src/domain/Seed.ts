/**
 * Seeds: every random choice of the library is a function of one integer seed and the path that leads to the choice,
 * so it depends neither on batching nor on the number of workers.
 *
 * @module
 */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64"
import { uniformInt } from "pure-rand/distribution/uniformInt"
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus"

/** An unsigned 32-bit integer. */
export type Seed = number

/** A stream of uniform draws, made from a seed. The stream itself is local, mutable state of the function that draws. */
export interface Draws {
  /** A float64 in [0, 1). */
  readonly uniform: () => number
  /** An integer in [from, to], both ends included. */
  readonly integer: (from: number, to: number) => number
  /** One of a list that is not empty. */
  readonly pick: <A>(items: ReadonlyArray<A>) => A
}

// The finalizer of MurmurHash3 (Appleby, 2011): every input bit changes every output bit with probability near 1/2.
const mix = (hash: number): number => {
  let h = hash >>> 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** Derives the seed of a sub-computation: `fold(seed, step, row)` differs for every path and is the same for the same path. */
export const fold = (seed: Seed, ...path: ReadonlyArray<number | string>): Seed => {
  let hash = mix(seed + 0x9e3779b9)
  for (const part of path) {
    if (typeof part === "number") {
      hash = mix(Math.imul(hash, 31) + (part | 0) + 0x9e3779b9)
      continue
    }
    // The length keeps ("ab") apart from ("a", "b").
    hash = mix(Math.imul(hash, 31) ^ (part.length + 0x85ebca6b))
    for (let i = 0; i < part.length; i++) hash = mix(Math.imul(hash, 31) + part.charCodeAt(i) + 0x9e3779b9)
  }
  return hash
}

/**
 * Opens the stream of uniform draws of a seed (xoroshiro128+ of pure-rand). The seed is one that `fold` made: of numbers that people write, 1, 2 and 3,
 * the first draws are close to 1 and to each other.
 */
export const draws = (seed: Seed): Draws => {
  const generator = xoroshiro128plus(seed | 0)
  return {
    uniform: () => uniformFloat64(generator),
    integer: (from, to) => uniformInt(generator, from, to),
    pick: (items) => items[uniformInt(generator, 0, items.length - 1)]!
  }
}

/** Shuffles a copy of `items` (Fisher and Yates, 1938; in Durstenfeld's form). */
export const shuffle = <A>(items: ReadonlyArray<A>, seed: Seed): Array<A> => {
  const stream = draws(seed)
  const copy = [...items]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = stream.integer(0, i)
    const swapped = copy[i]!
    copy[i] = copy[j]!
    copy[j] = swapped
  }
  return copy
}
