/**
 * Running totals of rollouts, small enough for millions: for every level the outcomes, and for every query which patterns
 * (Pattern.ts) its rollouts had. Queries with the same patterns share one signature (Signatures.ts).
 *
 * @module
 */
import { Schema } from "effect"
import type { EvaluatedRollout } from "../calibration/EvaluatedRollout.ts"
import { isScored, isScoredOutcome } from "../calibration/Outcomes.ts"
import { outcomeOfPattern, patternOf } from "./Pattern.ts"
import { hashText, makeQueryIndex, type QueryIndex } from "./QueryIndex.ts"
import type { BlockMarks } from "./ReadBlock.ts"
import { makeSignatures, type PatternCounts, type Signatures } from "./Signatures.ts"

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

interface LevelState {
  readonly patterns: Map<string, number>
  readonly index: QueryIndex
  readonly signatures: Signatures
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
    for (let i = 0; i < queries.length; i += 2) {
      state.index.setAt(state.index.locate(queries[i]!), state.signatures.take(signatures[queries[i + 1]!]!))
    }
  }
  const levels = (): ReadonlyArray<LevelTally> =>
    [...states].map(([level, { index, patterns, signatures }]) => ({
      level,
      patterns,
      queries: () => index.entries().map(([hash, number]) => [hash, signatures.text(number)] as const),
      signatures: signatures.counts()
    }))
  const note = ({ index, signatures }: LevelState, pattern: string, hash: number): void => {
    const place = index.locate(hash)
    index.setAt(place, signatures.advance(index.valueAt(place), pattern))
  }
  const count = ({ patterns }: LevelState, pattern: string, times: number): void => {
    patterns.set(pattern, (patterns.get(pattern) ?? 0) + times)
  }
  return {
    levels,
    add: (rollout) => {
      const state = stateOf(rollout.level)
      const pattern = patternOf(rollout)
      count(state, pattern, 1)
      if (isScored(rollout)) note(state, pattern, hashText(rollout.query))
    },
    addMarks: ({ kind, kinds, query }) => {
      const times = new Uint32Array(kinds.length)
      const levelStates = kinds.map(({ level }) => stateOf(level))
      const scored = kinds.map(({ pattern }) => isScoredOutcome(outcomeOfPattern(pattern)))
      for (let i = 0; i < query.length; i++) {
        const k = kind[i]!
        times[k]!++
        if (scored[k]) note(levelStates[k]!, kinds[k]!.pattern, query[i]!)
      }
      kinds.forEach(({ pattern }, k) => count(levelStates[k]!, pattern, times[k]!))
    },
    save: () =>
      levels().map(({ level, patterns, queries, signatures }) => {
        const texts = [...signatures.keys()]
        const numbers = new Map(texts.map((text, number) => [text, number]))
        return {
          level,
          patterns: [...patterns],
          signatures: texts,
          queries: queries().flatMap(([hash, text]) => [hash, numbers.get(text)!])
        }
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
