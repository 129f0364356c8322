/**
 * Credit by turn: what each answer and each decision of a trajectory earned, compared with the same kind of action elsewhere in its group.
 *
 * A_k = γ^{cycle} (G_k − b(s_k)), G_k the rewards from action k on, b a baseline that depends on the state s_k and on other trajectories alone, so
 * the expected gradient stays that of the whole trajectory's reward and its variance falls. Sources: this paper, section 3.1; Ng et al., 1999
 * (potentials); Feng et al., 2025, arXiv:2505.10978 (groups by state); Zeng et al., 2025, arXiv:2505.11821 (rewards by turn).
 *
 * @module
 */
import type { Layout } from "../BatchedRecursion.ts"
import { DECISION } from "../Partition.ts"
import { assertFinite, assertLength, assertRange, TheoryError } from "../TheoryError.ts"
import { assertOffsets } from "../TokenBatch.ts"
import { type Actions, actionsOf, spreadOnTokens, sumByAction } from "./Actions.ts"

/** A graded answer: its last token, whether it is correct, and the last token of the decision on it with the action, if there was one. */
export interface GradedAttempt {
  readonly answerEnd: number
  readonly correct: boolean
  readonly decisionEnd?: number
  readonly stops?: boolean
}

/**
 * `potential` φ: an answer in hand is worth φ if it is correct: +φ for a correct answer, −φ for every decision on one (the answer leaves the hand). The
 * sum over a trajectory is 0: this moves credit and changes no expected gradient. `decision` d: +d for STOP on a correct and for RESAMPLE on a wrong
 * answer; that *is* another objective. `gamma` ∈ [0, 1] applies once a cycle. `baseline: "state"` takes the mean G of the same kind of state in the
 * group's other trajectories off.
 */
export interface TurnCredit {
  readonly _tag: "TurnLevel"
  readonly potential: number
  readonly decision: number
  readonly gamma: number
  readonly baseline: "state" | "none"
}

/** Builds the settings; defaults: no potential, no reward for decisions, γ = 1, baseline by state. Errors: `OutOfRange`. */
export const turnCredit = (options: Partial<Omit<TurnCredit, "_tag">> = {}): TurnCredit => {
  const settings: TurnCredit = { _tag: "TurnLevel", potential: 0, decision: 0, gamma: 1, baseline: "state", ...options }
  for (const [what, value] of Object.entries({ potential: settings.potential, decision: settings.decision })) {
    assertRange("TokenAdvantage.turnCredit", what, value, Number.isFinite(value), "the finite numbers")
  }
  assertRange("TokenAdvantage.turnCredit", "gamma", settings.gamma, settings.gamma >= 0 && settings.gamma <= 1, "[0, 1]")
  return settings
}

/** Writes the rewards of answers and decisions on their last tokens. Shapes: attempts of all trajectories → [N] for `tokens` tokens. Errors: `OutOfRange`. */
export const processRewards = (
  settings: Pick<TurnCredit, "potential" | "decision">,
  attempts: ReadonlyArray<GradedAttempt>,
  tokens: number
): Float64Array => {
  const rewards = new Float64Array(tokens)
  const at = (index: number, value: number): void => {
    const holds = Number.isInteger(index) && index >= 0 && index < tokens
    if (!holds) {
      const range = `0 … ${tokens - 1}`
      throw new TheoryError("TokenAdvantage.processRewards", { _tag: "OutOfRange", what: "attempts", index: 0, value: index, range })
    }
    rewards[index]! += value
  }
  for (const { answerEnd, correct, decisionEnd, stops } of attempts) {
    // Nothing in hand at the end: an answer that nobody decided on gets no potential.
    if (decisionEnd === undefined) continue
    if (correct) at(answerEnd, settings.potential)
    at(decisionEnd, (correct ? -settings.potential : 0) + (stops === correct ? settings.decision : 0))
  }
  return rewards
}

/**
 * Numbers the states of actions: 3·owner + what is in hand before the action: 0 nothing, 1 a wrong answer, 2 a correct one. Shapes: → [K].
 *
 * A number is a function of what happened before the action, so a baseline by it biases nothing.
 */
export const actionStates = (actions: Actions, attempts: ReadonlyArray<GradedAttempt>): Int32Array => {
  const verdictOf = new Map(attempts.map(({ answerEnd, correct }) => [actions.action[answerEnd]!, correct ? 2 : 1] as const))
  const states = new Int32Array(actions.owner.length)
  for (let sequence = 0; sequence + 1 < actions.offsets.length; sequence++) {
    let inHand = 0
    for (let action = actions.offsets[sequence]!; action < actions.offsets[sequence + 1]!; action++) {
      states[action] = 3 * actions.owner[action]! + inHand
      inHand = verdictOf.get(action) ?? inHand
    }
  }
  return states
}

