/**
 * Running totals of rollouts, small enough for millions: for every level the outcomes, and for every query which patterns
 * (Pattern.ts) its rollouts had. Queries with the same patterns share one entry.
 */
import { Schema } from "effect"
import type { EvaluatedRollout } from "../EvaluatedRollout.ts"
import { isScored } from "../Outcomes.ts"
import { outcomeOfPattern, patternOf } from "./Pattern.ts"
import { hashText, makeQueryIndex, type QueryIndex } from "./QueryIndex.ts"
import type { BlockMarks } from "./ReadBlock.ts"

/** The patterns of a query's scored rollouts, each with how often it came. */
export type PatternCounts = ReadonlyMap<string, number>

/** The tallies of one level. */
export interface LevelTally {
  readonly level: string
  /** Number of rollouts by pattern, unscored ones included. */
  readonly patterns: PatternCounts
  /** Patterns of each query by its hash. */
  readonly queries: () => ReadonlyArray<readonly [hash: number, signature: string]>
  /** How many queries have the same patterns, by signature. */
  readonly signatures: ReadonlyMap<string, number>
}

/** Running totals; `add` changes them in place. */
export interface Tallies {
  readonly add: (rollout: EvaluatedRollout) => void
  /** Adds a block of rollouts that another thread may have read. */
  readonly addMarks: (marks: BlockMarks) => void
  readonly levels: () => ReadonlyArray<LevelTally>
  readonly save: () => SavedTallies
}

/** Tallies as JSON. Hashes and signature numbers alternate in `queries`. */
export const SavedTallies = Schema.Array(Schema.Struct({
  level: Schema.String,
  patterns: Schema.Array(Schema.Tuple([Schema.String, Schema.Int])),
  signatures: Schema.Array(Schema.String),
  queries: Schema.Array(Schema.Number)
}))

/** Tallies as JSON. */
export type SavedTallies = typeof SavedTallies.Type

// A signature lists patterns with counts in the order of first appearance, e.g. "1c:3 0b:1".
const addPattern = (signature: string, pattern: string): string => {
  if (signature === "") return `${pattern}:1`
  const parts = signature.split(" ")
  const place = parts.findIndex((part) => part.startsWith(`${pattern}:`))
  if (place < 0) parts.push(`${pattern}:1`)
  else parts[place] = `${pattern}:${Number(parts[place]!.slice(pattern.length + 1)) + 1}`
  return parts.sort().join(" ")
}

/** Reads a signature. */
export const parseSignature = (signature: string): PatternCounts =>
  new Map(signature.split(" ").filter((part) => part !== "").map((part) => {
    const [pattern = "", count = ""] = part.split(":")
    return [pattern, Number(count)] as const
  }))

// Signatures by number with the queries that have them; numbers of signatures that nobody has any more are used again.
const makeSignatures = () => {
  const texts: Array<string> = []
  const owners: Array<number> = []
  const numbers = new Map<string, number>()
  const free: Array<number> = []
  return {
    text: (number: number): string => texts[number]!,
    take: (text: string): number => {
      const known = numbers.get(text)
      const number = known ?? free.pop() ?? texts.length
      if (known === undefined) {
        texts[number] = text
        owners[number] = 0
        numbers.set(text, number)
      }
      owners[number]!++
      return number
    },
    release: (number: number): void => {
      if (--owners[number]! > 0) return
      numbers.delete(texts[number]!)
      free.push(number)
    },
    counts: (): ReadonlyMap<string, number> => new Map([...numbers].map(([text, number]) => [text, owners[number]!] as const))
  }
}

interface LevelState {
  readonly patterns: Map<string, number>
  readonly index: QueryIndex
  readonly signatures: ReturnType<typeof makeSignatures>
}

/** Makes tallies: empty ones, or those that were saved. */
export const makeTallies = (saved: SavedTallies = []): Tallies => {
  const states = new Map<string, LevelState>()
  const stateOf = (level: string): LevelState => {
    const known = states.get(level)
    if (known !== undefined) return known
    const state = { patterns: new Map<string, number>(), index: makeQueryIndex(), signatures: makeSignatures() }
    states.set(level, state)
    return state
  }
  for (const { level, patterns, queries, signatures } of saved) {
    const state = stateOf(level)
    for (const [pattern, count] of patterns) state.patterns.set(pattern, count)
    for (let i = 0; i < queries.length; i += 2) state.index.set(queries[i]!, state.signatures.take(signatures[queries[i + 1]!]!))
  }
  const levels = (): ReadonlyArray<LevelTally> =>
    [...states].map(([level, { index, patterns, signatures }]) => ({
      level,
      patterns,
      queries: () => index.entries().map(([hash, number]) => [hash, signatures.text(number)] as const),
      signatures: signatures.counts()
    }))
  const note = (level: string, pattern: string, hash: number, scored: boolean): void => {
    const { index, patterns, signatures } = stateOf(level)
    patterns.set(pattern, (patterns.get(pattern) ?? 0) + 1)
    if (!scored) return
    const before = index.get(hash)
    index.set(hash, signatures.take(addPattern(before < 0 ? "" : signatures.text(before), pattern)))
    if (before >= 0) signatures.release(before)
  }
  return {
    levels,
    add: (rollout) => note(rollout.level, patternOf(rollout), hashText(rollout.query), isScored(rollout)),
    addMarks: (marks) => {
      for (let i = 0; i < marks.query.length; i++) {
        note(marks.levels[marks.level[i]!]!, marks.patterns[marks.pattern[i]!]!, marks.query[i]!, marks.isScored[i]!)
      }
    },
    save: () =>
      levels().map(({ level, patterns, queries, signatures }) => {
        const texts = [...signatures.keys()]
        const numbers = new Map(texts.map((text, number) => [text, number]))
        return { level, patterns: [...patterns], signatures: texts, queries: queries().flatMap(([hash, text]) => [hash, numbers.get(text)!]) }
      })
  }
}

/** The longest rollout of all, in attempts; at least 1. */
export const longestPattern = (levels: ReadonlyArray<LevelTally>): number =>
  Math.max(1, ...levels.flatMap(({ patterns }) => [...patterns.keys()].map((pattern) => pattern.replace(/^\d\+?/, "").length)))

/** Number of rollouts of a level by outcome. */
export const outcomesOf = ({ patterns }: LevelTally) => {
  const counts = { Correct: 0, Wrong: 0, Unparsable: 0, GoldInvalid: 0, Truncated: 0 }
  for (const [pattern, count] of patterns) counts[outcomeOfPattern(pattern)] += count
  return counts
}
