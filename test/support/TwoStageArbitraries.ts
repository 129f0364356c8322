/** Generators of two-stage rates. On grids: float generators walk bit patterns and give rates near 0 almost always. */
import * as fc from "fast-check"
import type { TwoStageRates } from "../../src/theory/Accuracy.ts"

const percent = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max }).map((count) => count / 100)

const record = (rate: fc.Arbitrary<number>): fc.Arbitrary<TwoStageRates> =>
  fc.record({ sampleCorrect: rate, stopGivenCorrect: rate, resampleGivenWrong: rate })

/** Rates strictly inside (0, 1). */
export const interiorRates = record(percent(1, 99))

/** Rates in [0, 1], the ends drawn often. */
export const anyRates = record(fc.oneof(fc.constantFrom(0, 1), percent(0, 100)))

/** Caps on the number of cycles small enough to enumerate every trajectory. */
export const smallCaps = fc.integer({ min: 1, max: 8 })

const gridSteps = [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98]

/** Every combination of a coarse grid of rates in (0, 1)³, the corners included to 0.02. */
export const rateGrid: ReadonlyArray<TwoStageRates> = gridSteps.flatMap((sampleCorrect) =>
  gridSteps.flatMap((stopGivenCorrect) => gridSteps.map((resampleGivenWrong) => ({ sampleCorrect, stopGivenCorrect, resampleGivenWrong })))
)
