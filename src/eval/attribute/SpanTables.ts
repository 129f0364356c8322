/**
 * A row's numbers by cycle, as the theory's tables: answers and decisions as actions.
 */
import type { AttributedTrajectory } from "../../theory/Attribution.ts"
import type { QTable } from "../../theory/QTable.ts"
import type { AttributionRow } from "./AttributionInput.ts"
import type { AttributedObjective, RowNumbers } from "./Objectives.ts"

interface Cycle {
  readonly sample: readonly [start: number, end: number]
  readonly decision: readonly [start: number, end: number]
}

/** The complete cycles of a row: answers that a decision follows. What was cut off before its decision has no table. */
const cyclesOf = ({ spans }: AttributionRow): ReadonlyArray<Cycle> =>
  spans.flatMap((span, i) => {
    const next = spans[i + 1]
    return span.kind === "sample" && next?.kind === "decision" ? [{ sample: [span.start, span.end], decision: [next.start, next.end] }] : []
  })

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)

/**
 * Makes tables of immediate terms and of Q.
 *
 * An action's immediate term is the sum over its tokens; its Q in the reward that of its first token, in the loss the sum of its tokens'.
 * A decision of several tokens is one action.
 */
export const tablesOf = (objective: AttributedObjective, row: AttributionRow, { q, terms }: RowNumbers): AttributedTrajectory => {
  const cycles = cyclesOf(row)
  const of = (values: Float64Array, action: (values: Float64Array) => number): QTable => ({
    sampling: cycles.map(({ sample: [start, end] }) => action(values.subarray(start, end))),
    decision: cycles.map(({ decision: [start, end] }) => action(values.subarray(start, end))),
    tokens: cycles.map(({ sample: [start, end] }) => [...values.subarray(start, end)])
  })
  return { immediate: of(terms, sum), q: of(q, objective.placement === "reward" ? (values) => values[0]! : sum) }
}
