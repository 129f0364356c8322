/**
 * The table of the page on KL: every estimator and placement by length, and the row that is looked at.
 *
 * @module
 */
import type { Aggregation } from "../../../theory/Aggregate.ts"
import { type Estimator, isStraightThrough } from "../../../theory/Kl.ts"
import type { PlacementName } from "../../../theory/KlChoice.ts"
import { klTable, type KlTableEntry, type KlTableModel, type KlTableRow } from "../../../theory/KlTable.ts"
import { LONGEST } from "./KlForm.ts"

/** Computes all rows at 1, 2, 4, … tokens and at `length`, which is the last entry where it is among none of them. */
export const klRows = (model: KlTableModel, aggregation: Aggregation, length: number): ReadonlyArray<KlTableRow> => {
  const lengths: Array<number> = []
  for (let power = 1; power <= LONGEST; power *= 2) lengths.push(power)
  const all = [...new Set([...lengths, length])].sort((a, b) => a - b)
  return klTable(model, { aggregations: [aggregation], lengths: all })
}

/** The row of an estimator and a placement; in the reward an estimator straight through is the plain one. */
export const rowOf = (rows: ReadonlyArray<KlTableRow>, estimator: Estimator, placement: PlacementName): KlTableRow | undefined => {
  const plain = isStraightThrough(estimator) && placement === "reward" ? estimator.replace("-straight-through", "") : estimator
  return rows.find((row) => row.estimator === plain && row.placement === placement)
}

/** A row's entry at a length. */
export const entryAt = (row: KlTableRow, length: number): KlTableEntry | undefined => row.entries.find((entry) => entry.length === length)
