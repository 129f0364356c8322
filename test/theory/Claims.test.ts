import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import {
  accuracyByAttempt,
  Aggregate,
  appendixC,
  attribution,
  backward,
  CensoredRates,
  CLAIMS,
  Dft,
  estimatorMoments,
  expectedKlGradient,
  growthExponent,
  immediateTerms,
  inTokenOrder,
  type KlChoice,
  KlPenalty,
  magnitudeRatio,
  Objective,
  OnPolicyDrift,
  RESTORED,
  ScoredChain,
  type ScoredTrajectory,
  Sft,
  simulateDynamics,
  solveProcess,
  stopProbability,
  sumByOwner,
  Surrogate,
  termGrowth,
  ThreeLogit,
  ThreeLogitFeedback,
  ThreeLogitGradient,
  toTokenBatch,
  TWO_STAGE,
  twoStageAccuracy,
  type TwoStageRates,
  weighedCycles
} from "decision-sampling/theory"
import { centralDifference } from "../../src/laws/support/CentralDifference.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

const oneAttempt = (tokens: ReadonlyArray<number>, decision: number): ScoredTrajectory => ({
  attempts: [{ tokenLogProbs: tokens.map(Math.log), decision: "STOP", decisionLogProb: Math.log(decision) }]
})

const rates = (sampleCorrect: number, stopGivenCorrect: number, resampleGivenWrong: number) => ({
  sampleCorrect,
  stopGivenCorrect,
  resampleGivenWrong
})

/** Log-ratios ±size a token on policy: the mean |r_S| over |r_D| for a decision of that size. */
const klRatio = (size: number, length: number): number => OnPolicyDrift.meanSize({ up: size, down: size }, length) / size

/** The surrogate's expected push on (θ_S, θ_C, θ_W), A = 1 on a correct STOP, from Q = γ^{T−t}·A: ∇ of p·c/(1 − γ(1 − S)). */
const discountedPush = (at: TwoStageRates, gamma: number): Float64Array =>
  centralDifference((logits) => {
    const [sampleCorrect, stopGivenCorrect, resampleGivenWrong] = logits
    const moved = ThreeLogit.ratesOf({
      sampleCorrect: sampleCorrect!,
      stopGivenCorrect: stopGivenCorrect!,
      resampleGivenWrong: resampleGivenWrong!
    })
    return (moved.sampleCorrect * moved.stopGivenCorrect) / (1 - gamma * (1 - stopProbability(moved)))
  }, Object.values(ThreeLogit.logitsOf(at)))

/** Two cycles of `length` tokens and a decision, every log-ratio 1. */
const atUnitDrift = (length: number): ScoredTrajectory => {
  const attempt = {
    tokenLogProbs: Array.from({ length }, () => -1),
    referenceTokenLogProbs: Array.from({ length }, () => -2),
    decisionLogProb: -1,
    referenceDecisionLogProb: -2
  }
  return { attempts: [{ ...attempt, decision: "RESAMPLE" }, { ...attempt, decision: "STOP" }] }
}

const equalLengths = (length: number) => ({ correct: length, wrong: length })

const futureShare = (length: number): number => {
  const reference = { sampleCorrect: 0.3, stopGivenCorrect: 2, resampleGivenWrong: 1.2 }
  const policy = ThreeLogit.mapLogits((name) => reference[name] + 0.2)
  const parts = ThreeLogitGradient.klPenaltyLogitGradient({ policy, reference, lengths: equalLengths(length), beta: 1 })
  return parts.futureSampling.resampleGivenWrong / parts.immediate.resampleGivenWrong
}

const half = ThreeLogit.logitsOf(rates(0.5, 0.5, 0.5))

const netOnRejection = (step: number): number => {
  const reference = ThreeLogit.mapLogits((name) => half[name] - step)
  const drag = ThreeLogitGradient.klPenaltyLogitGradient({ policy: half, reference, lengths: equalLengths(100), beta: 1 }).total
  return ThreeLogitGradient.surrogateLogitGradient(half).resampleGivenWrong + drag.resampleGivenWrong
}