/** Computes G_k = r_k + γ^{[a cycle ends after k]} G_{k+1} within each sequence. Shapes: [K] → [K], reward units. Errors: `ShapeMismatch`. */
export const actionReturns = (actions: Actions, rewards: Float64Array, gamma: number): Float64Array => {
  assertLength("TokenAdvantage.actionReturns", "rewards", actions.owner.length, rewards.length)
  const returns = new Float64Array(rewards.length)
  for (let sequence = 0; sequence + 1 < actions.offsets.length; sequence++) {
    let [later, laterCycle] = [0, 0]
    for (let action = actions.offsets[sequence + 1]! - 1; action >= actions.offsets[sequence]!; action--) {
      const cycle = actions.cycle[action]!
      later = rewards[action]! + (laterCycle > cycle ? gamma : 1) * later
      laterCycle = cycle
      returns[action] = later
    }
  }
  return returns
}

interface Tally {
  sum: number
  count: number
}

const add = (tallies: Map<number, Tally>, key: number, value: number, count: number): void => {
  const tally = tallies.get(key) ?? { sum: 0, count: 0 }
  tallies.set(key, { sum: tally.sum + value, count: tally.count + count })
}

/**
 * Computes the mean G of actions in the same state in the *other* trajectories of the group; where there are none, of the same owner's; else 0.
 *
 * Shapes: `returns` [K], `states` [K], `groups` [Q+1] of sequences → [K]. Another visit of the same trajectory does not count: what it returned
 * depends on this action. Errors: `ShapeMismatch`, `OutOfRange`, `EmptyGroup`.
 */
export const stateBaseline = (actions: Actions, returns: Float64Array, states: Int32Array, groups: Int32Array): Float64Array => {
  const where = "TokenAdvantage.stateBaseline"
  assertLength(where, "returns", actions.owner.length, returns.length)
  assertLength(where, "states", actions.owner.length, states.length)
  assertOffsets(where, groups, actions.offsets.length - 1)
  const baseline = new Float64Array(returns.length)
  const range = (sequence: number) => [actions.offsets[sequence]!, actions.offsets[sequence + 1]!] as const
  for (let group = 0; group + 1 < groups.length; group++) {
    const tallies = { state: new Map<number, Tally>(), owner: new Map<number, Tally>() }
    const tally = (sequence: number, sign: 1 | -1) => {
      const [from, to] = range(sequence)
      for (let action = from; action < to; action++) {
        add(tallies.state, states[action]!, sign * returns[action]!, sign)
        add(tallies.owner, actions.owner[action]!, sign * returns[action]!, sign)
      }
    }
    for (let sequence = groups[group]!; sequence < groups[group + 1]!; sequence++) tally(sequence, 1)
    for (let sequence = groups[group]!; sequence < groups[group + 1]!; sequence++) {
      tally(sequence, -1)
      const [from, to] = range(sequence)
      for (let action = from; action < to; action++) {
        const same = tallies.state.get(states[action]!)!
        const others = same.count > 0 ? same : tallies.owner.get(actions.owner[action]!)!
        baseline[action] = others.count > 0 ? others.sum / others.count : 0
      }
      tally(sequence, 1)
    }
  }
  return baseline
}

/**
 * Computes the advantage of every token by turn: γ^{cycle} (G − b) of its action. Shapes: `rewards` [N] (process rewards, a KL penalty and the trajectory's
 * own at its last owned token) → [N], reward units.
 *
 * With `baseline: "none"`, a reward at the end alone and γ = 1 it is REINFORCE on the trajectory. With `baseline: "state"` and groups of one answer and
 * decision each it is leave-one-out by state. Its expected gradient is that of Σ rewards for any potential and either baseline.
 * Errors: `ShapeMismatch`, `NonFinite`, `OutOfRange`, `EmptyGroup`.
 */
export const turnAdvantages = (
  settings: TurnCredit,
  layout: Layout,
  input: { readonly rewards: Float64Array; readonly attempts: ReadonlyArray<GradedAttempt>; readonly groups: Int32Array },
  decisionOwner: number = DECISION
): Float64Array => {
  const { baseline, gamma } = settings
  const actions = actionsOf(layout, decisionOwner)
  assertFinite("TokenAdvantage.turnAdvantages", "rewards", input.rewards)
  const process = processRewards(settings, input.attempts, layout.owner.length)
  const returns = actionReturns(actions, sumByAction(actions, input.rewards.map((reward, token) => reward + process[token]!)), gamma)
  const base = baseline === "none"
    ? new Float64Array(returns.length)
    : stateBaseline(actions, returns, actionStates(actions, input.attempts), input.groups)
  return spreadOnTokens(actions, returns.map((value, action) => gamma ** actions.cycle[action]! * (value - base[action]!)))
}
