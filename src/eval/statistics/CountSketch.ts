/**
 * Short stand-ins for long vectors whose inner products are those of the vectors, on average and nearly.
 *
 * A coordinate is added to one of `width` places with a random sign: ⟨Sx, Sy⟩ has the mean ⟨x, y⟩ over the draws of S and a variance of at
 * most (‖x‖²‖y‖² + ⟨x, y⟩²)/width. S is linear, so the sketch of a sum is the sum of sketches. Source: Charikar, Chen and Farach-Colton,
 * 2002, "Finding frequent items in data streams"; for inner products Weinberger et al., 2009, "Feature hashing for large scale multitask
 * learning", lemma 2.
 *
 * @module
 */
import { fold, type Seed } from "../../domain/Seed.ts"

/** Makes the sketch of a vector. All sketches of one `CountSketch` are by the same draw of S. */
export interface CountSketch {
  /** The length of sketches: the width asked for, or the vectors' own length if that is less, and then inner products are exact. */
  readonly width: number
  readonly of: (vector: ArrayLike<number>) => Float64Array
}

/** 32 signs. */
const signsOf = (seed: Seed, word: number): number => {
  let bits = Math.imul((seed ^ word) + 0x9e3779b9, 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 15) ^ seed, 0xc2b2ae35)
  bits = Math.imul(bits ^ (bits >>> 13), 0x27d4eb2f)
  return bits ^ (bits >>> 16)
}

/**
 * Draws a sketch for vectors of `length` numbers.
 *
 * Stretches of `width` coordinates are each turned by a drawn number of places, so two coordinates of one stretch never meet and those of
 * different ones do with probability 1/width; signs are drawn for each. One pass over the vector in its own order. Domain: `width` ≥ 1.
 */
export const countSketch = (length: number, width: number, seed: Seed): CountSketch => {
  const size = Math.min(length, width)
  const shifts = Array.from({ length: Math.ceil(length / Math.max(1, size)) }, (_, stretch) => fold(seed, "shift", stretch) % size)
  const signSeed = fold(seed, "signs")
  return {
    width: size,
    of: (vector) => {
      const sketch = new Float64Array(size)
      shifts.forEach((shift, stretch) => {
        let bits = 0
        const [start, end] = [stretch * size, Math.min(length, (stretch + 1) * size)]
        for (let i = start, place = shift; i < end; i++, place++) {
          if (i === start || (i & 31) === 0) bits = signsOf(signSeed, i >>> 5)
          if (place === size) place = 0
          sketch[place]! += (bits >>> (i & 31)) & 1 ? vector[i]! : -vector[i]!
        }
      })
      return sketch
    }
  }
}
