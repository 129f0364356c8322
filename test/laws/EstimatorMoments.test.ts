import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Advantage, repeatOnTokens, TokenAdvantage } from "decision-sampling/theory"
import { grid, tinyLogits } from "../support/Arbitraries.ts"
import { isSolved, type Laid, layOut, momentsOf } from "../support/ExpectedEstimate.ts"
import { type Cycles, enumerate, expectedVector, probabilities, tokensOf, weightedScore } from "../support/TinyPolicy.ts"
import { expectAllClose, largestDifference } from "../../src/laws/support/Approx.ts"

const trajectories = enumerate(2)
const RUNS = { numRuns: 12 }

/** A policy that is neither good nor bad, away from every symmetry, for statements that two things differ. */
const LOGITS = [0.2, -0.4, 0.9, 0.1, -0.3, 0.5, 0.8, -0.6, 0.4, 0.3, -0.2, 0.7, 0.6, -0.1, 0.1, -0.5, 0.9, -0.8, -0.6, 0.4, -0.2, 0.3]

const scoreTimes = (value: (cycles: Cycles) => number) => (logits: ReadonlyArray<number>) =>
  expectedVector(logits, trajectories, (cycles) => weightedScore(logits, cycles, tokensOf(cycles).map(() => value(cycles))))

const gradientOfAccuracy = scoreTimes(isSolved)
const accuracy = (logits: ReadonlyArray<number>): number =>
  probabilities(logits, trajectories).reduce((sum, chance, i) => sum + chance * isSolved(trajectories[i]!), 0)

const by = (estimator: Advantage.Estimator, columns: (laid: Laid) => Advantage.Columns = () => ({})) => (laid: Laid) =>
  Advantage.advantages(estimator, laid.rewards, laid.groups, columns(laid))

const attemptsOf = ({ offsets, rollouts }: Laid): ReadonlyArray<TokenAdvantage.GradedAttempt> =>
  rollouts.flatMap((cycles, i) => {
    let at = offsets[i]!
    return cycles.map(({ answer, decision }) => {
      const length = tokensOf([{ answer, decision }]).length
      at += length
      return { answerEnd: at - 2, correct: answer === 0, decisionEnd: at - 1, stops: decision === "STOP" }
    })
  })

const byTurn = (options: Parameters<typeof TokenAdvantage.turnCredit>[0]) => (laid: Laid) =>
  TokenAdvantage.turnAdvantages(TokenAdvantage.turnCredit(options), laid, {
    rewards: TokenAdvantage.terminalRewards(laid, laid.rewards),
    attempts: attemptsOf(laid),
    groups: laid.groups
  })

