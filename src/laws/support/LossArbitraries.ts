/**
 * Generators of token rectangles and objectives, on grids whose steps never meet a clip bound exactly.
 *
 * @module
 */
import * as fc from "fast-check"
import { ESTIMATORS } from "../../theory/Kl.ts"
import {
  add,
  cispo,
  clipCov,
  dft,
  dppo,
  dro,
  entropyBonus,
  geometricMean,
  klCov,
  klInLoss,
  type Leaf,
  nll,
  type Objective,
  RATIOS,
  restrict,
  sapo,
  scale,
  surrogate,
  vespo
} from "../../theory/Objective.ts"
import { NOT_OWNED } from "../../theory/Partition.ts"

/** A rectangle of tokens and the weight of each row's sequence. */
export interface LossCase {
  readonly rows: number
  readonly columns: number
  readonly owner: Uint8Array
  readonly logProbs: Float64Array
  readonly oldLogProbs: Float64Array
  readonly referenceLogProbs: Float64Array
  readonly entropies: Float64Array
  readonly advantages: Float64Array
  readonly selected: Float64Array
  readonly rowWeights: Float64Array
}

const tenths = (min: number, max: number) => fc.integer({ min, max }).map((count) => count / 10)

const column = (value: fc.Arbitrary<number>, length: number) =>
  fc.array(value, { minLength: length, maxLength: length }).map((values) => Float64Array.from(values))

/** Rectangles of 1-4 rows and 1-5 columns; tokens of two sub-policies and of nobody; ratios from e^-3 to e^3, 1 included. */
export const lossCases: fc.Arbitrary<LossCase> = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }))
  .chain(([rows, columns]) =>
    fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      owner: column(fc.constantFrom(0, 1, NOT_OWNED), rows * columns).map((owner) => Uint8Array.from(owner)),
      logProbs: column(tenths(-30, 0), rows * columns),
      oldLogProbs: column(tenths(-30, 0), rows * columns),
      referenceLogProbs: column(tenths(-30, 0), rows * columns),
      entropies: column(tenths(0, 30), rows * columns),
      // One a sequence, as from its reward, or one a token, as with rewards along the way.
      advantages: fc.oneof(
        column(tenths(-20, 20), rows).map((values) =>
          Float64Array.from({ length: rows * columns }, (_, i) => values[Math.floor(i / columns)]!)
        ),
        column(fc.oneof(fc.constant(0), tenths(-20, 20)), rows * columns)
      ),
      selected: column(fc.constantFrom(0, 1), rows * columns),
      rowWeights: column(tenths(0, 10), rows)
    })
  )

const orNull = (...values: ReadonlyArray<number>) => fc.constantFrom(null, ...values)

/** Every leaf with every option. No mean of up to five tenths is 0.547, so no sequence ratio is at its clamp. */
export const leaves: fc.Arbitrary<Leaf> = fc.oneof(
  fc.record(
    {
      ratio: fc.constantFrom(...RATIOS),
      clipLow: orNull(0.2, 0.03),
      clipHigh: orNull(0.28, 0.04),
      dualClip: orNull(3),
      logRatioClamp: orNull(0.547)
    } as const
  ).map(surrogate),
  fc.record({
    estimator: fc.constantFrom(...ESTIMATORS),
    beta: fc.constantFrom(0.01, 0.5),
    corrected: fc.constantFrom(false, true, "sequence" as const),
    logRatioClamp: orNull(0.547),
    clamp: orNull(0.333)
  }).map(klInLoss),
  fc.record({ clipLow: orNull(0.2, 10), clipHigh: orNull(0.28, 4), logRatioClamp: orNull(0.547) }).map(cispo),
  fc.record({ clipLow: orNull(0.43), clipHigh: orNull(0.37) }).map(geometricMean),
  fc.record({ temperatureNegative: fc.constantFrom(1.05, 3), logRatioClamp: orNull(0.547) }).map(sapo),
  fc.record({ kPositive: fc.constantFrom(2, 0.5), lambdaNegative: fc.constantFrom(2, 0.5) }).map(vespo),
  fc.record({ divergence: fc.constantFrom("tv", "kl"), clipHigh: fc.constantFrom(0.151, 0.049), truncation: orNull(2) } as const).map(dppo),
  fc.constant(dro({ beta: 0.5 })),
  fc.constant(clipCov()),
  fc.constant(klCov({ coefficient: 0.5 })),
  fc.constant(nll()),
  fc.constant(dft()),
  fc.record({ coefficient: fc.constantFrom(0.01, 0.5) }).map(entropyBonus)
)

const restrictions = fc.constantFrom<ReadonlyArray<string>>(["sampling"], ["decision"], ["sampling", "decision"])

/** Leaves, and sums, multiples and restrictions of them, nested up to three deep. */
export const objectives: fc.Arbitrary<Objective> = fc.letrec<{ objective: Objective }>((tie) => ({
  objective: fc.oneof(
    { maxDepth: 3 },
    leaves,
    fc.tuple(tie("objective"), tie("objective")).map(([left, right]) => add(left, right)),
    fc.tuple(tie("objective"), tenths(-20, 20)).map(([inner, factor]) => scale(inner, factor)),
    fc.tuple(tie("objective"), restrictions).map(([inner, names]) => restrict(inner, names))
  )
})).objective
