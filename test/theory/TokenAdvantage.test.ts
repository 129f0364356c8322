import { describe, expect, it } from "vitest"
import { DECISION, NOT_OWNED, SAMPLING, TokenAdvantage } from "decision-sampling/theory"
import { expectAllClose } from "../../src/laws/support/Approx.ts"
import { reasonOf } from "../support/Errors.ts"

// A prompt token, an answer of two tokens, RESAMPLE, a forced token, an answer of one, STOP.
const layout = {
  offsets: Int32Array.of(0, 7),
  owner: Uint8Array.of(NOT_OWNED, SAMPLING, SAMPLING, DECISION, NOT_OWNED, SAMPLING, DECISION)
}
const attempts = [
  { answerEnd: 2, correct: false, decisionEnd: 3, stops: false },
  { answerEnd: 5, correct: true, decisionEnd: 6, stops: true }
]
const terminal = TokenAdvantage.terminalRewards(layout, [1])

describe("actions", () => {
  it("are the answers and the decisions; a cycle ends after a decision", () => {
    const actions = TokenAdvantage.actionsOf(layout)
    expect([...actions.offsets]).toEqual([0, 4])
    expect([...actions.owner]).toEqual([SAMPLING, DECISION, SAMPLING, DECISION])
    expect([...actions.cycle]).toEqual([0, 0, 1, 1])
    expect([...actions.action]).toEqual([-1, 0, 0, 1, -1, 2, 3])
    expect([...TokenAdvantage.sumByAction(actions, Float64Array.of(9, 1, 2, 3, 9, 4, 5))]).toEqual([3, 3, 4, 5])
    expect([...TokenAdvantage.spreadOnTokens(actions, Float64Array.of(1, 2, 3, 4))]).toEqual([0, 1, 1, 2, 0, 3, 4])
    expect([...TokenAdvantage.actionStates(actions, attempts)]).toEqual([0, 4, 1, 5])
  })

  it("refuse columns of another length", () => {
    const actions = TokenAdvantage.actionsOf(layout)
    expect(reasonOf(() => TokenAdvantage.sumByAction(actions, new Float64Array(2)))).toMatchObject({ _tag: "ShapeMismatch", expected: 7 })
    expect(reasonOf(() => TokenAdvantage.spreadOnTokens(actions, new Float64Array(2)))).toMatchObject({
      _tag: "ShapeMismatch",
      expected: 4
    })
    expect(reasonOf(() => TokenAdvantage.actionReturns(actions, new Float64Array(2), 1))).toMatchObject({ _tag: "ShapeMismatch" })
    expect(reasonOf(() => TokenAdvantage.stateBaseline(actions, new Float64Array(4), new Int32Array(3), Int32Array.of(0, 1))))
      .toMatchObject({
        what: "states"
      })
    expect(reasonOf(() => TokenAdvantage.terminalRewards(layout, [1, 2]))).toMatchObject({ _tag: "ShapeMismatch", expected: 1 })
  })
})

describe("TokenAdvantage.gae by hand", () => {
  // Values ½ everywhere, γ = 0.5, λ = 0.5, the reward 1 at the end; backwards over the five owned tokens:
  // last: 1 − ½ = ½; before: 0.5·½ − ½ + 0.25·½ = −⅛; −¼ + ¼·(−⅛) = −9/32; −¼ − 9/128 = −41/128; −¼ − 41/512 = −169/512.
  it("by token: γ after each owned token, forced tokens passed over", () => {
    const values = new Float64Array(7).fill(0.5)
    const { advantages, returns } = TokenAdvantage.gae(layout, terminal, values, { gamma: 0.5, lambda: 0.5 })
    const expected = [-169 / 512, -41 / 128, -9 / 32, -1 / 8, 1 / 2]
    expectAllClose(advantages, [0, expected[0]!, expected[1]!, expected[2]!, 0, expected[3]!, expected[4]!])
    expectAllClose(returns, [0, ...expected.slice(0, 3).map((a) => a + 0.5), 0, ...expected.slice(3).map((a) => a + 0.5)])
  })

  // Actions: V = ½ each, γ only after RESAMPLE. STOP: ½. Answer 2: ½ − ½ + ½·½ = ¼. RESAMPLE: ½·½ − ½ + ½·½·¼ = −3/16. Answer 1: 0 + ½·(−3/16) = −3/32.
  it("by action: γ after a cycle, λ after every action", () => {
    const { advantages } = TokenAdvantage.gae(layout, terminal, new Float64Array(7).fill(0.5), { gamma: 0.5, lambda: 0.5, unit: "action" })
    expectAllClose(advantages, [0, -3 / 32, -3 / 32, -3 / 16, 0, 1 / 4, 1 / 2])
  })

  it("refuses discounts outside [0, 1], numbers that are none and columns of another length", () => {
    const run = (options: TokenAdvantage.GaeOptions, values = new Float64Array(7)) => () =>
      TokenAdvantage.gae(layout, terminal, values, options)
    expect(reasonOf(run({ gamma: 1.1 }))).toMatchObject({ _tag: "OutOfRange", what: "gamma" })
    expect(reasonOf(run({ lambda: -1 }))).toMatchObject({ _tag: "OutOfRange", what: "lambda" })
    expect(reasonOf(run({}, new Float64Array(3)))).toMatchObject({ _tag: "ShapeMismatch", what: "values" })
    expect(reasonOf(run({}, new Float64Array(7).fill(NaN)))).toMatchObject({ _tag: "NonFinite", what: "values" })
  })
})