describe("the expected gradient of an estimator, by writing out every group", () => {
  it("REINFORCE, leave-one-out and ReMax: that of the accuracy, for groups of two and any greedy reward", () => {
    fc.assert(
      fc.property(tinyLogits, grid(-1, 2), (logits, greedy) => {
        const expected = gradientOfAccuracy(logits)
        for (
          const estimate of [by(Advantage.reinforce()), by(Advantage.rloo()), by(Advantage.reMax(), () => ({ greedy: [greedy] }))]
        ) expectAllClose(momentsOf(logits, trajectories, 2, estimate).mean, expected)
      }),
      RUNS
    )
  })

  it("Dr. GRPO: (G − 1)/G of it; GPG on groups where every reward counts is α times that", () => {
    fc.assert(
      fc.property(tinyLogits, (logits) => {
        expectAllClose(
          momentsOf(logits, trajectories, 2, by(Advantage.drGrpo())).mean,
          gradientOfAccuracy(logits).map((slope) => slope / 2)
        )
        const positive = (laid: Laid) => Advantage.advantages(Advantage.gpg({ norm: 4 }), laid.rewards.map((r) => r + 1), laid.groups)
        expectAllClose(momentsOf(logits, trajectories, 2, positive).mean, gradientOfAccuracy(logits).map((slope) => slope / 8))
      }),
      RUNS
    )
  })

  it("MaxRL: (1 − (1 − p)^{G−1})/p times it, for G = 2 and 3", () => {
    fc.assert(
      fc.property(tinyLogits, fc.constantFrom(2, 3), (logits, groupSize) => {
        const p = accuracy(logits)
        const factor = (1 - (1 - p) ** (groupSize - 1)) / p
        const found = momentsOf(logits, trajectories, groupSize, by(Advantage.maxRl())).mean
        expectAllClose(found, gradientOfAccuracy(logits).map((slope) => factor * slope))
      }),
      { numRuns: 3 }
    )
  })

  it("pass@k without scale: G times the mean is the gradient of P(at least one right of G) = 1 − (1 − p)^G", () => {
    fc.assert(
      fc.property(tinyLogits, fc.constantFrom(2, 3), (logits, groupSize) => {
        const p = accuracy(logits)
        const found = momentsOf(logits, trajectories, groupSize, by(Advantage.passAtK({ scale: "none", epsilon: 0 }))).mean
        const slope = groupSize * (1 - p) ** (groupSize - 1)
        expectAllClose(found.map((value) => groupSize * value), gradientOfAccuracy(logits).map((value) => slope * value))
      }),
      { numRuns: 3 }
    )
  })

  it("GAE with λ = 1: unbiased for any value that depends on the state alone, by token and by action", () => {
    fc.assert(
      fc.property(
        tinyLogits,
        fc.array(grid(-1, 1), { minLength: 11, maxLength: 11 }),
        fc.constantFrom("token" as const, "action" as const),
        (
          logits,
          values,
          unit
        ) => {
          // A site is a context, so a value a site is a function of the state.
          const estimate = (laid: Laid) =>
            TokenAdvantage.gae(
              laid,
              TokenAdvantage.terminalRewards(laid, laid.rewards),
              Float64Array.from(laid.rollouts.flatMap(tokensOf), ({ site }) => values[site]!),
              { unit }
            ).advantages
          expectAllClose(momentsOf(logits, trajectories, 1, estimate).mean, gradientOfAccuracy(logits))
        }
      ),
      RUNS
    )
  })

  it("by turn: unbiased for any potential, with and without the baseline by state, for groups of one and two", () => {
    fc.assert(
      fc.property(tinyLogits, grid(-2, 2), fc.constantFrom("state" as const, "none" as const), (logits, potential, baseline) => {
        const expected = gradientOfAccuracy(logits)
        for (const groupSize of [1, 2]) {
          expectAllClose(momentsOf(logits, trajectories, groupSize, byTurn({ potential, baseline })).mean, expected)
        }
      }),
      RUNS
    )
  })

  it("by turn with γ < 1: the gradient of E[γ^{T−1} R]", () => {
    fc.assert(
      fc.property(tinyLogits, grid(0, 1), grid(-2, 2), (logits, gamma, potential) => {
        const expected = scoreTimes((cycles) => gamma ** (cycles.length - 1) * isSolved(cycles))(logits)
        expectAllClose(momentsOf(logits, trajectories, 2, byTurn({ gamma, potential })).mean, expected)
      }),
      RUNS
    )
  })

  it("leaving groups of equal rewards out (dynamic sampling) divides it by the share that stays: what is left out added nothing", () => {
    fc.assert(
      fc.property(tinyLogits, (logits) => {
        const whole = momentsOf(logits, trajectories, 2, by(Advantage.rloo())).mean
        const kept = momentsOf(logits, trajectories, 2, (laid) =>
          Advantage.zeroVarianceGroups(laid.rewards, laid.groups)[0] === 1 ? [0, 0] : by(Advantage.rloo())(laid)).mean
        expectAllClose(kept, whole)
      }),
      RUNS
    )
  })
})

