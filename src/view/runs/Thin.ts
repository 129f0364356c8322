/**
 * Fewer points that look the same: of each stretch the smallest and the largest value.
 *
 * @module
 */
import type { Point } from "../chart/Series.ts"

/** The most points of a series that are drawn. */
export const MOST_POINTS = 1000

/**
 * At most `most` points: each of most/2 stretches of equally many points keeps its smallest and its largest value, in their order, so no peak is lost. Points
 * without a value are left out; a series that is short enough stays as it is.
 */
export const thinned = (points: ReadonlyArray<Point>, most: number = MOST_POINTS): ReadonlyArray<Point> => {
  const known = points.filter(({ y }) => y !== null)
  if (known.length <= most) return known
  const stretches = Math.max(1, Math.floor(most / 2))
  return Array.from({ length: stretches }, (_, k) => {
    const from = Math.floor((k * known.length) / stretches)
    const to = Math.floor(((k + 1) * known.length) / stretches)
    let [least, largest] = [from, from]
    for (let i = from + 1; i < to; i++) {
      if (known[i]!.y! < known[least]!.y!) least = i
      if (known[i]!.y! > known[largest]!.y!) largest = i
    }
    return least === largest ? [known[least]!] : [known[Math.min(least, largest)]!, known[Math.max(least, largest)]!]
  }).flat()
}