describe("REINFORCE++ and whitening by hand", () => {
  it("whitens over owned tokens: 1, 3 become ∓1/√2 (variance 2, n − 1); equal values 0", () => {
    const owner = Uint8Array.of(SAMPLING, NOT_OWNED, SAMPLING)
    const scale = Math.sqrt(2 + 1e-8)
    expectAllClose(TokenAdvantage.whiten(Float64Array.of(1, 100, 3), owner), [-1 / scale, 0, 1 / scale])
    expect([...TokenAdvantage.whiten(Float64Array.of(0.1, 5, 0.1), owner)]).toEqual([0, 0, 0])
    expect(reasonOf(() => TokenAdvantage.whiten(Float64Array.of(1), owner))).toMatchObject({ _tag: "ShapeMismatch" })
    expect(reasonOf(() => TokenAdvantage.whiten(Float64Array.of(NaN, 1, 1), owner))).toMatchObject({ _tag: "NonFinite" })
  })

  it("rewards −1 and 2 on two tokens, γ = ½: returns 0 and 2, whitened ∓1/√2", () => {
    const two = { offsets: Int32Array.of(0, 2), owner: Uint8Array.of(SAMPLING, DECISION) }
    const scale = Math.sqrt(2 + 1e-8)
    expectAllClose(TokenAdvantage.reinforcePlusPlus(two, Float64Array.of(-1, 2), { gamma: 0.5 }), [-1 / scale, 1 / scale])
  })
})

describe("the optimal token baseline by hand", () => {
  // Uniform choices of two: π = ½, Σπ² = ½, so every token adds ½ and W_t = t/2. Rewards 1 and 0, lengths 2 and 1.
  const input = {
    offsets: Int32Array.of(0, 2, 3),
    owner: Uint8Array.of(SAMPLING, DECISION, DECISION),
    rewards: Float64Array.of(0, 1, 0),
    logProbs: new Float64Array(3).fill(Math.log(0.5)),
    sumSquares: new Float64Array(3).fill(0.5)
  }
  const groups = Int32Array.of(0, 2)

  it("position 1: both weigh ½, B = ½; position 2: only the longer is left, no baseline, or its own return", () => {
    expectAllClose(TokenAdvantage.optimalTokenBaseline(input, groups, { epsilon: 0 }), [0.5, 1, -0.5])
    expectAllClose(TokenAdvantage.optimalTokenBaseline(input, groups, { epsilon: 0, zeroTail: false }), [0.5, 0, -0.5])
  })

  it("importance weights count squared: 2 on the first trajectory's token gives it 4/5", () => {
    const weights = Float64Array.of(2, 2, 1)
    expectAllClose(TokenAdvantage.optimalTokenBaseline({ ...input, weights }, groups, { epsilon: 0 }), [0.2, 1, -0.8])
  })

  it("a token's weight is 1 − 2π + Σπ²: ½ for π = ½ and 1 for π = ¼ among Σπ² = ½, so B = ⅓ of rewards 1 and 0", () => {
    const uneven = {
      offsets: Int32Array.of(0, 1, 2),
      owner: Uint8Array.of(SAMPLING, SAMPLING),
      rewards: Float64Array.of(1, 0),
      logProbs: Float64Array.of(Math.log(0.5), Math.log(0.25)),
      sumSquares: Float64Array.of(0.5, 0.5)
    }
    expectAllClose(TokenAdvantage.optimalTokenBaseline(uneven, groups, { epsilon: 0 }), [2 / 3, -1 / 3])
  })

  it("a group of one has none; bad input is refused", () => {
    expectAllClose(TokenAdvantage.optimalTokenBaseline(input, Int32Array.of(0, 1, 2)), [1, 1, 0])
    expect(reasonOf(() => TokenAdvantage.optimalTokenBaseline(input, Int32Array.of(0, 0, 2)))).toMatchObject({ _tag: "EmptyGroup" })
    expect(reasonOf(() => TokenAdvantage.optimalTokenBaseline(input, Int32Array.of(0, 3)))).toMatchObject({ _tag: "OutOfRange" })
    expect(reasonOf(() => TokenAdvantage.optimalTokenBaseline({ ...input, sumSquares: new Float64Array(1) }, groups))).toMatchObject({
      what: "sumSquares"
    })
    expect(reasonOf(() => TokenAdvantage.optimalTokenBaseline(input, groups, { epsilon: -1 }))).toMatchObject({ what: "epsilon" })
  })
})

