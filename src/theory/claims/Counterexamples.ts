/**
 * The counterexamples of the claims ledger, computed: what each entry's `given` describes, with the functions of the theory.
 *
 * The ledger keeps the numbers as text; here they come out of the models. Source: this paper; each computation is that of the tests its entry names.
 *
 * @module
 */
import { accuracyByAttempt, stopProbability, twoStageAccuracy, type TwoStageRates } from "../Accuracy.ts"
import * as Aggregate from "../Aggregate.ts"
import { attribution, growthExponent, magnitudeRatio, termGrowth, weighedCycles } from "../Attribution.ts"
import * as CensoredRates from "../CensoredRates.ts"
import * as Dft from "../Dft.ts"
import { estimatorMoments } from "../estimator/EstimatorMoments.ts"
import * as ScoredChain from "../estimator/ScoredChain.ts"
import { sumByOwner } from "../Factorization.ts"
import { appendixC, RESTORED } from "../illustration/AppendixC.ts"
import { simulateDynamics } from "../illustration/Dynamics.ts"
import * as ThreeLogit from "../illustration/ThreeLogit.ts"
import * as ThreeLogitFeedback from "../illustration/ThreeLogitFeedback.ts"
import * as ThreeLogitGradient from "../illustration/ThreeLogitGradient.ts"
import type * as KlChoice from "../KlChoice.ts"
import * as KlPenalty from "../KlPenalty.ts"
import { expectedKlGradient } from "../KlTable.ts"
import * as Objective from "../Objective.ts"
import * as OnPolicyDrift from "../OnPolicyDrift.ts"
import { TWO_STAGE } from "../Partition.ts"
import { solveProcess } from "../process/ProcessSolve.ts"
import { backward, immediateTerms, inTokenOrder } from "../QTable.ts"
import { type ScoredTrajectory, toTokenBatch } from "../ScoredTrajectory.ts"
import * as Sft from "../Sft.ts"
import * as Surrogate from "../Surrogate.ts"
import type { Claim } from "./Claim.ts"

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

/**
 * The surrogate's expected push on (θ_S, θ_C, θ_W), A = 1 on a correct STOP, from Q = γ^{T−t}·A: ∇ of N/D, N = p·c and
 * D = 1 − γ(1 − S), with ∂S = (c − 1 + w, p, −(1 − p)).
 */
const discountedPush = (at: TwoStageRates, gamma: number): ReadonlyArray<number> => {
  const { resampleGivenWrong: w, sampleCorrect: p, stopGivenCorrect: c } = at
  const [top, bottom] = [p * c, 1 - gamma * (1 - stopProbability(at))]
  const slope = (ofTop: number, ofStop: number): number => ofTop / bottom - (top * gamma * ofStop) / bottom ** 2
  return [
    p * (1 - p) * slope(c, c - 1 + w),
    c * (1 - c) * slope(p, p),
    w * (1 - w) * slope(0, -(1 - p))
  ]
}

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

/** Every counterexample by the id of its claim, its numbers computed under the ledger's names. Each takes milliseconds. */
export const COUNTEREXAMPLES: Readonly<Record<string, () => Readonly<Record<string, number>>>> = {
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
    const size = (push: ReadonlyArray<number>) => Math.hypot(...push)
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

/** One number of a counterexample: the `ledger`'s, the one `computed` now, and whether they agree to the ledger's four digits. */
export interface RecomputedNumber {
  readonly name: string
  readonly ledger: number
  readonly computed: number
  readonly agrees: boolean
}

/** Computes a claim's counterexample again and holds it against the ledger, in the ledger's order; nothing for a claim without one. */
export const recomputeCounterexample = ({ counterexample, id }: Pick<Claim, "counterexample" | "id">): ReadonlyArray<RecomputedNumber> => {
  const computed = COUNTEREXAMPLES[id]?.() ?? {}
  return Object.entries(counterexample?.numbers ?? {}).map(([name, ledger]) => {
    const value = computed[name] ?? Number.NaN
    return { name, ledger, computed: value, agrees: Number(value.toPrecision(4)) === ledger }
  })
}
