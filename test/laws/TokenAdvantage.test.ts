import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { BatchedRecursion, NOT_OWNED, repeatOnTokens, TokenAdvantage } from "decision-sampling/theory"
import { discount, type FullTokenBatch, grid, tokenBatch } from "../support/Arbitraries.ts"
import { expectAllClose, expectClose } from "../../src/laws/support/Approx.ts"

const unit = fc.constantFrom("token" as const, "action" as const)
/** Columns of the generator, read as rewards and values; tokens that nobody owns have something too. */
const rewardsOf = ({ logProbs }: FullTokenBatch) => logProbs
const zeros = ({ owner }: FullTokenBatch) => new Float64Array(owner.length)
const owned = ({ owner }: FullTokenBatch, values: Float64Array) => values.map((value, token) => (owner[token] === NOT_OWNED ? 0 : value))

describe("GAE", () => {
  it("with V = 0, λ = 1, γ = 1 is reward-to-go, token by token and, of rewards at actions' ends, action by action", () => {
    fc.assert(
      fc.property(tokenBatch(), (batch) => {
        const found = TokenAdvantage.gae(batch, rewardsOf(batch), zeros(batch)).advantages
        expectAllClose(found, BatchedRecursion.qValues(rewardsOf(batch), batch))
      })
    )
  })

  it("by action with V = 0, λ = 1 discounts a cycle as this paper's recursion does, seen from an action's first token", () => {
    fc.assert(
      fc.property(tokenBatch(), discount, (batch, gamma) => {
        const byAction = TokenAdvantage.gae(batch, rewardsOf(batch), zeros(batch), { gamma, unit: "action" }).advantages
        const byToken = BatchedRecursion.qValues(rewardsOf(batch), batch, { gamma })
        const { action } = TokenAdvantage.actionsOf(batch)
        action.forEach((each, token) => {
          if (each >= 0 && action.indexOf(each) === token) expectClose(byAction[token]!, byToken[token]!)
        })
      })
    )
  })

  it("of a reward at the end alone is that reward on every token, whatever the unit: the trajectory-level estimator", () => {
    fc.assert(
      fc.property(tokenBatch(), unit, (batch, each) => {
        const rewards = Array.from({ length: batch.offsets.length - 1 }, (_, i) => i - 1.5)
        const found = TokenAdvantage.gae(batch, TokenAdvantage.terminalRewards(batch, rewards), zeros(batch), { unit: each }).advantages
        expectAllClose(found, owned(batch, repeatOnTokens(rewards, batch.offsets)))
      })
    )
  })

  it("does not change when a potential Φ is moved from V into the rewards, r + γΦ' − Φ and V − Φ", () => {
    fc.assert(
      fc.property(tokenBatch(), discount, discount, grid(-2, 2), (batch, gamma, lambda, size) => {
        const values = batch.oldLogProbs
        const potential = values.map((value, token) => size * value + (token % 3))
        const plain = TokenAdvantage.gae(batch, rewardsOf(batch), values, { gamma, lambda }).advantages
        // Φ = 0 past the end; V − Φ is the shaped process's value (Ng et al., 1999).
        const shaped = rewardsOf(batch).slice()
        for (let sequence = 0; sequence + 1 < batch.offsets.length; sequence++) {
          let next = 0
          for (let token = batch.offsets[sequence + 1]! - 1; token >= batch.offsets[sequence]!; token--) {
            if (batch.owner[token] === NOT_OWNED) continue
            shaped[token]! += gamma * next - potential[token]!
            next = potential[token]!
          }
        }
        const moved = values.map((value, token) => value - potential[token]!)
        expectAllClose(TokenAdvantage.gae(batch, shaped, moved, { gamma, lambda }).advantages, plain)
      })
    )
  })

  it("returns are advantages plus values on owned tokens, and nothing of a masked token matters", () => {
    fc.assert(
      fc.property(tokenBatch(), unit, (batch, each) => {
        const spoilt = (values: Float64Array) => values.map((value, token) => (batch.owner[token] === NOT_OWNED ? 7 : value))
        const run = (rewards: Float64Array, values: Float64Array) => TokenAdvantage.gae(batch, rewards, values, { lambda: 0.5, unit: each })
        const found = run(rewardsOf(batch), batch.oldLogProbs)
        expectAllClose(run(spoilt(rewardsOf(batch)), spoilt(batch.oldLogProbs)).advantages, found.advantages)
        if (each === "token") expectAllClose(found.returns, owned(batch, found.advantages.map((a, t) => a + batch.oldLogProbs[t]!)))
      })
    )
  })
})

describe("REINFORCE++", () => {
  it("does not change when all rewards are mapped by r ↦ a·r + b at the end, a > 0 (to its 1e-8)", () => {
    fc.assert(
      fc.property(tokenBatch(), grid(0.5, 20), grid(-5, 5), (batch, slope, shift) => {
        const rewards = Array.from({ length: batch.offsets.length - 1 }, (_, i) => (i % 3) - 1)
        const run = (values: ReadonlyArray<number>) =>
          TokenAdvantage.reinforcePlusPlus(batch, TokenAdvantage.terminalRewards(batch, values))
        expectAllClose(run(rewards.map((reward) => slope * reward + shift)), run(rewards), 1e-6)
      })
    )
  })

  it("has mean 0 and variance σ²/(σ² + 1e-8) over owned tokens, and 0 elsewhere", () => {
    fc.assert(
      fc.property(tokenBatch(), (batch) => {
        const rewards = rewardsOf(batch)
        const values = TokenAdvantage.whiten(rewards, batch.owner)
        const at = Array.from(batch.owner.keys()).filter((token) => batch.owner[token] !== NOT_OWNED)
        expectAllClose(values, owned(batch, values))
        const kept = at.map((token) => values[token]!)
        if (kept.every((value) => value === 0)) return
        const varianceOf = (of: ReadonlyArray<number>) => {
          const mean = of.reduce((sum, value) => sum + value, 0) / of.length
          return of.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (of.length - 1)
        }
        expectClose(kept.reduce((sum, value) => sum + value, 0) / kept.length, 0)
        // verl adds 1e-8 to the variance that it divides by.
        const before = varianceOf(at.map((token) => rewards[token]!))
        expectClose(varianceOf(kept), before / (before + 1e-8), 1e-6)
      })
    )
  })
})

