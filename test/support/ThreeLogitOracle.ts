/**
 * Values of the three-logit model as differentiable functions of (θ_S, θ_C, θ_W), written from the definition: cycle after
 * cycle up to a cap, no closed form.
 */
import type { ThreeLogitModel, ThreeLogits } from "../../src/theory/illustration/ThreeLogit.ts"
import { type Algebra, type Differentiable, sumOf, times } from "./Differentiable.ts"

/** The logits in parameter order. */
export const asVector = (logits: ThreeLogits): ReadonlyArray<number> => [
  logits.sampleCorrect,
  logits.stopGivenCorrect,
  logits.resampleGivenWrong
]

/** The inverse of `asVector`. */
export const asLogits = (vector: ArrayLike<number>): ThreeLogits => ({
  sampleCorrect: vector[0]!,
  stopGivenCorrect: vector[1]!,
  resampleGivenWrong: vector[2]!
})

const probabilities = <T>(algebra: Algebra<T>, logit: T): readonly [T, T] => {
  const one = algebra.constant(1)
  const odds = algebra.exp(logit)
  const other = algebra.divide(one, algebra.add(one, odds))
  return [algebra.multiply(odds, other), other]
}

interface CycleValues<T> {
  readonly goesOn: T
  readonly correctStop: T
  readonly wrongStop: T
}

const cycleOf = <T>(algebra: Algebra<T>, logits: ReadonlyArray<T>): CycleValues<T> => {
  const [correct, wrong] = probabilities(algebra, logits[0]!)
  const [stop, recheck] = probabilities(algebra, logits[1]!)
  const [resample, accept] = probabilities(algebra, logits[2]!)
  return {
    correctStop: algebra.multiply(correct, stop),
    wrongStop: algebra.multiply(wrong, accept),
    goesOn: algebra.add(algebra.multiply(correct, recheck), algebra.multiply(wrong, resample))
  }
}

/** Sums a cycle's value over at most `maxCycles` cycles, each reached by RESAMPLE in all before it. */
const overCycles = <T>(algebra: Algebra<T>, goesOn: T, each: T, maxCycles: number): T => {
  const terms: Array<T> = []
  let reached = algebra.constant(1)
  for (let cycle = 0; cycle < maxCycles; cycle++) {
    terms.push(algebra.multiply(reached, each))
    reached = algebra.multiply(reached, goesOn)
  }
  return sumOf(algebra, terms)
}

/** Pr(stops on a correct answer within the cap). */
export const cappedAccuracy = (maxCycles: number): Differentiable => (algebra, logits) => {
  const cycle = cycleOf(algebra, logits)
  return overCycles(algebra, cycle.goesOn, cycle.correctStop, maxCycles)
}

/** E[R] of a reward by outcome within the cap. */
export const cappedOutcomeReward =
  (rewards: { readonly correct: number; readonly wrong: number; readonly truncated: number }, maxCycles: number): Differentiable =>
  (algebra, logits) => {
    const cycle = cycleOf(algebra, logits)
    const correct = overCycles(algebra, cycle.goesOn, cycle.correctStop, maxCycles)
    const wrong = overCycles(algebra, cycle.goesOn, cycle.wrongStop, maxCycles)
    const truncated = algebra.subtract(algebra.constant(1), algebra.add(correct, wrong))
    return sumOf(algebra, [
      times(algebra, rewards.correct, correct),
      times(algebra, rewards.wrong, wrong),
      times(algebra, rewards.truncated, truncated)
    ])
  }

/**
 * E[Σ r] of the KL penalty within the cap, its penalties differentiated too, or held constant with `fixedPenalties`. The last
 * cycle's RESAMPLE is penalised although it ends the trajectory.
 */
export const cappedKlPenalty = (model: ThreeLogitModel, maxCycles: number, fixedPenalties = false): Differentiable => (algebra, logits) => {
  const weigh = (logit: number, reference: number, lengths: readonly [number, number]) => {
    const options = probabilities(algebra, logits[logit]!)
    const references = probabilities(algebra, algebra.constant(reference))
    const penalties = options.map((option, index) => {
      const logRatio = algebra.subtract(algebra.log(option), algebra.log(references[index]!))
      const penalty = times(algebra, -model.beta * lengths[index]!, logRatio)
      return fixedPenalties ? algebra.fixed(penalty) : penalty
    })
    return algebra.add(algebra.multiply(options[0], penalties[0]!), algebra.multiply(options[1], penalties[1]!))
  }
  const [correct, wrong] = probabilities(algebra, logits[0]!)
  const { lengths, reference } = model
  const sampling = weigh(0, reference.sampleCorrect, [lengths.correct, lengths.wrong])
  const onCorrect = algebra.multiply(correct, weigh(1, reference.stopGivenCorrect, [1, 1]))
  const onWrong = algebra.multiply(wrong, weigh(2, reference.resampleGivenWrong, [1, 1]))
  const each = sumOf(algebra, [sampling, onCorrect, onWrong])
  return overCycles(algebra, cycleOf(algebra, logits).goesOn, each, maxCycles)
}
