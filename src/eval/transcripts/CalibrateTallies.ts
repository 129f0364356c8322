/**
 * Calibration and comparison from tallies (Tallies.ts), for any number of rollouts.
 *
 * @module
 */
import { ConfigError } from "../../domain/Errors.ts"
import { bootstrapOf, type BootstrapOptions, type Counts, poolRounds, type Rounds } from "../statistics/Bootstrap.ts"
import { calibrateLevels, type CalibrateOptions, sortLevels, strataOf } from "../calibration/Calibrate.ts"
import type { Calibration } from "../calibration/Calibration.ts"
import { comparePairs, designOfPairs, type PairedLevel } from "../calibration/Compare.ts"
import type { Comparison } from "../calibration/Comparison.ts"
import { comparisonVerdictOf } from "../calibration/ComparisonVerdict.ts"
import { confirmEchoes, type EchoMode } from "../calibration/Echoes.ts"
import type { EvaluatedRollout } from "../calibration/EvaluatedRollout.ts"
import { type Method, methodOf } from "../calibration/Method.ts"
import { isCountedOutcome, type TruncatedMode } from "../calibration/Outcomes.ts"
import { assertCap, countRollout, noCounts, readCounts, type RolloutCounts, widthOf } from "../calibration/RolloutCounts.ts"
import { countsOfGroups, type GroupedQueries, type QueryGroup, resampleGroups, sumGroups } from "../statistics/GroupedBootstrap.ts"
import { TRANSCRIPTS_VERSION } from "../calibration/TranscriptInput.ts"
import { type PassAtK, passAtK } from "../statistics/PassAtK.ts"
import { outcomeOfPattern, rolloutOfPattern } from "./Pattern.ts"
import { parseSignature } from "./Signatures.ts"
import { assertLevels, type CountedLevel, type LevelTally, longestPattern, outcomesOf } from "./Tallies.ts"

const capOf = (levels: ReadonlyArray<CountedLevel>, cap: number | undefined): number => {
  assertCap(cap)
  const longest = longestPattern(levels)
  if (cap !== undefined && cap < longest) {
    throw new ConfigError({ field: "cap", value: String(cap), expected: `at least ${longest}, the attempts of the longest response` })
  }
  return cap ?? longest
}

// Totals that a bootstrap holds at once, two gigabytes of numbers: with more the program would end without a word.
const MOST_TOTALS = 2 ** 28

const assertTotals = (levels: number, width: number, { rounds }: { readonly rounds: number }, cap: number): void => {
  assertLevels(levels)
  if (levels * width * rounds <= MOST_TOTALS) return
  throw new ConfigError({
    field: "the size of the bootstrap",
    value: `${rounds} rounds of ${levels} levels with up to ${cap} attempts, ${(levels * width * rounds * 8 / 1e9).toFixed(0)} GB`,
    expected: `at most ${MOST_TOTALS * 8 / 2 ** 30} GB: fewer rounds, fewer levels, or no response with so many attempts`
  })
}

// Patterns by number, as the vectors of counts that they stand for.
const makeVectors = (count: (pattern: string) => Counts) => {
  const numbers = new Map<string, number>()
  const vectors: Array<Counts> = []
  const numberOf = (pattern: string): number => {
    const known = numbers.get(pattern)
    if (known !== undefined) return known
    numbers.set(pattern, vectors.length)
    return vectors.push(count(pattern)) - 1
  }
  return {
    vectors,
    parts: (signature: string): QueryGroup["parts"] => [...parseSignature(signature)].map(([pattern, times]) => [numberOf(pattern), times])
  }
}

// The order in which rollouts were read must not show in the draws of the bootstrap.
const inOneOrder = (groups: ReadonlyMap<string, number>) => [...groups].sort(([a], [b]) => (a < b ? -1 : 1))

// A signature without the patterns that do not count; "" where none does.
const countedPart = (signature: string, truncated: TruncatedMode): string =>
  signature.split(" ").filter((part) => isCountedOutcome(outcomeOfPattern(part), truncated)).join(" ")

const countedSignatures = ({ signatures }: CountedLevel, truncated: TruncatedMode): ReadonlyMap<string, number> => {
  if (truncated === "counted") return signatures
  const counted = new Map<string, number>()
  for (const [signature, queries] of signatures) {
    const part = countedPart(signature, truncated)
    if (part !== "") counted.set(part, (counted.get(part) ?? 0) + queries)
  }
  return counted
}