const klGradient = (placement: KlChoice.PlacementName, length: number, model: Pick<ThreeLogit.ThreeLogitModel, "policy" | "reference">) =>
  expectedKlGradient(
    { policy: model.policy, reference: model.reference, maxCycles: 12 },
    { estimator: placement === "loss" ? "k3" : "k1", placement, aggregation: Aggregate.seqMeanTokenSum, length }
  )

const restoredRatio = (placement: KlChoice.PlacementName, length: number): number =>
  ThreeLogitGradient.attributeLogits(klGradient(placement, length, RESTORED.model)).ratio!

const penaltyMoments = (() => {
  const policy = ThreeLogit.logitsOf(rates(0.3, 0.8, 0.6))
  const reference = ThreeLogit.mapLogits((name) => policy[name] - 0.5)
  const terms = ScoredChain.klPenaltyTerms({ policy, reference, lengths: equalLengths(8), beta: 1 })
  return estimatorMoments(ScoredChain.chainOfThreeLogit(policy, terms))
})()

/** Σ|Q_S|/Σ|Q_D| of equal terms on every token over so many attempts: of DFT, and of a KL penalty of one drift. */
const driftRatio = (attempts: number, length: number): number => {
  const attempt = { tokenLogProbs: Array.from({ length }, () => -1), decision: "RESAMPLE", decisionLogProb: -1 } as const
  const all = Array.from({ length: attempts }, (_, cycle) => (cycle === attempts - 1 ? { ...attempt, decision: "STOP" as const } : attempt))
  return attribution([weighedCycles(Dft.qValues({ attempts: all }), { level: "action" })]).ratio!
}

