/**
 * Laws of choices among all tokens.
 *
 * @module
 */
import type { Vitest } from "@effect/vitest"
import { Effect } from "effect"
import { expect } from "vitest"
import { Device } from "../../model/device/Device.ts"
import { numbers } from "./Cases.ts"

interface Shape {
  readonly rows: number
  readonly vocabulary: number
  readonly temperature: number
}

const shapes: ReadonlyArray<Shape> = [
  { rows: 1, vocabulary: 1, temperature: 1 },
  { rows: 3, vocabulary: 5, temperature: 0.7 },
  { rows: 4, vocabulary: 259, temperature: 1 },
  { rows: 2, vocabulary: 3000, temperature: 1.6 }
]

/** log softmax(logits/τ) of a row, float64. */
const logSoftmax = (logits: ReadonlyArray<number>, temperature: number): ReadonlyArray<number> => {
  const scaled = logits.map((x) => x / temperature)
  const top = Math.max(...scaled)
  const normalizer = top + Math.log(scaled.reduce((sum, x) => sum + Math.exp(x - top), 0))
  return scaled.map((x) => x - normalizer)
}

/** Logits up to 40 apart; and −∞, which no softmax draws. */
const logitsOf = ({ rows, vocabulary }: Shape): ReadonlyArray<ReadonlyArray<number>> => {
  const all = numbers(rows * vocabulary, 31)
  return Array.from(
    { length: rows },
    (_, row) =>
      Array.from({ length: vocabulary }, (_, v) => (vocabulary > 100 && v % 97 === 7 ? -Infinity : 10 * all[row * vocabulary + v]!))
  )
}

const title = "$rows rows of $vocabulary tokens, temperature $temperature"

/** Laws of scores and draws: they are those of the softmax in float64. */
export const vocabularyLaws = (it: Vitest.MethodsNonLive<Device>): void => {
  it.effect.each(shapes)(
    `scores choices among all tokens as float64 does: ${title}`,
    (shape) =>
      Effect.gen(function* () {
        const logits = logitsOf(shape)
        const targets = Int32Array.from(logits, (_, row) => (shape.vocabulary > 100 ? 98 + row : row % shape.vocabulary))
        const got = yield* (yield* Device).use(
          "scores",
          (ops, tf) => ops.vocabularyScores(tf.tensor2d(logits.flat(), [shape.rows, shape.vocabulary]), targets, shape.temperature)
        )
        logits.forEach((row, n) => {
          const logProbs = logSoftmax(row, shape.temperature)
          const entropy = -logProbs.reduce((sum, l) => sum + (l === -Infinity ? 0 : Math.exp(l) * l), 0)
          expect(Math.abs(got.logProbs[n]! - logProbs[targets[n]!]!)).toBeLessThan(2e-6 * Math.max(1, Math.abs(logProbs[targets[n]!]!)))
          expect(Math.abs(got.entropies[n]! - entropy)).toBeLessThan(2e-6 * Math.max(1, entropy))
        })
      })
  )

  it.effect.each(shapes)(
    `draws the token at which the distribution function exceeds the share: ${title}`,
    (shape) =>
      Effect.gen(function* () {
        const logits = logitsOf(shape)
        const device = yield* Device
        for (let k = 0; k <= 20; k++) {
          const shares = Float64Array.from({ length: shape.rows }, (_, row) => Math.min(1 - 1e-12, Math.max(0, k / 20 + (row % 3) / 1000)))
          const got = yield* device.use(
            "draws",
            (ops, tf) => ops.vocabularyDraws(tf.tensor2d(logits.flat(), [shape.rows, shape.vocabulary]), shares, shape.temperature)
          )
          logits.forEach((row, n) => {
            const logProbs = logSoftmax(row, shape.temperature)
            const token = got.tokens[n]!
            const before = logProbs.slice(0, token).reduce((sum, l) => sum + Math.exp(l), 0)
            expect(logProbs[token]).toBeGreaterThan(-Infinity)
            expect(before).toBeLessThan(shares[n]! + 1e-6)
            expect(before + Math.exp(logProbs[token]!)).toBeGreaterThan(shares[n]! - 1e-6)
            expect(Math.abs(got.logProbs[n]! - logProbs[token]!)).toBeLessThan(2e-6 * Math.max(1, Math.abs(logProbs[token]!)))
          })
        }
      })
  )

  it.effect("refuses targets that are no tokens and counts that do not fit", () =>
    Effect.gen(function* () {
      const device = yield* Device
      const messageOf = (body: Parameters<typeof device.use>[1]) =>
        Effect.map(Effect.flip(device.use("bad input", body)), ({ message }) => message)
      expect(yield* messageOf(async (ops, tf) => (await ops.vocabularyScores(tf.ones([2, 4]), Int32Array.of(0, 4), 1)).logProbs[0]))
        .toMatch(
          /target 4 of row 1 is not among 4 tokens/
        )
      expect(yield* messageOf(async (ops, tf) => (await ops.vocabularyScores(tf.ones([2, 4]), Int32Array.of(0), 1)).logProbs[0])).toMatch(
        /1 targets for 2 rows/
      )
      expect(yield* messageOf(async (ops, tf) => (await ops.vocabularyDraws(tf.ones([2, 4]), Float64Array.of(0.5), 1)).tokens[0])).toMatch(
        /1 shares for 2 rows/
      )
    }))

  it.effect("refuses targets that are no tokens, and states that do not fit the table, for choices from states", () =>
    Effect.gen(function* () {
      const device = yield* Device
      const settings = { temperature: 1, isTransposed: true, isEntropyDifferentiated: false }
      const messageOf = (width: number, targets: ReadonlyArray<number>) =>
        Effect.map(
          Effect.flip(
            device.use("bad input", (ops, tf) =>
              void ops.choiceScores(tf.ones([2, width]), tf.ones([4, 3]), Int32Array.from(targets), settings))
          ),
          ({ message }) =>
            message
        )
      expect(yield* messageOf(3, [0, 4])).toMatch(/target 4 of row 1 is not among 4 tokens/)
      expect(yield* messageOf(3, [0, -1])).toMatch(/target -1 of row 1 is not among 4 tokens/)
      expect(yield* messageOf(3, [0])).toMatch(/1 targets for 2 states/)
      expect(yield* messageOf(2, [0, 0])).toMatch(/states \[2,2\] do not fit a table \[4,3\]/)
    }))
}
