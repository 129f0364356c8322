/**
 * Where the parts of a difference lie when they are stacked: those above 0 to the right of it, those below 0 to the left.
 *
 * @module
 */

/** The ends of a part. */
export interface Stacked {
  readonly from: number
  readonly to: number
}

/** Stacks values in their order; a value that is not defined takes no room. The parts above 0 end at their sum, those below 0 at theirs. */
export const stacked = (values: ReadonlyArray<number | null>): ReadonlyArray<Stacked> => {
  let [above, below] = [0, 0]
  return values.map((value) => {
    const size = value ?? 0
    if (size >= 0) {
      above += size
      return { from: above - size, to: above }
    }
    below += size
    return { from: below, to: below - size }
  })
}