/** Every counterexample's numbers, computed. */
const RECOMPUTED: Readonly<Record<string, () => Readonly<Record<string, number>>>> = {
  C08: () => {
    const tables = [3, 9, 27, 81].map((length) => immediateTerms([Array.from({ length }, (_, token) => (token % 2 === 0 ? 1 : -1))], [1]))
    return {
      growthExponent: termGrowth(tables)!,
      ratioPerAction: magnitudeRatio(tables).perAction,
      weightRatio: attribution(tables.map((each) => weighedCycles(backward(each, 1)))).ratio!
    }
  },
  C09: () => {
    const at = rates(0.3, 0.8, 0.6)
    const [whole, ...discounted] = [1, 0.9, 0.7, 0.5].map((gamma) => discountedPush(at, gamma))
    const size = (push: Float64Array) => Math.hypot(...push)
    const [first, second, third] = discounted.map((push) => size(push.map((value, logit) => value - whole![logit]!)) / size(whole!))
    return {
      differenceAt09: first!,
      differenceAt07: second!,
      differenceAt05: third!,
      resampleOverSampling: whole![2]! / whole![0]!,
      resampleOverSamplingAt05: discounted[2]![2]! / discounted[2]![0]!
    }
  },
  C10: () => {
    const trajectory = oneAttempt(Array.from({ length: 9 }, () => 0.5), 0.5)
    const weights = inTokenOrder(Surrogate.scoreWeights(trajectory, { advantage: 1 }))
    const [sampling, decision] = sumByOwner(weights, toTokenBatch([trajectory]), TWO_STAGE)
    return { samplingWeightSum: sampling![0]!, decisionWeightSum: decision![0]! }
  },
  C13: () => {
    const batch = {
      offsets: Int32Array.of(0, 1),
      owner: Uint8Array.of(0),
      logProbs: Float64Array.of(Math.log(0.5)),
      oldLogProbs: Float64Array.of(Math.log(0.25)),
      advantages: Float64Array.of(1)
    }
    const derivative = (clip: number | null) =>
      Objective.evaluate(Objective.surrogate({ clipLow: clip, clipHigh: clip }), batch, TWO_STAGE).derivative[0]!
    return { simpleDerivative: derivative(null), clippedDerivative: derivative(0.2) }
  },
  C15: () => {
    const { "reward-to-go": rewardToGo, trajectory } = penaltyMoments
    return {
      scalarVariance: trajectory.total.variance,
      rewardToGoVariance: rewardToGo.total.variance,
      scalarWeightRatio: attribution([[{ sampling: [0.7, 0.7], decision: [0.7] }]]).ratio!
    }
  },
  C16: () => ({
    ratioOfSize1: klRatio(1, 64),
    ratioOfSize03: klRatio(0.3, 64),
    crossoverOfSize01: OnPolicyDrift.ofTwoValues({ up: 0.1, down: 0.1 }).crossoverLength,
    exponentOfSize01: growthExponent([4, 8, 16].map((length) => ({ length, value: klRatio(0.1, length) }))).exponent
  }),
  C17: () => {
    const dominance = (size: number, length: number) => OnPolicyDrift.dominance({ up: size, down: size }, length, size)
    return { at2TokensOfSize03: dominance(0.3, 2), at128TokensOfSize01: dominance(0.1, 128), at128TokensOfSize1: dominance(1, 128) }
  },
  C18: () => ({ shareAt8Tokens: futureShare(8), shareAt100Tokens: futureShare(100) }),
  C19: () => {
    const logit = (probability: number) => Math.log(probability / (1 - probability))
    const even = [0, 1, 2, 3].map(() => ({ "": [0, 0, 0] }))
    const { q } = solveProcess({
      gamma: 1,
      beta: 0,
      maxCycles: 1,
      answers: [{ tokens: [0], correct: true }, { tokens: [1], correct: false }, { tokens: [2], correct: true }],
      policy: { sampling: even, decision: [0.8, 0.4, 0.3].map(logit) },
      reference: { sampling: even, decision: [0, 0, 0] }
    }).returnValues
    return {
      scalarWeightRatio: attribution([[{ sampling: [0.7, 0.7], decision: [0.7] }]]).ratio!,
      trueSampling: q.sampling[0]![0]!,
      trueSamplingOfWrong: q.sampling[0]![1]!,
      trueStop: q.stop[0]!,
      trueStopOfWrong: q.stop[1]!,
      ratioOfOneAttempt: driftRatio(1, 100),
      ratioOfTwoAttempts: driftRatio(2, 100),
      ratioOfFiveAttempts: driftRatio(5, 100)
    }
  },
  C20: () => ({
    netAtStep001: netOnRejection(0.01),
    netAtStep05: netOnRejection(0.5),
    dragInLossAtStep05:
      klGradient("loss", 100, { policy: half, reference: ThreeLogit.mapLogits((name) => half[name] - 0.5) }).resampleGivenWrong
  }),
  C21: () => ({
    surrogateRatio: simulateDynamics({ start: rates(0.12, 0.95, 0.05), steps: 1 }).attribution.surrogate[0]!,
    klRatioWithoutRefresh: simulateDynamics({ refreshEvery: null, answerLength: 50, steps: 6000 }).attribution.kl.at(-1)!
  }),
  C25: () => {
    const [, overWrong, overCorrect] = appendixC().claims
    return {
      sampleOverWrong: overWrong!.value,
      sampleOverCorrect: overCorrect!.value,
      meanOverWrong: overWrong!.inExpectation,
      meanOverCorrect: overCorrect!.inExpectation
    }
  },
  C28: () => ({
    withoutWrongCandidates: ThreeLogitFeedback.sftLogitGradient(half, rates(1, 1, 1)).resampleGivenWrong,
    expertDecisions: ThreeLogitFeedback.sftLogitGradient(half, rates(0.5, 1, 1)).resampleGivenWrong
  }),
  C32: () => {
    const trajectory = oneAttempt([0.5], 0.5)
    const [tokenQ, stopQ] = inTokenOrder(Sft.qValues(trajectory))
    const [exactTokenQ, exactStopQ] = inTokenOrder(Sft.demonstrationQ(trajectory))
    const { derivative } = Objective.evaluate(Objective.nll(), toTokenBatch([trajectory]), TWO_STAGE)
    return { tokenQ: tokenQ!, stopQ: stopQ!, lossWeight: -derivative[0]!, exactTokenQ: exactTokenQ!, exactStopQ: exactStopQ! }
  },
  C37: () => {
    const trajectory = oneAttempt(Array.from({ length: 8 }, () => 0.5), 0.5)
    const { derivative } = Objective.evaluate(Objective.nll(), toTokenBatch([trajectory]), TWO_STAGE)
    return {
      dftAtOneAttempt: driftRatio(1, 8),
      dftAtTwoAttempts: driftRatio(2, 8),
      dftAtFiveAttempts: driftRatio(5, 8),
      nllLoss: attribution([[{ sampling: Array.from(derivative.slice(0, 8)), decision: [derivative[8]!] }]]).ratio!
    }
  },
  C38: () => {
    const trajectory = oneAttempt([0.75, 0.75, 0.75, 0.75], 0.25)
    return {
      sftRatio: magnitudeRatio([Sft.immediate(trajectory)]).perAction,
      dftRatio: magnitudeRatio([Dft.immediate(trajectory)]).perAction
    }
  },
  C40: () => {
    const policy = ThreeLogit.logitsOf(rates(0.2, 0.9, 0.2))
    const { NEGATIVE_ONLY, outcomeLogitGradient, POSITIVE_ONLY, SIGNED } = ThreeLogitFeedback
    const [zeroOne, minusOneZero, plusMinusOne] = [POSITIVE_ONLY, NEGATIVE_ONLY, SIGNED].map(
      (rewards) => outcomeLogitGradient(policy, rewards).resampleGivenWrong
    )
    return { zeroOne: zeroOne!, minusOneZero: minusOneZero!, plusMinusOne: plusMinusOne! }
  },
  C42: () => {
    const decision = { stopGivenCorrect: 0.95, resampleGivenWrong: 0.7 }
    const accuracy = (sampleCorrect: number) => twoStageAccuracy({ ...decision, sampleCorrect })
    return {
      predictedForMixture: accuracy((0.9 + 0.02) / 2),
      trueForMixture: (accuracy(0.9) + accuracy(0.02)) / 2,
      predictedForRepeats: accuracy(0.3),
      trueForRepeats: accuracyByAttempt([0.3, 0.05], decision)
    }
  },
  C46: () => ({
    rewardAt8Tokens: restoredRatio("reward", 8),
    lossAt8Tokens: restoredRatio("loss", 8),
    rewardAt512Tokens: restoredRatio("reward", 512),
    lossAt512Tokens: restoredRatio("loss", 512)
  }),
  C47: () => {
    const { resampleGivenWrong, sampleCorrect } = ThreeLogitGradient.accuracyLogitGradient(half)
    return { byOwnGradient: resampleGivenWrong, byBoth: -(sampleCorrect - resampleGivenWrong) }
  },
  C48: () => {
    const { resampleGivenWrong, sampleCorrect } = ThreeLogitGradient.accuracyLogitGradient(half)
    return { opposed: sampleCorrect * -resampleGivenWrong, aligned: sampleCorrect * resampleGivenWrong }
  },
  C49: () => {
    const [correct, wrong] = [oneAttempt([0.9, 0.8, 0.7], 0.6), oneAttempt([0.2, 0.3, 0.4], 0.5)]
    return {
      dftOfCorrect: Dft.qValues(correct!).sampling[0]!,
      dftOfWrong: Dft.qValues(wrong!).sampling[0]!,
      surrogateOfCorrect: Surrogate.qValues(correct!, { advantage: 1 }).sampling[0]!,
      surrogateOfWrong: Surrogate.qValues(wrong!, { advantage: -1 }).sampling[0]!
    }
  },
  C50: () => {
    const trajectory = atUnitDrift(64)
    const [dft, kl] = [Dft.immediate(trajectory), KlPenalty.immediate(trajectory, { beta: 1 })]
    return {
      dftRatio: magnitudeRatio([dft]).perAction,
      klRatioOfSize1: klRatio(1, 64),
      klRatioOfSize03: klRatio(0.3, 64),
      dftResample: Dft.qValues(trajectory).decision[0]! / dft.decision[0]!,
      klResample: KlPenalty.qValues(trajectory, { beta: 1 }).decision[0]! / kl.decision[0]!
    }
  },
  C51: () => {
    const [three, two] = [3, 2].map((maxAttempts) => CensoredRates.byAttempts(rates(0.3, 0.8, 0.6), maxAttempts))
    return {
      excludedAt3: three!.truncated,
      resampleGivenWrongAt3: three!.leftOut.resampleGivenWrong!,
      stopGivenCorrectAt3: three!.leftOut.stopGivenCorrect!,
      sampleCorrectAt3: three!.leftOut.sampleCorrect!,
      excludedAt2: two!.truncated,
      resampleGivenWrongAt2: two!.leftOut.resampleGivenWrong!,
      stopGivenCorrectAt2: two!.leftOut.stopGivenCorrect!,
      sampleCorrectAt2: two!.leftOut.sampleCorrect!
    }
  }
}

