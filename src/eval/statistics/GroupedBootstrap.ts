/**
 * The bootstrap of Bootstrap.ts for queries that are told apart only by what they count.
 *
 * Of n queries drawn with replacement, the numbers that fall into each group are multinomial. So a round costs a draw for each large
 * group, not for each query; the queries of small groups are drawn one by one, which costs less there. A million queries make some
 * thousand groups, and their counts are sums of some hundred vectors (one for each pattern of a rollout): a round counts how often each
 * vector comes, and adds the vectors up once.
 *
 * @module
 */
import { type Draws, draws, fold } from "../../domain/Seed.ts"
import { bootstrapOf, type BootstrapOptions, type Counts, type Rounds } from "./Bootstrap.ts"
import { drawBinomial } from "./Binomial.ts"

/** Queries that all add the same to the totals: the vectors of these numbers, each so many times. */
export interface QueryGroup {
  readonly parts: ReadonlyArray<readonly [vector: number, times: number]>
  readonly queries: number
}

/** A set of queries in groups, and the vectors of `width` counts that their parts are numbers of. */
export interface GroupedQueries {
  readonly width: number
  readonly vectors: ReadonlyArray<Counts>
  readonly groups: ReadonlyArray<QueryGroup>
}

// The vectors in one flat array: rounds read every count of it, and there may be a hundred thousand patterns.
const tableOf = ({ vectors, width }: GroupedQueries): Float64Array => {
  const table = new Float64Array(vectors.length * width)
  vectors.forEach((counts, v) => table.set(counts, v * width))
  return table
}

const addUp = (table: Float64Array, width: number, times: Float64Array): Counts => {
  const totals = new Float64Array(width)
  for (let v = 0; v < times.length; v++) {
    const count = times[v]!
    if (count === 0) continue
    const start = v * width
    for (let k = 0; k < width; k++) totals[k]! += count * table[start + k]!
  }
  return Array.from(totals)
}

/** What a query of each group counts, and how many such queries there are. */
export const countsOfGroups = function* (grouped: GroupedQueries): Generator<readonly [counts: Counts, queries: number]> {
  for (const { parts, queries } of grouped.groups) {
    const totals = Array.from({ length: grouped.width }, () => 0)
    for (const [vector, times] of parts) {
      const counts = grouped.vectors[vector]!
      for (let k = 0; k < totals.length; k++) totals[k]! += times * counts[k]!
    }
    yield [totals, queries]
  }
}

/** Adds up what all queries count. */
export const sumGroups = (grouped: GroupedQueries): Counts => {
  const times = new Float64Array(grouped.vectors.length)
  for (const { parts, queries } of grouped.groups) for (const [vector, count] of parts) times[vector]! += queries * count
  return addUp(tableOf(grouped), grouped.width, times)
}

// Up to this many queries, drawing each is faster than drawing their number.
const SMALL = 2

// Parts of all groups in flat arrays: those of group g stand from starts[g] to starts[g + 1].
const flatten = (groups: ReadonlyArray<QueryGroup>) => {
  const parts = groups.flatMap((group) => group.parts)
  const starts = new Uint32Array(groups.length + 1)
  groups.forEach((group, g) => {
    starts[g + 1] = starts[g]! + group.parts.length
  })
  return { starts, vector: Uint32Array.from(parts, ([vector]) => vector), times: Float64Array.from(parts, ([, count]) => count) }
}

// Returns a function that draws one round from a stream: how often each vector came.
const makeRound = ({ groups, vectors }: GroupedQueries): (stream: Draws) => Float64Array => {
  // Large groups first: all queries are then drawn after few of the groups.
  const ordered = groups.toSorted((a, b) => b.queries - a.queries)
  const large = ordered.filter((group) => group.queries > SMALL)
  const { starts, times, vector } = flatten(ordered)
  const all = ordered.reduce((sum, group) => sum + group.queries, 0)
  // The group of every query that is in a small one.
  const owners = Uint32Array.from(ordered.flatMap(({ queries }, g) => (g < large.length ? [] : Array.from({ length: queries }, () => g))))
  const drawn = new Float64Array(vectors.length)
  const add = (group: number, count: number): void => {
    for (let i = starts[group]!; i < starts[group + 1]!; i++) drawn[vector[i]!]! += count * times[i]!
  }
  return (stream) => {
    drawn.fill(0)
    let toDraw = all
    let toCome = all
    for (let g = 0; g < large.length && toDraw > 0; g++) {
      const count = drawBinomial(stream, toDraw, large[g]!.queries / toCome)
      toDraw -= count
      toCome -= large[g]!.queries
      if (count > 0) add(g, count)
    }
    for (; toDraw > 0; toDraw--) add(owners[Math.floor(stream.uniform() * owners.length)]!, 1)
    return drawn
  }
}

/** The rounds of a bootstrap in blocks, each with draws of its own, so that any thread may draw any block. */
export interface RoundBlocks {
  readonly count: number
  readonly draw: (block: number) => Rounds
}

const BLOCK_ROUNDS = 50

/** Prepares what `resampleGroups` draws, to be drawn block by block. */
export const roundBlocks = (grouped: GroupedQueries, stratum: string, options: BootstrapOptions = {}): RoundBlocks => {
  const { rounds, seed } = bootstrapOf(options)
  const round = makeRound(grouped)
  const table = tableOf(grouped)
  return {
    count: Math.ceil(rounds / BLOCK_ROUNDS),
    draw: (block) => {
      const stream = draws(fold(seed, "bootstrap", stratum, block))
      return Array.from({ length: Math.min(BLOCK_ROUNDS, rounds - block * BLOCK_ROUNDS) }, () => addUp(table, grouped.width, round(stream)))
    }
  }
}

/** Resamples queries as `resample` does, with the same distribution of totals. `stratum` names the set of queries. */
export const resampleGroups = (grouped: GroupedQueries, stratum: string, options: BootstrapOptions = {}): Rounds => {
  const { count, draw } = roundBlocks(grouped, stratum, options)
  return Array.from({ length: count }, (_, block) => draw(block)).flat()
}
