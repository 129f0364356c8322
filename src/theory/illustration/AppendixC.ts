/**
 * Appendix C of the paper, restored: its inputs, its two tables computed, and the printed ones beside them.
 *
 * The paper's text lost its inputs; those here are the ones with which every printed figure is reproduced to 0.0013 (the
 * paper rounded log-ratios to four digits before multiplying them by 8). The appendix follows one trajectory, which is one
 * sample of a gradient: `expectation` is the same model over all trajectories.
 *
 * Everything is plain data for `JSON.stringify`. Parameters are named as in the paper's table data: `s` is θ_S.
 *
 * @module
 */
import { twoStageAccuracy } from "../Accuracy.ts"
import { PRINTED, type TableParameter, type TableStep, type TableUpdate } from "./AppendixCPrinted.ts"
import { type ChainStep, klChain, sumContributions, surrogateChain, type ThreeLogitCycle } from "./ThreeLogitChain.ts"
import { expectedKlPenalty, LOGIT_NAMES, type LogitName, ratesOf, type ThreeLogitModel, type ThreeLogits } from "./ThreeLogit.ts"
import { addLogits, attributeLogits, klPenaltyLogitGradient, surrogateLogitGradient } from "./ThreeLogitGradient.ts"

/** The restored inputs: a model, a trajectory (wrong, RESAMPLE, correct, STOP), A and γ. */
export interface AppendixCInputs {
  readonly model: ThreeLogitModel
  readonly cycles: ReadonlyArray<ThreeLogitCycle>
  readonly advantage: number
  readonly gamma: number
}

/** The inputs that reproduce the printed tables: θ = (0.4, 2.2, 1.4), θ_ref = (0.3, 2, 1.2), L = 8, β = γ = 1, A = ½. */
export const RESTORED: AppendixCInputs = {
  model: {
    policy: { sampleCorrect: 0.4, stopGivenCorrect: 2.2, resampleGivenWrong: 1.4 },
    reference: { sampleCorrect: 0.3, stopGivenCorrect: 2, resampleGivenWrong: 1.2 },
    lengths: { correct: 8, wrong: 8 },
    beta: 1
  },
  cycles: [
    { correct: false, decision: "RESAMPLE" },
    { correct: true, decision: "STOP" }
  ],
  advantage: 0.5,
  gamma: 1
}

/**
 * A claim of appendix C about the size of one gradient against another.
 *
 * `value` is the ratio on the trajectory, `printed` from the printed figures, `inExpectation` over all trajectories; the
 * claim is that it is `atLeast` or `atMost` the bound, and `holds…` says where it is true.
 */
export interface AppendixCClaim {
  readonly statement: string
  readonly bound: { readonly atLeast: number } | { readonly atMost: number }
  readonly value: number
  readonly printed: number
  readonly inExpectation: number
  readonly holds: boolean
  readonly holdsInExpectation: boolean
}

/** A computed row with the row as printed. */
export type Printed<Row> = Row & { readonly printed: Row }

/** Appendix C, computed. `largestDifference` is the greatest distance of a computed figure from its printed one. */
export interface AppendixC {
  readonly inputs: {
    readonly theta: Readonly<Record<TableParameter, number>>
    readonly reference: Readonly<Record<TableParameter, number>>
    readonly lengths: { readonly correct: number; readonly wrong: number }
    readonly beta: number
    readonly gamma: number
    readonly advantage: number
  }
  readonly steps: ReadonlyArray<Printed<TableStep>>
  readonly update: ReadonlyArray<Printed<TableUpdate>>
  readonly largestDifference: number
  readonly claims: ReadonlyArray<AppendixCClaim>
  readonly expectation: {
    readonly accuracy: number
    readonly klPenalty: number
    readonly update: ReadonlyArray<TableUpdate>
    readonly surrogateRatio: number | null
    readonly klRatio: number | null
  }
}

const TABLE_NAMES: Readonly<Record<LogitName, TableParameter>> = {
  sampleCorrect: "s",
  stopGivenCorrect: "stopGivenCorrect",
  resampleGivenWrong: "resampleGivenWrong"
}

const inTableNames = (logits: ThreeLogits): Readonly<Record<TableParameter, number>> => ({
  s: logits.sampleCorrect,
  stopGivenCorrect: logits.stopGivenCorrect,
  resampleGivenWrong: logits.resampleGivenWrong
})

const tableStep = (row: ChainStep): TableStep => ({
  step: row.step,
  action: row.action,
  r: row.immediate,
  future: row.future,
  q: row.q,
  parameter: TABLE_NAMES[row.parameter],
  contribution: row.contribution
})