describe("credit by turn by hand", () => {
  const input = { rewards: terminal, attempts, groups: Int32Array.of(0, 1) }
  const of = (options: Parameters<typeof TokenAdvantage.turnCredit>[0]) =>
    TokenAdvantage.turnAdvantages(TokenAdvantage.turnCredit(options), layout, input)

  it("alone: the reward to go; with potential 1 STOP on the right answer has nothing left to earn, the answer all of it", () => {
    expect([...of({})]).toEqual([0, 1, 1, 1, 0, 1, 1])
    expect([...of({ potential: 1 })]).toEqual([0, 1, 1, 1, 0, 1, 0])
  })

  it("a reward of 0.5 for right decisions is earned by both; γ = ½ halves the second cycle twice: seen from the first, and in its weight", () => {
    expect([...of({ decision: 0.5 })]).toEqual([0, 2, 2, 2, 0, 1.5, 1.5])
    expect([...of({ gamma: 0.5 })]).toEqual([0, 0.5, 0.5, 0.5, 0, 0.5, 0.5])
  })

  it("RESAMPLE on a right answer costs the potential, and a cut-off answer gets none", () => {
    const lost = [{ answerEnd: 2, correct: true, decisionEnd: 3, stops: false }, { answerEnd: 5, correct: true }]
    const rewards = TokenAdvantage.processRewards({ potential: 1, decision: 0.5 }, lost, 7)
    expect([...rewards]).toEqual([0, 0, 1, -1, 0, 0, 0])
  })

  it("the baseline by state is the mean return of the others there; where nobody was, of the same owner; else 0", () => {
    // Three trajectories of an answer and a decision: right STOP (1), wrong STOP (0), right RESAMPLE at the cap (0).
    const three = { offsets: Int32Array.of(0, 2, 4, 6), owner: Uint8Array.of(0, 1, 0, 1, 0, 1) }
    const graded = [
      { answerEnd: 0, correct: true, decisionEnd: 1, stops: true },
      { answerEnd: 2, correct: false, decisionEnd: 3, stops: true },
      { answerEnd: 4, correct: true, decisionEnd: 5, stops: false }
    ]
    const rewards = TokenAdvantage.terminalRewards(three, [1, 0, 0])
    const found = TokenAdvantage.turnAdvantages(TokenAdvantage.turnCredit(), three, {
      rewards,
      attempts: graded,
      groups: Int32Array.of(0, 3)
    })
    // Answers: 1 − 0, 0 − ½, 0 − ½. Decisions on right: 1 − 0 and 0 − 1; on wrong nobody else, the other decisions' mean ½.
    expect([...found]).toEqual([1, 1, -0.5, -0.5, -0.5, -1])
  })

  it("refuses settings and places that are none", () => {
    expect(reasonOf(() => TokenAdvantage.turnCredit({ gamma: 2 }))).toMatchObject({ _tag: "OutOfRange", what: "gamma" })
    expect(reasonOf(() => TokenAdvantage.turnCredit({ potential: NaN }))).toMatchObject({ _tag: "OutOfRange", what: "potential" })
    expect(reasonOf(() => TokenAdvantage.processRewards({ potential: 1, decision: 0 }, [{ ...attempts[1]!, decisionEnd: 7 }], 7)))
      .toMatchObject({ _tag: "OutOfRange", value: 7 })
  })
})
