import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Policy } from "../../../src/domain/Policy.ts"
import * as ArithmeticGrammar from "../../../src/model/grammar/ArithmeticGrammar.ts"
import { deviceCpu } from "../../../src/model/device/Cpu.ts"
import { extendSegments } from "../../../src/model/architecture/Segments.ts"
import * as TransformerPolicy from "../../../src/model/policy/TransformerPolicy.ts"

const model = { width: 8, layers: 2, heads: 2 }
const grammar = (context: "markov" | "history") => ({ radix: 3, maxAttempts: 3, context, positions: 12 }) as const
const { placement, tokenizer: { vocabulary } } = ArithmeticGrammar.make(grammar("markov"))
const sizes = TransformerPolicy.transformerSizes(model, { placement, vocabulary })
const { segments } = ArithmeticGrammar.make(grammar("history")).placement
const { equals, operator, resample, stop } = ArithmeticGrammar.arithmeticTokens(3)

const within = (context: "markov" | "history") =>
  TransformerPolicy.layer(model).pipe(Layer.provide(ArithmeticGrammar.layer(grammar(context))), Layer.provide(deviceCpu))

// Noise makes segments differ and the choices far from uniform.
const parameters = Effect.map(
  Effect.flatMap(Policy, (policy) => policy.initialize(1)),
  (initial) => initial.map((value, i) => 5 * value + 0.3 * Math.sin(i))
).pipe(Effect.provide(within("markov")))

const scores = (context: "markov" | "history", given: Float32Array, tokens: ReadonlyArray<number>) =>
  Effect.map(
    Effect.flatMap(Policy, (policy) => policy.logProbs(given, [{ tokens, promptLength: 4, offset: 1 }], 1)),
    ([first]) => [...first!]
  ).pipe(Effect.provide(within(context)))

describe("extendSegments", () => {
  it.effect("a first attempt has the same log-probabilities with one segment for all attempts and with one each", () =>
    Effect.gen(function* () {
      const markov = yield* parameters
      const tokens = [1, 2, operator, 2, equals, 1, 0, 2, stop]
      const before = yield* scores("markov", markov, tokens)
      const after = yield* scores("history", extendSegments(markov, sizes, segments), tokens)
      expect(before.filter((value) => value < -0.01).length).toBeGreaterThan(2)
      after.forEach((value, token) => expect(value).toBeCloseTo(before[token]!, 5))
    }))

  it.effect("the segments of later attempts start as that of the first: an attempt's own segment changes nothing yet", () =>
    Effect.gen(function* () {
      const markov = yield* parameters
      const extended = extendSegments(markov, sizes, segments)
      const twice = [1, 2, operator, 2, equals, 1, 0, 2, resample, equals, 1, 0, 2, stop]
      const whole = yield* scores("history", extended, twice)
      // With the last segments overwritten the second attempt must move: they are read, and they are the copies.
      const moved = extended.slice()
      const from = (sizes.vocabulary + sizes.positions + sizes.segments) * sizes.width
      moved.fill(1, from, from + sizes.width)
      const changed = yield* scores("history", moved, twice)
      expect(changed.slice(0, 9)).toEqual(whole.slice(0, 9))
      expect(Math.abs(changed[12]! - whole[12]!)).toBeGreaterThan(1e-3)
      const last = (sizes.vocabulary + sizes.positions + sizes.segments - 1) * sizes.width
      for (let segment = sizes.segments; segment < segments; segment++) {
        const start = (sizes.vocabulary + sizes.positions + segment) * sizes.width
        expect(extended.slice(start, start + sizes.width)).toEqual(extended.slice(last, last + sizes.width))
      }
    }))
})