describe("estimators that are biased, each with a policy where it shows", () => {
  const expected = gradientOfAccuracy(LOGITS)
  const share = (found: Float64Array) => largestDifference(found, expected) / largestDifference(expected, expected.map(() => 0))

  it("OPO: not a multiple of the gradient once lengths differ; with equal lengths it is (G − 1)/G of it", () => {
    const { mean } = momentsOf(LOGITS, trajectories, 2, by(Advantage.opo(), ({ lengths }) => ({ lengths })))
    const ratios = Array.from(mean, (slope, k) => slope / expected[k]!)
    expect(Math.max(...ratios) - Math.min(...ratios)).toBeGreaterThan(0.3)
    const equal = momentsOf(LOGITS, trajectories, 2, by(Advantage.opo(), ({ lengths }) => ({ lengths: lengths.map(() => 7) })))
    expectAllClose(equal.mean, expected.map((slope) => slope / 2))
  })

  it("GAE with λ = 0 and no value: only the last token learns, so answers do not", () => {
    const estimate = (laid: Laid) => {
      const rewards = TokenAdvantage.terminalRewards(laid, laid.rewards)
      return TokenAdvantage.gae(laid, rewards, new Float64Array(rewards.length), { lambda: 0 }).advantages
    }
    expect(share(momentsOf(LOGITS, trajectories, 1, estimate).mean)).toBeGreaterThan(0.5)
  })

  it("rewards for right decisions: another objective, that of accuracy plus d times the expected number of right decisions", () => {
    const { mean } = momentsOf(LOGITS, trajectories, 1, byTurn({ decision: 0.5, baseline: "none" }))
    expect(share(mean)).toBeGreaterThan(0.3)
    const rightDecisions = (cycles: Cycles) => cycles.filter(({ answer, decision }) => (answer === 0) === (decision === "STOP")).length
    expectAllClose(mean, scoreTimes((cycles) => isSolved(cycles) + 0.5 * rightDecisions(cycles))(LOGITS))
  })

  it("a baseline by state that counts the trajectory's own visits", () => {
    // Two visits of one trajectory to one state: the later return depends on the earlier action.
    const estimate = (laid: Laid) => {
      const actions = TokenAdvantage.actionsOf(laid)
      const rewards = TokenAdvantage.sumByAction(actions, TokenAdvantage.terminalRewards(laid, laid.rewards))
      const returns = TokenAdvantage.actionReturns(actions, rewards, 1)
      const states = TokenAdvantage.actionStates(actions, attemptsOf(laid))
      const mean = (state: number) => {
        const same = returns.filter((_, action) => states[action] === state)
        return same.reduce((sum, value) => sum + value, 0) / same.length
      }
      return TokenAdvantage.spreadOnTokens(actions, returns.map((value, action) => value - mean(states[action]!)))
    }
    expect(share(momentsOf(LOGITS, trajectories, 2, estimate).mean)).toBeGreaterThan(0.3)
  })
})

describe("the variance of a step", () => {
  const varianceOf = (estimate: (laid: Laid) => ArrayLike<number>, groupSize = 3) =>
    momentsOf(LOGITS, trajectories, groupSize, estimate).variance

  /** Q − V of every action: the mean reward of all trajectories with this beginning, this action, minus that without it. */
  const exact = (laid: Laid) => {
    const chances = probabilities(LOGITS, trajectories)
    const valueAfter = (cycles: Cycles, cycle: number, stage: "state" | "answer" | "decision") => {
      const agrees = (other: Cycles) =>
        cycles.slice(0, cycle).every((each, i) => each.answer === other[i]?.answer && each.decision === other[i]?.decision) &&
        other.length > cycle &&
        (stage === "state" || other[cycle]!.answer === cycles[cycle]!.answer) &&
        (stage !== "decision" || other[cycle]!.decision === cycles[cycle]!.decision)
      let [chance, sum] = [0, 0]
      trajectories.forEach((other, i) => {
        if (!agrees(other)) return
        chance += chances[i]!
        sum += chances[i]! * isSolved(other)
      })
      return sum / chance
    }
    return laid.rollouts.flatMap((cycles) =>
      tokensOf(cycles).map(({ cycle, owner }) =>
        owner === "sampling"
          ? valueAfter(cycles, cycle, "answer") - valueAfter(cycles, cycle, "state")
          : valueAfter(cycles, cycle, "decision") - valueAfter(cycles, cycle, "answer")
      )
    )
  }

  it("credit by turn with the exact Q − V has the mean of the accuracy's gradient and a fraction of the reward's variance", () => {
    const found = momentsOf(LOGITS, trajectories, 1, exact)
    expectAllClose(found.mean, gradientOfAccuracy(LOGITS))
    expect(found.variance).toBeLessThan(0.42 * varianceOf(by(Advantage.reinforce()), 1))
  })

  it("of three rollouts: states that only one other visited make the baseline by state noisier than leave-one-out; the potential makes up for it", () => {
    const left = varianceOf(by(Advantage.rloo()))
    expect(varianceOf(byTurn({}))).toBeGreaterThan(1.05 * left)
    expect(varianceOf(byTurn({ potential: 1 }))).toBeLessThan(0.97 * left)
    expect(varianceOf(exact)).toBeLessThan(0.3 * left)
  })

  it("of two rollouts, without potential: by turn *is* leave-one-out, because every action of the other rollout returned its reward", () => {
    fc.assert(
      fc.property(fc.constantFrom(...trajectories), fc.constantFrom(...trajectories), (one, other) => {
        const laid = layOut([one, other])
        expectAllClose(byTurn({})(laid), repeatOnTokens(by(Advantage.rloo())(laid), laid.offsets))
      })
    )
  })
})
