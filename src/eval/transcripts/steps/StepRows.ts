/**
 * From the rollouts of steps to rows: the rates of each step, and how they differ from those of the first.
 *
 * @module
 */
import { ConfigError } from "../../../domain/Errors.ts"
import type { CalibrateOptions } from "../../calibration/Calibrate.ts"
import type { LevelCalibration } from "../../calibration/Calibration.ts"
import type { Comparison } from "../../calibration/Comparison.ts"
import type { ComparisonFindings } from "../../calibration/Findings.ts"
import { methodOf } from "../../calibration/Method.ts"
import { calibrateTallies, compareTallies } from "../CalibrateTallies.ts"
import { poolTallies } from "../PoolTallies.ts"
import type { LevelTally } from "../Tallies.ts"
import type { StepRead } from "./ReadSteps.ts"
import type { SinceFirst, StepRates, StepRow } from "./StepsCalibration.ts"

/** Which steps are shown, and how many are pooled in a row. */
export interface StepChoice {
  /** Shows the first step and those that are multiples of this. */
  readonly every?: number
  /** Pools steps 1 to K, K + 1 to 2K, …; step 0, which is before training, stays alone. */
  readonly window?: number
  /** Computes at most so many rows, evenly spread, the first and the last among them; all unless told. */
  readonly most?: number
}

/** The steps of one row, as read. */
export interface StepUnit {
  readonly first: number
  readonly last: number
  readonly members: ReadonlyArray<StepRead>
}

const atLeastOne = (field: string, value: number): void => {
  if (Number.isSafeInteger(value) && value >= 1) return
  throw new ConfigError({ field, value: String(value), expected: "a whole number of 1 or more" })
}

/** Fails for a choice that makes no sense. Throws `ConfigError`. */
export const assertChoice = ({ every = 1, most = 2, window = 1 }: StepChoice): void => {
  atLeastOne("most", most)
  atLeastOne("every", every)
  atLeastOne("window", window)
  if (every > 1 && window > 1) {
    throw new ConfigError({
      field: "every",
      value: `${every}, with window ${window}`,
      expected: "one of the two: one leaves steps out, the other pools them"
    })
  }
}

/** Whether a step is shown, where `first` is the first of all. */
export const isShown = (step: number, first: number, { every = 1 }: StepChoice): boolean => step === first || step % every === 0

/** Puts steps into rows. They must be in order. */
export const unitsOf = (steps: ReadonlyArray<StepRead>, choice: StepChoice): ReadonlyArray<StepUnit> => {
  const { window = 1 } = choice
  const first = steps[0]?.step ?? 0
  const shown = steps.filter(({ step }) => isShown(step, first, choice))
  return [...Map.groupBy(shown, ({ step }) => Math.ceil(step / window))].map(([place, members]) => ({
    first: place === 0 ? 0 : (place - 1) * window + 1,
    last: place * window,
    members
  }))
}

/** At most so many of a list, evenly spread, the first and the last among them. */
export const spread = <A>(list: ReadonlyArray<A>, most: number): ReadonlyArray<A> =>
  list.length <= most
    ? list
    : [...new Set(Array.from({ length: most }, (_, k) => Math.round((k * (list.length - 1)) / Math.max(1, most - 1))))].map((k) =>
      list[most === 1 ? list.length - 1 : k]!
    )

/** The name of a row: "step 200", "window 191–200". */
export const nameOfRow = ({ first, last }: Pick<StepRow, "first" | "last">): string =>
  first === last ? `step ${first}` : `window ${first}–${last}`

const ratesOf = (calibrated: LevelCalibration): StepRates => {
  const { level, n, observed, outcomes, pResampleGivenWrong, pSample, pStopGivenCorrect, queries, solved } = calibrated
  return {
    level,
    n,
    queries,
    outcomes,
    observed,
    pSample,
    pStopGivenCorrect,
    pResampleGivenWrong,
    ...(solved === undefined ? {} : { solved })
  }
}

const sinceFirstOf = ({ levels, overall, trained, unseen }: Comparison): SinceFirst => ({
  overall,
  ...(levels.length > 1 ? { levels } : {}),
  ...(trained === undefined ? {} : { trained }),
  ...(unseen === undefined ? {} : { unseen })
})

const sum = (members: ReadonlyArray<StepRead>, value: (step: StepRead) => number): number =>
  members.reduce((total, each) => total + value(each), 0)

/** A row, and what the comparison with the first row says in words. */
export interface ComputedRow {
  readonly row: StepRow
  /** None for the first row. */
  readonly findings: ComparisonFindings | undefined
}

/** Computes rows, each once: a row is computed again when rollouts of its steps, or of the first row, are others. */
export const makeStepRows = (options: CalibrateOptions) => {
  const known = new Map<number, { readonly version: string; readonly computed: ComputedRow }>()
  let pooledFirst: { readonly version: string; readonly levels: ReadonlyArray<LevelTally> } | undefined
  const { intervals } = methodOf(options)
  // Clustered intervals of rates need no rounds, and are the same for any number of them.
  const rateOptions: CalibrateOptions = intervals === "clustered" ? { ...options, rounds: 1 } : options
  const versionOf = ({ members }: StepUnit): string => members.map(({ step, version }) => `${step}:${version}`).join(" ")
  const levelsOf = ({ members }: StepUnit): ReadonlyArray<LevelTally> =>
    members.length === 1 ? members[0]!.levels : poolTallies(members.map(({ levels }) => levels))

  const compute = (unit: StepUnit, first: StepUnit): ComputedRow => {
    const levels = levelsOf(unit)
    const { first: from, last, members } = unit
    const calibration = calibrateTallies(levels, rateOptions)
    const firstVersion = versionOf(first)
    if (pooledFirst?.version !== firstVersion) pooledFirst = { version: firstVersion, levels: levelsOf(first) }
    const comparison = unit === first
      ? undefined
      : compareTallies({ id: nameOfRow(first), levels: pooledFirst.levels }, { id: nameOfRow(unit), levels }, options)
    return {
      findings: comparison?.findings,
      row: {
        first: from,
        last,
        steps: members.length,
        rows: sum(members, ({ rows }) => rows),
        badRows: sum(members, ({ badRows }) => badRows),
        endTold: sum(members, ({ told }) => told),
        overall: ratesOf(calibration.overall),
        ...(calibration.levels.length > 1 ? { levels: calibration.levels.map(ratesOf) } : {}),
        ...(calibration.trained === undefined ? {} : { trained: ratesOf(calibration.trained) }),
        ...(calibration.unseen === undefined ? {} : { unseen: ratesOf(calibration.unseen) }),
        ...(comparison === undefined ? {} : { sinceFirst: sinceFirstOf(comparison) })
      }
    }
  }

  /** The row of a unit, where `first` is the first unit of all. */
  return (unit: StepUnit, first: StepUnit): ComputedRow => {
    const version = `${versionOf(first)}|${versionOf(unit)}`
    const before = known.get(unit.last)
    if (before?.version === version) return before.computed
    const computed = compute(unit, first)
    known.set(unit.last, { version, computed })
    return computed
  }
}
