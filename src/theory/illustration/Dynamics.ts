/**
 * Figure 1: the three logits under gradient ascent on surrogate − β·KL, the reference refreshed now and then.
 *
 * Exact dynamics: both gradients are expectations over all trajectories (`ThreeLogitGradient`), so a run has no randomness.
 * The reference starts as the policy and is replaced by it every K steps; the KL drag is then 0 and builds up again, which
 * makes the figure's cycles (footnote 11).
 *
 * @module
 */
import { twoStageAccuracy, type TwoStageRates } from "../Accuracy.ts"
import { assertFinite, assertRange } from "../TheoryError.ts"
import { logitsOf, ratesOf, type ThreeLogitModel, type ThreeLogits } from "./ThreeLogit.ts"
import { addLogits, attributeLogits, klPenaltyLogitGradient, surrogateLogitGradient } from "./ThreeLogitGradient.ts"

/**
 * Options of a run.
 *
 * - `start`: the rates (p, c, w) at step 0, inside (0, 1).
 * - `answerLength`: L, tokens of either kind of answer. `beta`: the KL coefficient.
 * - `learningRate`: step size on the logits. `steps`: how many states are recorded, the start included.
 * - `refreshEvery`: K, steps between replacements of the reference; null never replaces it.
 */
export interface DynamicsOptions {
  readonly start: TwoStageRates
  readonly answerLength: number
  readonly beta: number
  readonly learningRate: number
  readonly steps: number
  readonly refreshEvery: number | null
}

/** A run that shows the figure's pattern: appendix C's L = 8 and β = 1, six refreshes; the paper prints no settings. */
export const FIGURE_1: DynamicsOptions = {
  start: { sampleCorrect: 0.5, stopGivenCorrect: 0.5, resampleGivenWrong: 0.5 },
  answerLength: 8,
  beta: 1,
  learningRate: 0.05,
  steps: 350,
  refreshEvery: 50
}

/** Holds one series for each logit. */
export type LogitSeries = Readonly<Record<keyof ThreeLogits, ReadonlyArray<number>>>

/**
 * A run as series over steps, each of length `options.steps`.
 *
 * `surrogate` and `kl` are the parts of the ascended gradient by logit (`kl` is the drag, β included), `net` their sum.
 * `attribution` is |g_S| / ‖(g_C, g_W)‖ of each part; null where the part is 0, as the drag is at a refresh.
 * `refreshes` lists the steps at which the reference was replaced.
 */
export interface DynamicsRun {
  readonly options: DynamicsOptions
  readonly rates: LogitSeries
  readonly accuracy: ReadonlyArray<number>
  readonly surrogate: LogitSeries
  readonly kl: LogitSeries
  readonly net: LogitSeries
  readonly attribution: {
    readonly surrogate: ReadonlyArray<number | null>
    readonly kl: ReadonlyArray<number | null>
  }
  readonly refreshes: ReadonlyArray<number>
}

interface DynamicsState {
  readonly rates: TwoStageRates
  readonly surrogate: ThreeLogits
  readonly kl: ThreeLogits
  readonly net: ThreeLogits
}

const assertOptions = (options: DynamicsOptions): void => {
  const where = "simulateDynamics"
  const { learningRate, refreshEvery, steps } = options
  assertFinite(where, "learningRate", [learningRate])
  assertRange(where, "steps", steps, Number.isInteger(steps) && steps >= 1, "the integers from 1")
  const period = refreshEvery ?? 1
  assertRange(where, "refreshEvery", period, Number.isInteger(period) && period >= 1, "the integers from 1, or null for never")
}

const series = (states: ReadonlyArray<DynamicsState>, part: keyof DynamicsState): LogitSeries => {
  const of = (name: keyof ThreeLogits): ReadonlyArray<number> => states.map((state) => state[part][name])
  return {
    sampleCorrect: of("sampleCorrect"),
    stopGivenCorrect: of("stopGivenCorrect"),
    resampleGivenWrong: of("resampleGivenWrong")
  }
}

/**
 * Computes a run of θ ← θ + η·(∇acc/√(acc(1 − acc)) − β·∇E[KL(π‖π_ref)]), π_ref ← π every K steps.
 *
 * Deterministic; O(steps). Options left out are those of `FIGURE_1`. Large η·β·L makes the ascent overshoot and oscillate,
 * as with any step size. Errors: `OutOfRange`, `NonFinite`. Source: this paper, figure 1 and footnote 11.
 */
export const simulateDynamics = (given: Partial<DynamicsOptions> = {}): DynamicsRun => {
  const options = { ...FIGURE_1, ...given }
  assertOptions(options)
  const { answerLength, beta, learningRate, refreshEvery, start, steps } = options
  const lengths = { correct: answerLength, wrong: answerLength }
  const states: Array<DynamicsState> = []
  const refreshes: Array<number> = []
  let policy = logitsOf(start)
  let reference = policy
  for (let step = 0; step < steps; step++) {
    if (refreshEvery !== null && step > 0 && step % refreshEvery === 0) {
      reference = policy
      refreshes.push(step)
    }
    const model: ThreeLogitModel = { policy, reference, lengths, beta }
    const surrogate = surrogateLogitGradient(policy)
    const kl = klPenaltyLogitGradient(model).total
    const net = addLogits(surrogate, kl)
    states.push({ rates: ratesOf(policy), surrogate, kl, net })
    policy = addLogits(policy, net, learningRate)
  }
  return {
    options,
    rates: series(states, "rates"),
    accuracy: states.map((state) => twoStageAccuracy(state.rates)),
    surrogate: series(states, "surrogate"),
    kl: series(states, "kl"),
    net: series(states, "net"),
    attribution: {
      surrogate: states.map((state) => attributeLogits(state.surrogate).ratio),
      kl: states.map((state) => attributeLogits(state.kl).ratio)
    },
    refreshes
  }
}
