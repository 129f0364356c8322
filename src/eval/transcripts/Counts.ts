/**
 * Counts by name, and their sums.
 *
 * @module
 */

/** How often each name was seen. */
export type Counts = Readonly<Record<string, number>>

/** Adds counts, name by name; names stand in the order in which they first come. */
export const addCounts = (...all: ReadonlyArray<Counts>): Counts => {
  const sum: Record<string, number> = {}
  for (const counts of all) for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count
  return sum
}