describe("The claims ledger", () => {
  it("has C01 to C51, each once and in order", () => {
    expect(CLAIMS.map(({ id }) => id)).toEqual(Array.from({ length: 51 }, (_, index) => `C${String(index + 1).padStart(2, "0")}`))
  })

  it("names for every claim where it is, what was found, and at least one test", () => {
    const bare = CLAIMS.filter(({ finding, shownBy, statement, where }) => [finding, statement, where].includes("") || shownBy.length === 0)
    expect(bare).toEqual([])
  })

  it("names only tests that exist, by file and exact name", () => {
    const missing = CLAIMS.flatMap(({ id, shownBy }) =>
      shownBy
        .filter(({ file, test }) => !existsSync(`${root}/${file}`) || !readFileSync(`${root}/${file}`, "utf8").includes(`("${test}", `))
        .map(({ file, test }) => `${id} ${file}: ${test}`)
    )
    expect(missing).toEqual([])
  })

  it("dates every change of an entry, oldest first, and gives a reason that ends as a sentence", () => {
    const changed = CLAIMS.filter(({ changes }) => changes !== undefined)
    const unclear = changed.filter(({ changes = [] }) =>
      changes.some(({ date, was, why }, index) =>
        !/^20\d\d-[01]\d-[0-3]\d$/.test(date) || (index > 0 && changes[index - 1]!.date > date) || !why.endsWith(".") || was === ""
      )
    )
    expect(changed).not.toEqual([])
    expect(unclear.map(({ id }) => id)).toEqual([])
  })

  it("gives every claim under an assumption its assumption, and every one refuted or under an assumption a counterexample", () => {
    const qualified = CLAIMS.filter(({ status }) => status === "under assumption" || status === "refuted as stated")
    expect(qualified.filter(({ counterexample }) => counterexample === undefined).map(({ id }) => id)).toEqual([])
    expect(qualified.filter(({ assumption, status }) => status === "under assumption" && assumption === undefined).map(({ id }) => id))
      .toEqual([])
  })

  it("has a computation for every counterexample and no other", () => {
    expect(Object.keys(RECOMPUTED)).toEqual(CLAIMS.filter(({ counterexample }) => counterexample !== undefined).map(({ id }) => id))
  })

  it.each(Object.entries(RECOMPUTED))("%s: the counterexample's numbers are those computed, to four digits", (id, compute) => {
    const { numbers } = CLAIMS.find((claim) => claim.id === id)!.counterexample!
    const computed = compute()
    expect(Object.keys(computed)).toEqual(Object.keys(numbers))
    for (const [name, value] of Object.entries(numbers)) {
      expect([name, Number(computed[name]!.toPrecision(4))]).toEqual([name, value])
    }
  })
})
