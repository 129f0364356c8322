/**
 * The actions of a batch of trajectories: every answer and every decision as one action, whatever its number of tokens.
 *
 * An action is a run of tokens of one owner, tokens that nobody owns passed over: τ = (a_1, d_1, …, a_T, d_T) of section 3.1 is 2T actions. A
 * cycle ends with its decision, where the next action is another sub-policy's. Source: this paper, section 3.1.
 *
 * @module
 */
import type { Layout } from "../BatchedRecursion.ts"
import { DECISION, NOT_OWNED } from "../Partition.ts"
import { assertLength } from "../TheoryError.ts"
import { assertOffsets } from "../TokenBatch.ts"

/**
 * K actions in order. `offsets` [B+1]: sequence i has the actions `offsets[i]` … `offsets[i+1] − 1`; `owner` [K]; `cycle` [K], counted from 0 in
 * its sequence; `action` [N] is the action of each token, −1 where nobody owns it.
 */
export interface Actions {
  readonly offsets: Int32Array
  readonly owner: Uint8Array
  readonly cycle: Int32Array
  readonly action: Int32Array
}

/** Finds the actions of a batch. Shapes: `offsets` [B+1], `owner` [N]. Errors: `OutOfRange`, `EmptyGroup`. */
export const actionsOf = (layout: Layout, decisionOwner: number = DECISION): Actions => {
  const { offsets, owner } = layout
  assertOffsets("TokenAdvantage.actionsOf", offsets, owner.length)
  const [owners, cycles, starts]: [Array<number>, Array<number>, Array<number>] = [[], [], [0]]
  const action = new Int32Array(owner.length).fill(-1)
  for (let sequence = 0; sequence + 1 < offsets.length; sequence++) {
    let [previous, cycle] = [NOT_OWNED, 0]
    for (let token = offsets[sequence]!; token < offsets[sequence + 1]!; token++) {
      const current = owner[token]!
      if (current === NOT_OWNED) continue
      if (current !== previous) {
        if (previous === decisionOwner) cycle++
        owners.push(current)
        cycles.push(cycle)
        previous = current
      }
      action[token] = owners.length - 1
    }
    starts.push(owners.length)
  }
  return { offsets: Int32Array.from(starts), owner: Uint8Array.from(owners), cycle: Int32Array.from(cycles), action }
}

/** Adds up what each action's tokens have. Shapes: [N] → [K]. Tokens that nobody owns do not count. Errors: `ShapeMismatch`. */
export const sumByAction = (actions: Actions, values: Float64Array): Float64Array => {
  assertLength("TokenAdvantage.sumByAction", "values", actions.action.length, values.length)
  const sums = new Float64Array(actions.owner.length)
  actions.action.forEach((action, token) => {
    if (action >= 0) sums[action]! += values[token]!
  })
  return sums
}

/** Gives every token its action's value, 0 where nobody owns it. Shapes: [K] → [N]. Errors: `ShapeMismatch`. */
export const spreadOnTokens = (actions: Actions, values: Float64Array): Float64Array => {
  assertLength("TokenAdvantage.spreadOnTokens", "values", actions.owner.length, values.length)
  return Float64Array.from(actions.action, (action) => (action < 0 ? 0 : values[action]!))
}