// A rollout of a pattern, with its echoes as they are to count.
const rolloutFor = (pattern: string, echoes: EchoMode): EvaluatedRollout => {
  const rollout = rolloutOfPattern(pattern)
  return echoes === "confirm" ? confirmEchoes(rollout) : rollout
}

const groupsOf = (tally: CountedLevel, cap: number, { echoes, truncated }: Method): GroupedQueries => {
  const { parts, vectors } = makeVectors((pattern) => countRollout(rolloutFor(pattern, echoes), cap))
  const groups = inOneOrder(countedSignatures(tally, truncated)).map(([signature, queries]) => ({ parts: parts(signature), queries }))
  return { width: widthOf(cap), vectors, groups }
}

const inOrder = (tallies: ReadonlyArray<CountedLevel>, levels: ReadonlyArray<string> | undefined): ReadonlyArray<CountedLevel> => {
  const byName = new Map(tallies.map((tally) => [tally.level, tally]))
  return (levels ?? sortLevels(byName.keys())).flatMap((level) => byName.get(level) ?? [])
}

/** A set of queries that a bootstrap resamples apart from others, by name. */
export interface Stratum {
  readonly name: string
  readonly grouped: GroupedQueries
}

/** Resamples several strata: the rounds of each, as `resampleGroups` draws them. */
export type ResampleStrata = (strata: ReadonlyArray<Stratum>, options: BootstrapOptions) => Promise<ReadonlyArray<Rounds>>

const groupLevels = (tallies: ReadonlyArray<CountedLevel>, options: CalibrateOptions) => {
  const ordered = inOrder(tallies, options.levels)
  const cap = capOf(ordered, options.cap)
  const method = methodOf(options)
  assertTotals(ordered.length, widthOf(cap), bootstrapOf(options), cap)
  const levels = ordered.map((tally) => ({ tally, grouped: groupsOf(tally, cap, method) }))
  return {
    strata: levels.map(({ grouped, tally }): Stratum => ({ name: tally.level, grouped })),
    calibrate: (rounds: ReadonlyArray<Rounds>): Calibration =>
      calibrateLevels(
        levels.map(({ grouped, tally }, k) => {
          const queries = grouped.groups.reduce((sum, group) => sum + group.queries, 0)
          return {
            level: tally.level,
            outcomes: outcomesOf(tally),
            queries,
            totals: sumGroups(grouped),
            rounds: rounds[k]!,
            strata: strataOf(countsOfGroups(grouped), queries, cap)
          }
        }),
        cap,
        options
      )
  }
}

/**
 * Calibrates from tallies. All numbers are those of `calibrate` on the same rollouts, except that the bootstrap draws other resamples
 * of the same distribution. Throws `ConfigError` if a rollout has more attempts than the cap, or the bootstrap's numbers
 * are more than memory holds.
 */
export const calibrateTallies = (tallies: ReadonlyArray<CountedLevel>, options: CalibrateOptions = {}): Calibration => {
  const { calibrate, strata } = groupLevels(tallies, options)
  return calibrate(strata.map(({ grouped, name }) => resampleGroups(grouped, name, options)))
}

/** `calibrateTallies` with a bootstrap that is drawn elsewhere. Rejects where that throws. */
export const calibrateTalliesWith = async (
  resample: ResampleStrata,
  tallies: ReadonlyArray<CountedLevel>,
  options: CalibrateOptions = {}
): Promise<Calibration> => {
  const { calibrate, strata } = groupLevels(tallies, options)
  return calibrate(await resample(strata, options))
}

const passAtKOf = (tallies: ReadonlyArray<CountedLevel>, truncated: TruncatedMode): ReadonlyArray<PassAtK> =>
  passAtK(tallies.flatMap((tally) =>
    [...countedSignatures(tally, truncated)].map(([signature, queries]) => {
      const patterns = [...parseSignature(signature)]
      const sum = (counted: ReadonlyArray<readonly [string, number]>) => counted.reduce((total, [, times]) => total + times, 0)
      return { n: sum(patterns), c: sum(patterns.filter(([pattern]) => outcomeOfPattern(pattern) === "Correct")), queries }
    })
  ))

/** Counts of all levels together, with echoes as attempts or as confirmations. */
export const countsOfTallies = (
  tallies: ReadonlyArray<CountedLevel>,
  { echoes, truncated }: Pick<Method, "echoes" | "truncated">
): RolloutCounts => {
  const cap = longestPattern(tallies)
  const sums = new Float64Array(widthOf(cap))
  for (const { patterns } of tallies) {
    for (const [pattern, times] of patterns) {
      if (!isCountedOutcome(outcomeOfPattern(pattern), truncated)) continue
      countRollout(rolloutFor(pattern, echoes), cap).forEach((value, k) => {
        sums[k]! += times * value
      })
    }
  }
  return readCounts([...sums])
}

