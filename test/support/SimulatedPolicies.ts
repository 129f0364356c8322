/** Policies of known rates and their numbers of rollouts, on a grid. */
import * as fc from "fast-check"
import type { SimulatedPolicy } from "../../src/eval/calibration/Simulate.ts"

/** Policies whose four rates are drawn from `rates`. */
export const simulatedPolicies = (rates: fc.Arbitrary<number>): fc.Arbitrary<SimulatedPolicy> =>
  fc.record({
    pSample: rates,
    pStopGivenCorrect: rates,
    pResampleGivenWrong: rates,
    echo: rates,
    cap: fc.integer({ min: 1, max: 5 }),
    cutAfter: fc.integer({ min: 1, max: 6 }),
    cutsDecision: fc.boolean(),
    n: fc.integer({ min: 1, max: 12 }),
    rolloutsPerQuery: fc.integer({ min: 1, max: 4 }),
    seed: fc.integer({ min: 0, max: 1000 })
  })
