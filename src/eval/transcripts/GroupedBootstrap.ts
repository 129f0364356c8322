/**
 * The bootstrap of Bootstrap.ts for queries that are told apart only by what they count.
 *
 * Of n queries drawn with replacement, the numbers that fall into each group are multinomial. So a round costs a draw for each
 * group, not for each query: a million queries make some hundred groups.
 */
import { draws, fold } from "../../domain/Seed.ts"
import { DEFAULT_ROUNDS, type BootstrapOptions, type Counts, type Rounds } from "../Bootstrap.ts"
import { drawBinomial } from "./Binomial.ts"

/** Queries that all add the same counts to the totals. */
export interface QueryGroup {
  readonly counts: Counts
  readonly queries: number
}

/** Adds up groups: each one's counts as often as it has queries. */
export const sumGroups = (groups: ReadonlyArray<QueryGroup>, width: number): Counts => {
  const totals = Array.from({ length: width }, () => 0)
  for (const { counts, queries } of groups) for (let k = 0; k < width; k++) totals[k]! += queries * counts[k]!
  return totals
}

/** Resamples queries as `resample` does, with the same distribution of totals. `stratum` names the set of queries. */
export const resampleGroups = (
  groups: ReadonlyArray<QueryGroup>,
  width: number,
  stratum: string,
  options: BootstrapOptions = {}
): Rounds => {
  const stream = draws(fold(options.seed ?? 0, "bootstrap", stratum))
  // Large groups first: all queries are then drawn after few of the groups.
  const ordered = groups.toSorted((a, b) => b.queries - a.queries)
  const queries = ordered.reduce((sum, group) => sum + group.queries, 0)
  return Array.from({ length: options.rounds ?? DEFAULT_ROUNDS }, () => {
    const totals = Array.from({ length: width }, () => 0)
    let toDraw = queries
    let toCome = queries
    for (const group of ordered) {
      if (toDraw === 0) break
      const drawn = drawBinomial(stream, toDraw, group.queries / toCome)
      toDraw -= drawn
      toCome -= group.queries
      if (drawn > 0) for (let k = 0; k < width; k++) totals[k]! += drawn * group.counts[k]!
    }
    return totals
  })
}