/** Computes pass@k and pass^k of the finished responses to all queries of all levels that have one. */
export const passAtKOfTallies = (tallies: ReadonlyArray<CountedLevel>): ReadonlyArray<PassAtK> => passAtKOf(tallies, "left-out")

/** Computes pass@k and pass^k of all responses, those that were cut off counted as not solved. */
export const passAtKOfAllTallies = (tallies: ReadonlyArray<CountedLevel>): ReadonlyArray<PassAtK> => passAtKOf(tallies, "counted")

const FROM = "<"
const TO = ">"

// The signature with its patterns marked as one model's.
const sideOf = (side: string, signature: string): string => signature.replace(/\S+/g, (part) => side + part)

const sizeOf = (groups: ReadonlyMap<string, number>): number => [...groups.values()].reduce((sum, queries) => sum + queries, 0)

// Queries of a level by who answered them, grouped by what both models did on them.
const pair = (
  level: string,
  from: LevelTally | undefined,
  to: LevelTally | undefined,
  cap: number,
  options: BootstrapOptions,
  { echoes, truncated }: Method
): PairedLevel => {
  const counted = (tally: LevelTally | undefined): ReadonlyMap<number, string> =>
    new Map(
      tally?.queries().map(([hash, signature]) => [hash, countedPart(signature, truncated)] as const).filter(([, part]) => part !== "")
    )
  const before = counted(from)
  const after = counted(to)
  const strata = { shared: new Map<string, number>(), onlyFrom: new Map<string, number>(), onlyTo: new Map<string, number>() }
  const note = (stratum: Map<string, number>, key: string) => stratum.set(key, (stratum.get(key) ?? 0) + 1)
  for (const [hash, signature] of before) note(after.has(hash) ? strata.shared : strata.onlyFrom, `${signature}|${after.get(hash) ?? ""}`)
  for (const [hash, signature] of after) if (!before.has(hash)) note(strata.onlyTo, `|${signature}`)
  const nothing = noCounts(cap)
  const width = 2 * nothing.length
  // Vectors hold the counts of `from`, then those of `to`; a pattern of either leaves the other's half empty.
  const { parts, vectors } = makeVectors((key) => {
    const counts = countRollout(rolloutFor(key.slice(1), echoes), cap)
    return key.startsWith(FROM) ? [...counts, ...nothing] : [...nothing, ...counts]
  })
  const groups = Object.entries(strata).map(([who, members]) => ({
    who,
    members: inOneOrder(members).map(([key, queries]): QueryGroup => {
      const [one = "", other = ""] = key.split("|")
      return { parts: [...parts(sideOf(FROM, one)), ...parts(sideOf(TO, other))], queries }
    })
  }))
  return {
    level,
    ...designOfPairs({ shared: sizeOf(strata.shared), onlyFrom: sizeOf(strata.onlyFrom), onlyTo: sizeOf(strata.onlyTo) }),
    totals: sumGroups({ width, vectors, groups: groups.flatMap(({ members }) => members) }),
    // Queries that only one of the two answered are strata of their own, so that each model keeps its number of queries.
    rounds: poolRounds(groups.map(({ members, who }) => resampleGroups({ width, vectors, groups: members }, `${level} ${who}`, options)))
  }
}

/** Tallies of a named model. */
export interface ModelTallies {
  readonly id: string
  readonly levels: ReadonlyArray<LevelTally>
}

/** Compares two models from tallies, as `compare` does from rollouts. Throws `ConfigError` if a rollout has more attempts than the cap. */
export const compareTallies = (from: ModelTallies, to: ModelTallies, options: CalibrateOptions = {}): Comparison => {
  const cap = capOf([...from.levels, ...to.levels], options.cap)
  const bootstrap = bootstrapOf(options)
  const method = methodOf(options)
  const ofLevel = (model: ModelTallies, level: string) => model.levels.find((tally) => tally.level === level)
  const levels = options.levels ?? sortLevels([...from.levels, ...to.levels].map(({ level }) => level))
  assertTotals(levels.length, 2 * widthOf(cap), bootstrap, cap)
  const comparison = comparePairs(
    { from: from.id, to: to.id },
    levels.map((level) => pair(level, ofLevel(from, level), ofLevel(to, level), cap, bootstrap, method)),
    cap,
    options
  )
  return { version: TRANSCRIPTS_VERSION, ...comparison, findings: comparisonVerdictOf(comparison) }
}
