import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import {
  accuracyByAttempt,
  Aggregate,
  appendixC,
  attribution,
  backward,
  CLAIMS,
  Dft,
  estimatorMoments,
  expectedKlGradient,
  immediateTerms,
  inTokenOrder,
  type KlChoice,
  KlPenalty,
  magnitudeRatio,
  Objective,
  RESTORED,
  ScoredChain,
  type ScoredTrajectory,
  Sft,
  simulateDynamics,
  solveProcess,
  sumByOwner,
  Surrogate,
  termGrowth,
  ThreeLogit,
  ThreeLogitFeedback,
  ThreeLogitGradient,
  toTokenBatch,
  TWO_STAGE,
  twoStageAccuracy,
  weighedCycles
} from "decision-sampling/theory"

const root = fileURLToPath(new URL("../..", import.meta.url))

const oneAttempt = (tokens: ReadonlyArray<number>, decision: number): ScoredTrajectory => ({
  attempts: [{ tokenLogProbs: tokens.map(Math.log), decision: "STOP", decisionLogProb: Math.log(decision) }]
})

const rates = (sampleCorrect: number, stopGivenCorrect: number, resampleGivenWrong: number) => ({
  sampleCorrect,
  stopGivenCorrect,
  resampleGivenWrong
})

/** Log-ratios ±1 of `length` tokens, `ups` of them +1, and +1 of the decision. */
const walk = (length: number, ups: number): ScoredTrajectory => ({
  attempts: [
    {
      tokenLogProbs: Array.from({ length }, (_, token) => (token < ups ? -1 : -3)),
      referenceTokenLogProbs: Array.from({ length }, () => -2),
      decision: "STOP",
      decisionLogProb: -1,
      referenceDecisionLogProb: -2
    }
  ]
})

/** Mean over independent signs: `length` choose `ups` of the 2^length walks have `ups` ups. */
const meanOverWalks = (length: number, value: (trajectory: ScoredTrajectory) => number): number => {
  let walks = 2 ** -length
  let total = 0
  for (let ups = 0; ups <= length; ups++) {
    total += walks * value(walk(length, ups))
    walks *= (length - ups) / (ups + 1)
  }
  return total
}

const klRatio = (length: number): number =>
  meanOverWalks(length, (each) => magnitudeRatio([KlPenalty.immediate(each, { beta: 1 })]).perAction)

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
  C16: () => ({ ratioAt4Tokens: klRatio(4), ratioAt64Tokens: klRatio(64) }),
  C17: () => ({
    probabilityAt2Tokens: meanOverWalks(2, (each) => {
      const { decision, sampling } = KlPenalty.immediate(each, { beta: 1 })
      return Math.abs(sampling[0]!) > Math.abs(decision[0]!) ? 1 : 0
    })
  }),
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
    const { derivative } = Objective.evaluate(Objective.nll(), toTokenBatch([trajectory]), TWO_STAGE)
    return { tokenQ: tokenQ!, stopQ: stopQ!, lossWeight: -derivative[0]! }
  },
  C37: () => {
    const trajectory = oneAttempt(Array.from({ length: 8 }, () => 0.5), 0.5)
    const { derivative } = Objective.evaluate(Objective.nll(), toTokenBatch([trajectory]), TWO_STAGE)
    return {
      dftAtOneAttempt: driftRatio(1, 8),
      dftAtTwoAttempts: driftRatio(2, 8),
      dftAtFiveAttempts: driftRatio(5, 8),
      nllLoss: attribution([[{ sampling: [...derivative.slice(0, 8)], decision: [derivative[8]!] }]]).ratio!
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
  })
}

describe("The claims ledger", () => {
  it("has C01 to C46, each once and in order", () => {
    expect(CLAIMS.map(({ id }) => id)).toEqual(Array.from({ length: 46 }, (_, index) => `C${String(index + 1).padStart(2, "0")}`))
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