describe("the optimal token baseline", () => {
  const group = fc.array(fc.tuple(grid(-2, 2), fc.integer({ min: 1, max: 4 })), { minLength: 2, maxLength: 5 })
  const laid = (rows: ReadonlyArray<readonly [number, number]>, logProb: number) => {
    const lengths = rows.map(([, length]) => length)
    const offsets = Int32Array.from([0, ...lengths.map((_, i) => lengths.slice(0, i + 1).reduce((sum, length) => sum + length, 0))])
    const owner = new Uint8Array(offsets.at(-1)!)
    return {
      offsets,
      owner,
      rewards: TokenAdvantage.terminalRewards({ offsets, owner }, rows.map(([reward]) => reward)),
      logProbs: new Float64Array(owner.length).fill(logProb),
      sumSquares: new Float64Array(owner.length).fill(0.6)
    }
  }

  it("is Dr. GRPO's mean where all tokens vary alike and lengths are equal", () => {
    fc.assert(
      fc.property(group, grid(-3, -0.1), (rows, logProb) => {
        const equal = rows.map(([reward]) => [reward, 3] as const)
        const input = laid(equal, logProb)
        const mean = equal.reduce((sum, [reward]) => sum + reward, 0) / equal.length
        const found = TokenAdvantage.optimalTokenBaseline(input, Int32Array.of(0, equal.length), { epsilon: 0 })
        // 1 − 2π + 0.6 may be 0 or change sign only for π > 0.8.
        fc.pre(Math.exp(logProb) < 0.75)
        expectAllClose(found, repeatOnTokens(equal.map(([reward]) => reward - mean), input.offsets))
      })
    )
  })

  it("moves with the rewards: adding b to all adds nothing to positions that two trajectories reach", () => {
    fc.assert(
      fc.property(group, grid(-3, -0.3), grid(-5, 5), (rows, logProb, shift) => {
        const run = (shifted: number) =>
          TokenAdvantage.optimalTokenBaseline(
            laid(rows.map(([r, l]) => [r + shifted, l] as const), logProb),
            Int32Array.of(0, rows.length),
            {
              epsilon: 0,
              zeroTail: false
            }
          )
        expectAllClose(run(shift), run(0))
      })
    )
  })
})

describe("credit by turn", () => {
  it("without potential, baseline, or rewards but at the end, it is the trajectory-level reward on every token", () => {
    fc.assert(
      fc.property(tokenBatch(), (batch) => {
        const rewards = Array.from({ length: batch.offsets.length - 1 }, (_, i) => i + 0.5)
        const input = {
          rewards: TokenAdvantage.terminalRewards(batch, rewards),
          attempts: [],
          groups: Int32Array.of(0, rewards.length)
        }
        const found = TokenAdvantage.turnAdvantages(TokenAdvantage.turnCredit({ baseline: "none" }), batch, input)
        expectAllClose(found, owned(batch, repeatOnTokens(rewards, batch.offsets)))
      })
    )
  })

  it("the baseline of a trajectory's actions does not look at its own rewards", () => {
    fc.assert(
      fc.property(tokenBatch(), grid(-3, 3), (batch, change) => {
        const actions = TokenAdvantage.actionsOf(batch)
        const sequences = batch.offsets.length - 1
        const groups = Int32Array.of(0, sequences)
        const returns = Float64Array.from(actions.owner, (_, action) => action - 2)
        const states = Int32Array.from(actions.owner, (owner, action) => 3 * owner + (action % 3))
        const before = TokenAdvantage.stateBaseline(actions, returns, states, groups)
        for (let sequence = 0; sequence < sequences; sequence++) {
          const [from, to] = [actions.offsets[sequence]!, actions.offsets[sequence + 1]!]
          const changed = returns.map((value, action) => (action >= from && action < to ? value + change : value))
          const after = TokenAdvantage.stateBaseline(actions, changed, states, groups)
          expectAllClose(after.slice(from, to), before.slice(from, to))
        }
      })
    )
  })

  it("rewards of a potential sum to 0 over every trajectory in which each answer was decided on", () => {
    const cycle = fc.record({ correct: fc.boolean(), length: fc.integer({ min: 1, max: 4 }), stops: fc.boolean() })
    fc.assert(
      fc.property(fc.array(cycle, { minLength: 1, maxLength: 4 }), grid(-3, 3), (cycles, potential) => {
        let at = 0
        const attempts = cycles.map(({ correct, length, stops }) => {
          at += length + 1
          return { answerEnd: at - 2, correct, decisionEnd: at - 1, stops }
        })
        const rewards = TokenAdvantage.processRewards({ potential, decision: 0 }, attempts, at)
        expectClose(rewards.reduce((sum, value) => sum + value, 0), 0)
        expect(rewards.some((value) => value !== 0)).toBe(potential !== 0 && cycles.some(({ correct }) => correct))
      })
    )
  })
})
