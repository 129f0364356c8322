/**
 * What a set of rollouts has, counted: levels, outcomes, steps.
 *
 * @module
 */
import type { Outcome } from "../../../domain/Query.ts"
import { sortLevels } from "../../calibration/Calibrate.ts"
import { attemptsOfPattern, outcomeOfPattern } from "../Pattern.ts"
import type { RowColumns } from "./RowColumns.ts"

/** The counts. */
export interface RowCounts {
  /** Levels in order, and how many rollouts each has. */
  readonly levels: ReadonlyArray<{ readonly level: string; readonly rows: number }>
  readonly outcomes: Readonly<Record<Outcome, number>>
  /** The most attempts of a rollout. */
  readonly mostAttempts: number
  /** Steps of training that rollouts or their files say, in order. */
  readonly steps: ReadonlyArray<number>
}

/** Counts the rollouts of columns. */
export const countsOf = ({ file, kind, kinds, length }: RowColumns, stepOfFile: ReadonlyArray<number | undefined>): RowCounts => {
  const counts = new Float64Array(kinds.length)
  const isUsed = new Uint8Array(stepOfFile.length)
  for (let row = 0; row < length; row++) {
    counts[kind[row]!]!++
    isUsed[file[row]!] = 1
  }
  const levels = new Map<string, number>()
  const outcomes: Record<Outcome, number> = { Correct: 0, Wrong: 0, Unparsable: 0, GoldInvalid: 0, Truncated: 0 }
  const steps = new Set<number>()
  let mostAttempts = 0
  kinds.forEach(({ level, mark, pattern }, k) => {
    levels.set(level, (levels.get(level) ?? 0) + counts[k]!)
    outcomes[outcomeOfPattern(pattern)] += counts[k]!
    mostAttempts = Math.max(mostAttempts, attemptsOfPattern(pattern))
    if (mark?.step !== undefined) steps.add(mark.step)
  })
  stepOfFile.forEach((step, i) => {
    if (step !== undefined && isUsed[i] === 1) steps.add(step)
  })
  return {
    levels: sortLevels(levels.keys()).map((level) => ({ level, rows: levels.get(level)! })),
    outcomes,
    mostAttempts,
    steps: [...steps].sort((a, b) => a - b)
  }
}