/** Rows in the order of the printed table: θ_S, θ_W, θ_C. */
const tableUpdate = (reward: ThreeLogits, kl: ThreeLogits): ReadonlyArray<TableUpdate> => {
  const net = addLogits(reward, kl)
  const order = PRINTED.update.flatMap((row) => LOGIT_NAMES.filter((name) => TABLE_NAMES[name] === row.parameter))
  return order.map((name) => ({ parameter: TABLE_NAMES[name], reward: reward[name], kl: kl[name], net: net[name] }))
}

const dragRatio = (rows: ReadonlyArray<TableUpdate>, over: TableParameter, under: TableParameter): number => {
  const size = (parameter: TableParameter): number => Math.abs(rows.find((row) => row.parameter === parameter)!.kl)
  return size(over) / size(under)
}

const rewardSpread = (rows: ReadonlyArray<TableUpdate>): number => {
  const sizes = rows.map((row) => Math.abs(row.reward))
  return Math.max(...sizes) / Math.min(...sizes)
}

const claimsOf = (
  computed: ReadonlyArray<TableUpdate>,
  expected: ReadonlyArray<TableUpdate>
): ReadonlyArray<AppendixCClaim> => {
  const claim = (
    statement: string,
    bound: AppendixCClaim["bound"],
    measure: (rows: ReadonlyArray<TableUpdate>) => number
  ): AppendixCClaim => {
    const meets = (value: number): boolean => ("atLeast" in bound ? value >= bound.atLeast : value <= bound.atMost)
    const value = measure(computed)
    const inExpectation = measure(expected)
    return {
      statement,
      bound,
      value,
      printed: measure(PRINTED.update),
      inExpectation,
      holds: meets(value),
      holdsInExpectation: meets(inExpectation)
    }
  }
  return [
    claim("the reward pushes are of one order of magnitude: largest over smallest", { atMost: 10 }, rewardSpread),
    claim("the KL drag on θ_S is more than double that on θ_W", { atLeast: 2 }, (rows) => dragRatio(rows, "s", "resampleGivenWrong")),
    claim("the KL drag on θ_S is over 80 times that on θ_C", { atLeast: 80 }, (rows) => dragRatio(rows, "s", "stopGivenCorrect"))
  ]
}

const largestDifference = (
  steps: ReadonlyArray<Printed<TableStep>>,
  update: ReadonlyArray<Printed<TableUpdate>>
): number =>
  Math.max(
    ...steps.flatMap((row) => (["r", "future", "q", "contribution"] as const).map((column) => Math.abs(row[column] - row.printed[column]))),
    ...update.flatMap((row) => (["reward", "kl", "net"] as const).map((column) => Math.abs(row[column] - row.printed[column])))
  )

/**
 * Computes appendix C from the restored inputs: Q chain, contributions, net update, the claims drawn from them, and the
 * exact expectation over all trajectories.
 *
 * Single trajectory: contribution = γ^{t−1}·Q·∇log π; reward = A-chain, kl = KL-chain summed by parameter. Expectation:
 * `surrogateLogitGradient` and `klPenaltyLogitGradient`. Source: this paper, appendix C.
 */
export const appendixC = (): AppendixC => {
  const { advantage, cycles, gamma, model } = RESTORED
  const chain = klChain(model, cycles, gamma)
  const reward = sumContributions(surrogateChain(model, cycles, { advantage, gamma }))
  const steps = chain.map((row, index) => ({ ...tableStep(row), printed: PRINTED.steps[index]! }))
  const update = tableUpdate(reward, sumContributions(chain)).map((row, index) => ({
    ...row,
    printed: PRINTED.update[index]!
  }))
  const expectedReward = surrogateLogitGradient(model.policy)
  const expectedKl = klPenaltyLogitGradient(model).total
  const expectedUpdate = tableUpdate(expectedReward, expectedKl)
  return {
    inputs: {
      theta: inTableNames(model.policy),
      reference: inTableNames(model.reference),
      lengths: model.lengths,
      beta: model.beta,
      gamma,
      advantage
    },
    steps,
    update,
    largestDifference: largestDifference(steps, update),
    claims: claimsOf(update, expectedUpdate),
    expectation: {
      accuracy: twoStageAccuracy(ratesOf(model.policy)),
      klPenalty: expectedKlPenalty(model).total,
      update: expectedUpdate,
      surrogateRatio: attributeLogits(expectedReward).ratio,
      klRatio: attributeLogits(expectedKl).ratio
    }
  }
}
