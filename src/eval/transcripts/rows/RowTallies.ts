/**
 * The tallies of chosen rollouts: what calibrates them is what calibrates whole files.
 *
 * @module
 */
import { type LevelTally, makeTallies } from "../Tallies.ts"
import type { RowColumns } from "./RowColumns.ts"

/** The numbers of all rollouts. */
export const allRows = ({ length }: RowColumns): Uint32Array => Uint32Array.from({ length }, (_, row) => row)

/** The tallies of the rollouts with these numbers. Of all of a file's they are those that `calibrate` counts of it. */
export const talliesOfRows = ({ kind, kinds, query }: RowColumns, rows: Uint32Array): ReadonlyArray<LevelTally> => {
  const tallies = makeTallies()
  // A level that no chosen rollout has is none of theirs.
  const used = new Map<number, number>()
  const chosen = Uint32Array.from(rows, (row) => {
    const number = kind[row]!
    const known = used.get(number)
    if (known !== undefined) return known
    used.set(number, used.size)
    return used.size - 1
  })
  tallies.addMarks({
    kinds: [...used.keys()].map((number) => kinds[number]!),
    kind: chosen,
    query: Float64Array.from(rows, (row) => query[row]!)
  })
  return tallies.levels()
}
