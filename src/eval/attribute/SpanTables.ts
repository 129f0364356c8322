/**
 * A row's numbers by cycle, as the theory's tables: answers and decisions as actions.
 *
 * @module
 */
import type { WeighedCycle } from "../../theory/Attribution.ts"
import type { QTable } from "../../theory/QTable.ts"
import type { AttributionRow } from "./AttributionInput.ts"
import type { AttributedObjective, RowNumbers } from "./Objectives.ts"

/** The tokens of an answer and of the decision on it. */
interface Cycle {
  readonly sample: ReadonlyArray<number>
  readonly decision: ReadonlyArray<number>
}

const range = ({ end, start }: { readonly start: number; readonly end: number }): ReadonlyArray<number> =>
  Array.from({ length: end - start }, (_, i) => start + i)

/** The complete cycles of a row: answers, of one span or several, that a decision follows. What was cut off before its decision has no table. */
const cyclesOf = ({ spans }: AttributionRow): ReadonlyArray<Cycle> => {
  const cycles: Array<Cycle> = []
  let sample: ReadonlyArray<number> = []
  spans.forEach((span, i) => {
    if (span.kind === "sample") {
      sample = spans[i - 1]?.kind === "sample" ? [...sample, ...range(span)] : range(span)
    } else {
      if (spans[i - 1]?.kind === "sample") cycles.push({ sample, decision: range(span) })
    }
  })
  return cycles
}

const sum = (values: ReadonlyArray<number>): number => values.reduce((total, value) => total + value, 0)

/** A row's immediate terms and its Q, by cycle. */
export interface RowTables {
  readonly immediate: QTable
  readonly q: QTable
}

const tables = (objective: AttributedObjective, cycles: ReadonlyArray<Cycle>, { q, terms }: RowNumbers): RowTables => {
  const of = (values: Float64Array, action: (values: ReadonlyArray<number>) => number): QTable => {
    const at = (tokens: ReadonlyArray<number>) => tokens.map((token) => values[token]!)
    return {
      sampling: cycles.map(({ sample }) => action(at(sample))),
      decision: cycles.map(({ decision }) => action(at(decision))),
      tokens: cycles.map(({ sample }) => at(sample))
    }
  }
  const isReturn = objective.placement === "reward" || objective.paid !== undefined
  return { immediate: of(terms, sum), q: of(q, isReturn ? (values) => values[0]! : sum) }
}

/**
 * Makes tables of immediate terms and of Q.
 *
 * An action's immediate term is the sum over its tokens; its Q in the reward that of its first token, in the loss the sum of its tokens',
 * but where the loss weighs an advantage: that is one return for all tokens, and the action's is its first token's.
 * A decision of several tokens is one action.
 */
export const tablesOf = (objective: AttributedObjective, row: AttributionRow, numbers: RowNumbers): RowTables =>
  tables(objective, cyclesOf(row), numbers)

/**
 * Gives the weights of every score of a row by complete cycle, the answer's and the decision's; of the sub-policy `part` of a finer
 * partition, its own tokens in the place of the answer's. Cycles in which it has none are left out.
 */
export const weighedCyclesOf = (row: AttributionRow, { weights }: RowNumbers, part?: number): ReadonlyArray<WeighedCycle> => {
  const at = (tokens: ReadonlyArray<number>) => tokens.map((token) => weights[token]!)
  return cyclesOf(row)
    .map(({ decision, sample }) => ({
      sampling: at(part === undefined ? sample : sample.filter((token) => row.partOwner[token] === part)),
      decision: at(decision)
    }))
    .filter(({ sampling }) => sampling.length > 0)
}

/**
 * Makes the tables of one sub-policy of a finer partition beside the decisions: its tokens of each answer as one action. Cycles in which it
 * has none are left out.
 */
export const tablesOfPart = (
  objective: AttributedObjective,
  row: AttributionRow,
  numbers: RowNumbers,
  part: number
): RowTables =>
  tables(
    objective,
    cyclesOf(row)
      .map(({ decision, sample }) => ({ sample: sample.filter((token) => row.partOwner[token] === part), decision }))
      .filter(({ sample }) => sample.length > 0),
    numbers
  )
