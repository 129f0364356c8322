/**
 * Tallies of several sets of rollouts as one, and tallies that take little memory.
 *
 * @module
 */
import { parseSignature, sumSignature } from "./Signatures.ts"
import type { LevelTally } from "./Tallies.ts"

type Query = readonly [hash: number, signature: string]

// Two flat arrays and the few signatures: twelve bytes a query.
const compact = (level: string, patterns: ReadonlyMap<string, number>, queries: Iterable<Query>, size: number): LevelTally => {
  const hashes = new Float64Array(size)
  const numbers = new Uint32Array(size)
  const texts: Array<string> = []
  const known = new Map<string, number>()
  const signatures = new Map<string, number>()
  let length = 0
  for (const [hash, signature] of queries) {
    const number = known.get(signature) ?? texts.push(signature) - 1
    known.set(signature, number)
    signatures.set(signature, (signatures.get(signature) ?? 0) + 1)
    hashes[length] = hash
    numbers[length++] = number
  }
  return {
    level,
    patterns,
    signatures,
    queries: () => Array.from(hashes, (hash, k) => [hash, texts[numbers[k]!]!] as const),
    sorted: function* () {
      const order = Uint32Array.from(hashes.keys()).sort((a, b) => hashes[a]! - hashes[b]!)
      for (const k of order) yield [hashes[k]!, texts[numbers[k]!]!] as const
    }
  }
}

const poolLevel = (level: string, parts: ReadonlyArray<LevelTally>): LevelTally => {
  const patterns = new Map<string, number>()
  const queries = new Map<number, string>()
  for (const part of parts) {
    for (const [pattern, count] of part.patterns) patterns.set(pattern, (patterns.get(pattern) ?? 0) + count)
    for (const [hash, signature] of part.queries()) {
      const before = queries.get(hash)
      queries.set(hash, before === undefined ? signature : sumSignature([parseSignature(before), parseSignature(signature)]))
    }
  }
  return compact(level, patterns, queries, queries.size)
}

/**
 * Pools tallies: what one tally of all their rollouts would hold, in any order and any split of them; none of them changes, nor does the result when they grow.
 * Counts of patterns add up, and so do those of each query. Alone, a tally is copied into twelve bytes a query.
 */
export const poolTallies = (parts: ReadonlyArray<ReadonlyArray<LevelTally>>): ReadonlyArray<LevelTally> =>
  [...Map.groupBy(parts.flat(), ({ level }) => level)].map(([level, tallies]) => poolLevel(level, tallies))
