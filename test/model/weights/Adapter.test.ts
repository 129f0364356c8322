import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Policy } from "../../../src/domain/Policy.ts"
import { layerTiny, makeTiny, tinyGrammar } from "../../../src/laws/TinyWords.ts"
import { initializeTransformer, transformer } from "../../../src/model/architecture/Transformer.ts"
import { deviceWasm } from "../../../src/model/device/Wasm.ts"
import * as TransformerPolicy from "../../../src/model/policy/TransformerPolicy.ts"
import { adapterLayout } from "../../../src/model/weights/Adapter.ts"

const config = { width: 8, layers: 2, heads: 2 }
const { placement, tokenizer } = makeTiny(tinyGrammar)
const sizes = TransformerPolicy.transformerSizes(config, { placement, vocabulary: tokenizer.vocabulary })
const frozen = initializeTransformer(sizes, 5).map((value, i) => value + 0.3 * Math.sin(i))
const base = Layer.merge(layerTiny(tinyGrammar), deviceWasm)
const adapted = (options: Parameters<typeof TransformerPolicy.layerAdapted>[2], weights = frozen) =>
  Effect.provide(TransformerPolicy.layerAdapted(config, weights, options).pipe(Layer.provideMerge(base)))
const trajectory = { tokens: [1, 1, 2, 7, 8, 4, 2, 8, 7, 3], promptLength: 2, offset: 1 }
const scores = (parameters?: Float32Array) =>
  Effect.gen(function* () {
    const policy = yield* Policy
    return (yield* policy.logProbs(parameters ?? (yield* policy.initialize(3)), [trajectory], 1))[0]!
  })

describe("low-rank adapters", () => {
  it("have A [in, r] and B [r, out] for every matrix of a block, and for no other unless asked", () => {
    const { entries } = adapterLayout(transformer(sizes), { rank: 3, alpha: 3 })
    expect(entries.slice(0, 4).map(({ name, shape }) => [name, shape])).toEqual([
      ["block0.qkv.a", [8, 3]],
      ["block0.qkv.b", [3, 24]],
      ["block0.projection.a", [8, 3]],
      ["block0.projection.b", [3, 8]]
    ])
    expect(entries).toHaveLength(2 * 4 * 2)
    const head = adapterLayout(transformer(sizes), { rank: 1, alpha: 1, adapts: (name) => name === "unembedding" || name === "finalGain" })
    expect(head.entries.map(({ name }) => name)).toEqual(["unembedding.a", "unembedding.b"])
  })

  it.effect("start with A uniform in ±√(3/in), of variance 1/in, a draw of its own for each matrix, and B = 0", () =>
    Effect.gen(function* () {
      const rank = 4
      const { entries } = adapterLayout(transformer(sizes), { rank, alpha: 1 })
      const start = yield* Effect.flatMap(Policy, (policy) => policy.initialize(3)).pipe(adapted({ rank, alpha: 1 }))
      const of = (end: string) =>
        entries.filter(({ name }) => name.endsWith(end)).map(({ offset, shape, size }) => ({
          rows: shape[0]!,
          values: Array.from(start.subarray(offset, offset + size))
        }))
      expect(of(".b").flatMap(({ values }) => values).every((value) => value === 0)).toBe(true)
      // In units of the bound; 320 numbers of standard deviation 1/√3: five standard errors.
      const scaled = of(".a").map(({ rows, values }) => values.map((value) => value / Math.sqrt(3 / rows)))
      const all = scaled.flat()
      const mean = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0) / values.length
      expect(Math.max(...all.map(Math.abs))).toBeLessThan(1.0001)
      expect(Math.abs(mean(all))).toBeLessThan(5 / Math.sqrt(3 * all.length))
      expect(mean(all.map((value) => 3 * value * value))).toBeGreaterThan(0.75)
      expect(mean(all.map((value) => 3 * value * value))).toBeLessThan(1.25)
      expect(new Set(scaled.map((values) => values.slice(0, 4).map((value) => value.toFixed(4)).join())).size).toBe(scaled.length)
    }))

  it.effect("start as the frozen network, to the bit", () =>
    Effect.gen(function* () {
      const whole = yield* scores(frozen).pipe(Effect.provide(TransformerPolicy.layer(config).pipe(Layer.provideMerge(base))))
      expect([...(yield* scores().pipe(adapted({ rank: 2, alpha: 4 })))]).toEqual([...whole])
    }))

  it.effect("equal the network whose matrices have the correction (α/r)·A·B added", () =>
    Effect.gen(function* () {
      const [rank, alpha] = [2, 3]
      const layout = adapterLayout(transformer(sizes), { rank, alpha })
      const correction = Float32Array.from({ length: layout.count }, (_, i) => 0.2 * Math.cos(i))
      const merged = frozen.slice()
      for (const { name, offset, shape: [rows = 0, columns = 0] } of transformer(sizes).layout.entries) {
        const [a, b] = [`${name}.a`, `${name}.b`].map((part) => layout.entries.find((entry) => entry.name === part))
        if (a === undefined || b === undefined) continue
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < columns; j++) {
            for (let k = 0; k < rank; k++) {
              merged[offset + i * columns + j]! += (alpha / rank) * correction[a.offset + i * rank + k]! *
                correction[b.offset + k * columns + j]!
            }
          }
        }
      }
      const whole = yield* scores(merged).pipe(Effect.provide(TransformerPolicy.layer(config).pipe(Layer.provideMerge(base))))
      const low = yield* scores(correction).pipe(adapted({ rank, alpha }))
      low.forEach((value, t) => expect(Math.abs(value - whole[t]!)).toBeLessThan(1e-4))
    }))

  it.effect("refuse a rank that is none and weights of another network, naming them", () =>
    Effect.gen(function* () {
      expect((yield* Effect.flip(scores().pipe(adapted({ rank: 0, alpha: 1 })))).message).toBe(
        "adapter.rank is 0; expected a whole number of at least 1"
      )
      expect((yield* Effect.flip(scores().pipe(adapted({ rank: 1, alpha: NaN })))).message).toMatch(/adapter\.alpha is NaN/)
      expect((yield* Effect.flip(scores().pipe(adapted({ rank: 1, alpha: 1 }, frozen.slice(1))))).message).toMatch(
        /frozen is \d+ numbers; expected the \d+ weights/
      )
    }))
})
