/** Claims C47 and C48: what two sub-policies do to each other when one step trains both, by how they share parameters. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  inTokenOrder,
  KlPenalty,
  type QTable,
  type ScoredTrajectory,
  Surrogate,
  ThreeLogit,
  ThreeLogitGradient
} from "decision-sampling/theory"
import { expectAllClose, expectClose, largestDifference } from "../../src/laws/support/Approx.ts"
import { advantage, grid, tinyLogits } from "../support/Arbitraries.ts"
import { expectCounterexample } from "../support/Counterexample.ts"
import { interiorRates } from "../support/TwoStageArbitraries.ts"
import { ANSWERS, enumerate, expectedVector, PARAMETERS, scored, tokensOf, weightedScore } from "../support/TinyPolicy.ts"

const trajectories = enumerate(2)
const SHARED = 4
const SAMPLING_LOGITS = PARAMETERS - 2 * ANSWERS.length

type Owner = "sampling" | "decision"
type Matrix = ReadonlyArray<ReadonlyArray<number>>

/** How parameters φ move logits: logits = J·φ, one row a logit. */
const anySharing: fc.Arbitrary<Matrix> = fc.array(fc.array(grid(-1, 1), { minLength: SHARED, maxLength: SHARED }), {
  minLength: PARAMETERS,
  maxLength: PARAMETERS
})

/** The same with the first half of φ for sampling alone and the second for decisions alone. */
const disjoint: fc.Arbitrary<Matrix> = anySharing.map((J) =>
  J.map((row, logit) => row.map((entry, parameter) => ((logit < SAMPLING_LOGITS) === (parameter < SHARED / 2) ? entry : 0)))
)

const transposed = (J: Matrix, vector: ArrayLike<number>): ReadonlyArray<number> =>
  Array.from({ length: SHARED }, (_, parameter) => J.reduce((sum, row, logit) => sum + row[parameter]! * vector[logit]!, 0))

const applied = (J: Matrix, vector: ReadonlyArray<number>): ReadonlyArray<number> =>
  J.map((row) => row.reduce((sum, entry, parameter) => sum + entry * vector[parameter]!, 0))

const dot = (left: ReadonlyArray<number>, right: ReadonlyArray<number>): number =>
  left.reduce((sum, value, index) => sum + value * right[index]!, 0)

type Weights = (trajectory: ScoredTrajectory, index: number) => QTable

/** The expected gradient on logits that one sub-policy's scores bring, each with the weight γ^{t−1}·Q that the reward gives it. */
const partOf = (policy: ReadonlyArray<number>, reference: ReadonlyArray<number>, weights: Weights, owner: Owner): Float64Array =>
  expectedVector(policy, trajectories, (cycles, index) => {
    const all = inTokenOrder(weights(scored(policy, reference, cycles), index))
    return weightedScore(policy, cycles, tokensOf(cycles).map((token, position) => (token.owner === owner ? all[position]! : 0)))
  })

/** A policy, and the two parts of its gradient under the surrogate (balanced) or the KL penalty (unbalanced). */
const gradients = fc.record({
  policy: tinyLogits,
  reference: tinyLogits,
  advantages: fc.array(advantage, { minLength: trajectories.length, maxLength: trajectories.length }),
  reward: fc.constantFrom("surrogate", "KL penalty")
}).map(({ advantages, policy, reference, reward }) => {
  const weights: Weights = reward === "surrogate"
    ? (trajectory, index) => Surrogate.scoreWeights(trajectory, { advantage: advantages[index]! })
    : (trajectory) => KlPenalty.scoreWeights(trajectory, { beta: 1 })
  const part = (owner: Owner) => partOf(policy, reference, weights, owner)
  return { reward, sampling: part("sampling"), decision: part("decision") }
})

const surrogates = gradients.filter(({ reward }) => reward === "surrogate")
const penalties = gradients.filter(({ reward }) => reward === "KL penalty")

/** How a step on φ moves the logits of one sub-policy. */
const moved = (J: Matrix, gradient: ReadonlyArray<number>, owner: Owner): ReadonlyArray<number> =>
  applied(J, gradient).filter((_, logit) => (logit < SAMPLING_LOGITS) === (owner === "sampling"))

const both = ({ decision, sampling }: { readonly sampling: Float64Array; readonly decision: Float64Array }) =>
  sampling.map((value, logit) => value + decision[logit]!)

/** Three logits of which θ_S and θ_W are one parameter φ: θ_S = φ, θ_W = sign·φ. */
const tied = (policy: ThreeLogit.ThreeLogits, sign: 1 | -1) => {
  const { resampleGivenWrong, sampleCorrect } = ThreeLogitGradient.accuracyLogitGradient(policy)
  return { sampling: sampleCorrect, decision: sign * resampleGivenWrong }
}

describe("C47 section 3: is training the unified policy training its sub-policies apart?", () => {
  it("without a shared parameter, for every policy and both rewards, balanced or not: each sub-policy moves as its own gradient moves it", () => {
    fc.assert(
      fc.property(gradients, disjoint, (parts, J) => {
        for (const owner of ["sampling", "decision"] as const) {
          expectAllClose(moved(J, transposed(J, both(parts)), owner), moved(J, transposed(J, parts[owner]), owner))
        }
      }),
      { numRuns: 20 }
    )
  })

  it("refuted with shared ones, for the balanced surrogate itself (counterexample found)", () => {
    expectCounterexample(
      fc.tuple(surrogates, anySharing),
      ([parts, J]) =>
        largestDifference(moved(J, transposed(J, both(parts)), "decision"), moved(J, transposed(J, parts.decision), "decision")) < 1e-3
    )
  })

  it("by hand: θ_S = φ = −θ_W at p = c = w = ½. Apart θ_W rises by ⅛ a unit of step, together it falls by ⅛", () => {
    const { decision, sampling } = tied({ sampleCorrect: 0, stopGivenCorrect: 0, resampleGivenWrong: 0 }, -1)
    expectClose(-decision, 1 / 8)
    expectClose(-(sampling + decision), -1 / 8)
  })
})

describe("C48 section 3.2: do sub-policies interfere because attribution is imperfect?", () => {
  it("without a shared parameter ⟨g_S, g_D⟩ = 0 for every policy, under the KL penalty as under the surrogate", () => {
    fc.assert(
      fc.property(gradients, disjoint, ({ decision, sampling }, J) => {
        expect(Math.abs(dot(transposed(J, sampling), transposed(J, decision)))).toBe(0)
      }),
      { numRuns: 20 }
    )
  })

  it("with shared ones it has either sign, under the balanced surrogate as under the KL penalty (counterexamples found)", () => {
    for (const parts of [surrogates, penalties]) {
      for (const sign of [1, -1]) {
        expectCounterexample(
          fc.tuple(parts, anySharing),
          ([{ decision, sampling }, J]) => sign * dot(transposed(J, sampling), transposed(J, decision)) > -1e-3
        )
      }
    }
  })

  it("exact on three logits: for all rates the surrogate's parts on a shared φ agree where θ_S = θ_W = φ and oppose where θ_S = −θ_W = φ", () => {
    fc.assert(
      fc.property(interiorRates, (rates) => {
        const policy = ThreeLogit.logitsOf(rates)
        for (const sign of [1, -1] as const) {
          const { decision, sampling } = tied(policy, sign)
          expect(Math.sign(sampling * decision)).toBe(sign)
        }
      })
    )
  })
})
