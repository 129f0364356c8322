/**
 * Running totals of rollouts, small enough for millions: for every level the outcomes, and for every query which patterns
 * (Pattern.ts) its rollouts had. Queries with the same patterns share one signature (Signatures.ts).
 *
 * @module
 */
import { Schema } from "effect"
import { ConfigError } from "../../domain/Errors.ts"
import type { EvaluatedRollout } from "../calibration/EvaluatedRollout.ts"
import { isCountedOutcome } from "../calibration/Outcomes.ts"
import { attemptsOfPattern, outcomeOfPattern, PATTERN, patternOf } from "./Pattern.ts"
import { hashText, makeQueryIndex, type QueryIndex } from "./QueryIndex.ts"
import type { BlockMarks } from "./ReadBlock.ts"
import { makeSignatures, parseSignature, type PatternCounts, type Signatures } from "./Signatures.ts"

/** All that a calibration needs to know of one level. */
export interface CountedLevel {
  readonly level: string
  /** Number of rollouts by pattern, those with a broken reference answer included. */
  readonly patterns: PatternCounts
  /** How many queries have the same patterns, by signature. */
  readonly signatures: ReadonlyMap<string, number>
}

/** The tallies of one level. */
export interface LevelTally extends CountedLevel {
  /** Patterns of each query by its hash, truncated rollouts included: whether they count is said when numbers are computed. */
  readonly queries: () => ReadonlyArray<readonly [hash: number, signature: string]>
  /** The same by hash, smallest first, one at a time. */
  readonly sorted: () => Iterable<readonly [hash: number, signature: string]>
}

/** Running totals; `add` changes them in place. Adding throws `ConfigError` at more than 5,000 levels. */
export interface Tallies {
  readonly add: (rollout: EvaluatedRollout) => void
  /** Adds a block of rollouts that another thread may have read. */
  readonly addMarks: (marks: BlockMarks) => void
  readonly levels: () => ReadonlyArray<LevelTally>
  readonly save: () => SavedTallies
}

/** Says whether a rollout is one of its query's. Only where its reference answer is broken it is not: nothing can be said of it in any way of counting. */
export const isNoted = (pattern: string): boolean => isCountedOutcome(outcomeOfPattern(pattern), "counted")

const NOT_NOTED = -1

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

const SavedLevel = Schema.Struct({
  level: Schema.String,
  patterns: Schema.Array(Schema.Tuple([Schema.String.check(Schema.isPattern(PATTERN)), Count])),
  signatures: Schema.Array(Schema.String),
  queries: Schema.Array(Schema.Number)
})

// Numbers that do not belong together would be counted without a word. Also refuses what was saved when truncated rollouts were not noted.
const contradiction = ({ patterns, queries, signatures }: typeof SavedLevel.Type): string | undefined => {
  if (queries.length % 2 !== 0) return "a query without a signature"
  const times = new Float64Array(signatures.length)
  for (let i = 1; i < queries.length; i += 2) {
    const number = queries[i]!
    if (!Number.isInteger(number) || number < 0 || number >= signatures.length) return `signature ${number} of ${signatures.length}`
    times[number]!++
  }
  const rest = new Map(patterns.filter(([pattern]) => isNoted(pattern)))
  for (let k = 0; k < signatures.length; k++) {
    for (const [pattern, count] of parseSignature(signatures[k]!)) rest.set(pattern, (rest.get(pattern) ?? 0) - times[k]! * count)
  }
  for (const [pattern, count] of rest) if (count !== 0) return `pattern ${pattern} is not counted as often as queries have it`
  return undefined
}

/** Tallies as JSON. Hashes and signature numbers alternate in `queries`. */
export const SavedTallies = Schema.Array(SavedLevel.check(
  Schema.makeFilter((saved) => contradiction(saved) ?? true, {
    title: "consistent tallies",
    description: "every query has a signature, and signatures have the patterns that were counted"
  })
))

/** Tallies as JSON. */
export type SavedTallies = typeof SavedTallies.Type

interface LevelState {
  readonly patterns: Map<string, number>
  readonly index: QueryIndex
  readonly signatures: Signatures
}

/** Levels of rollouts, at most: each is calibrated on its own, with a bootstrap of its own. */
export const MOST_LEVELS = 5_000

/** Throws `ConfigError` for more levels than are calibrated. */
export const assertLevels = (count: number): void => {
  if (count <= MOST_LEVELS) return
  throw new ConfigError({
    field: "the levels of the rollouts",
    value: `more than ${MOST_LEVELS}`,
    expected:
      "at most so many: does the field `level` name every row? Leave it out, or name the kind of problem, its size or its source in it"
  })
}

/** Makes tallies: empty ones, or those that were saved. */
export const makeTallies = (saved: SavedTallies = []): Tallies => {
  const states = new Map<string, LevelState>()
  const stateOf = (level: string): LevelState => {
    const known = states.get(level)
    if (known !== undefined) return known
    assertLevels(states.size + 1)
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
      sorted: function* () {
        for (const [hash, number] of index.sorted()) yield [hash, signatures.text(number)] as const
      },
      signatures: signatures.counts()
    }))
  const note = ({ index, signatures }: LevelState, pattern: string, hash: number): void => {
    const place = index.locate(hash)
    index.setAt(place, signatures.advance(index.valueAt(place), signatures.patternNumber(pattern)))
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
      if (isNoted(pattern)) note(state, pattern, hashText(rollout.query))
    },
    addMarks: ({ kind, kinds, query }) => {
      const times = new Uint32Array(kinds.length)
      const levelStates = kinds.map(({ level }) => stateOf(level))
      const patterns = kinds.map(({ pattern }, k) => (isNoted(pattern) ? levelStates[k]!.signatures.patternNumber(pattern) : NOT_NOTED))
      // Samples of one query mostly follow each other: its place is good until another one is located.
      let last: LevelState | undefined
      let hash = Number.NaN
      let place = 0
      for (let i = 0; i < query.length; i++) {
        const k = kind[i]!
        const pattern = patterns[k]!
        times[k]!++
        if (pattern === NOT_NOTED) continue
        const state = levelStates[k]!
        if (state !== last || query[i] !== hash) {
          hash = query[i]!
          place = state.index.locate(hash)
          last = state
        }
        state.index.setAt(place, state.signatures.advance(state.index.valueAt(place), pattern))
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
export const longestPattern = (levels: ReadonlyArray<CountedLevel>): number => {
  let longest = 1
  for (const { patterns } of levels) for (const pattern of patterns.keys()) longest = Math.max(longest, attemptsOfPattern(pattern))
  return longest
}

/** Number of rollouts of a level by outcome. */
export const outcomesOf = ({ patterns }: CountedLevel) => {
  const counts = { Correct: 0, Wrong: 0, Unparsable: 0, GoldInvalid: 0, Truncated: 0 }
  for (const [pattern, count] of patterns) counts[outcomeOfPattern(pattern)] += count
  return counts
}
