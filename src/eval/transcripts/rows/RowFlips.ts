/**
 * The problems that two sets of rollouts solved otherwise.
 *
 * @module
 */
import { isCountedOutcome } from "../../calibration/Outcomes.ts"
import { outcomeOfPattern } from "../Pattern.ts"
import type { RowColumns } from "./RowColumns.ts"

/** How many of a problem's responses are right, and one of them. */
export interface Solved {
  readonly right: number
  readonly all: number
  readonly row: number
}

/** A problem that was solved by another share of its responses before than after. */
export interface RowFlip {
  readonly level: string
  readonly from: Solved
  readonly to: Solved
}

/** The problems that both sets have, and those that flipped: by the size of the change, the largest first. */
export interface RowFlips {
  readonly shared: number
  readonly gained: ReadonlyArray<RowFlip>
  readonly lost: ReadonlyArray<RowFlip>
}

// Of each level's problems, by the hash of their query. Broken references and responses that were cut off say nothing.
const solvedOf = ({ kind, kinds, length, query }: RowColumns): ReadonlyMap<string, ReadonlyMap<number, Solved>> => {
  const byLevel = new Map<string, Map<number, Solved>>()
  const known = kinds.map(({ level, pattern }) => {
    const outcome = outcomeOfPattern(pattern)
    return { level, isCorrect: outcome === "Correct", isCounted: isCountedOutcome(outcome, "left-out") }
  })
  for (let row = 0; row < length; row++) {
    const { isCorrect, isCounted, level } = known[kind[row]!]!
    if (!isCounted) continue
    const ofLevel = byLevel.get(level) ?? new Map<number, Solved>()
    if (ofLevel.size === 0) byLevel.set(level, ofLevel)
    const { all, right, row: first } = ofLevel.get(query[row]!) ?? { right: 0, all: 0, row }
    ofLevel.set(query[row]!, { right: right + (isCorrect ? 1 : 0), all: all + 1, row: first })
  }
  return byLevel
}

const shareOf = ({ all, right }: Solved): number => right / all

/** Finds the problems that flipped from one set to another. */
export const flipsOf = (from: RowColumns, to: RowColumns): RowFlips => {
  const [before, after] = [solvedOf(from), solvedOf(to)]
  const changes: Array<RowFlip & { readonly by: number }> = []
  let shared = 0
  for (const [level, problems] of before) {
    for (const [hash, a] of problems) {
      const b = after.get(level)?.get(hash)
      if (b === undefined) continue
      shared++
      const by = shareOf(b) - shareOf(a)
      if (by !== 0) changes.push({ level, from: a, to: b, by })
    }
  }
  return {
    shared,
    gained: changes.filter(({ by }) => by > 0).sort((x, y) => y.by - x.by),
    lost: changes.filter(({ by }) => by < 0).sort((x, y) => x.by - y.by)
  }
}
