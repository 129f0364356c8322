import { describe, expect, it } from "vitest"
import { makeTiny, tinyGrammar } from "../../../src/laws/TinyWords.ts"
import { initializeTransformer, transformerCount, transformerLayout } from "../../../src/model/architecture/Transformer.ts"
import { transformerSizes } from "../../../src/model/policy/TransformerPolicy.ts"

const experiment = { width: 64, layers: 3, heads: 4, positions: 28, segments: 12, vocabulary: 16 }

describe("transformerLayout", () => {
  it("has the 152,512 parameters of three blocks of width 64 with an unembedding of its own", () => {
    // (16 + 28 + 12)·64 + 3·(64 + 64·192 + 64·64 + 64 + 2·64·256) + 64 + 64·16
    expect(transformerLayout(experiment).count).toBe(152_512)
    expect(transformerCount(experiment)).toBe(152_512)
  })

  it("lays all tensors end to end without gaps, each under a name of its own", () => {
    const { count, entries } = transformerLayout(experiment)
    let end = 0
    for (const { offset, shape, size } of entries) {
      expect(offset).toBe(end)
      expect(shape.reduce((product, length) => product * length, 1)).toBe(size)
      end = offset + size
    }
    expect(end).toBe(count)
    expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length)
  })
})

describe("initializeTransformer", () => {
  const deviations = (sizes: typeof experiment) => {
    const parameters = initializeTransformer(sizes, 1)
    return Object.fromEntries(
      transformerLayout(sizes).entries.map(({ name, offset, size }) => {
        const values = parameters.subarray(offset, offset + size)
        const mean = values.reduce((sum, value) => sum + value, 0) / size
        return [name, { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size) }]
      })
    )
  }

  it("starts gains at 1 and everything else as normal(0, 0.02), residual projections divided by √(2·layers)", () => {
    const found = deviations(experiment)
    expect(found["block1.attentionGain"]).toEqual({ mean: 1, deviation: 0 })
    expect(found.finalGain).toEqual({ mean: 1, deviation: 0 })
    for (const name of ["block0.qkv", "block2.expand"]) {
      expect(found[name]!.deviation / 0.02).toBeCloseTo(1, 1)
      expect(Math.abs(found[name]!.mean)).toBeLessThan(0.001)
    }
    for (const name of ["block0.projection", "block2.contract"]) expect((found[name]!.deviation * Math.sqrt(6)) / 0.02).toBeCloseTo(1, 1)
  })

  it("draws each tensor from a stream of its own: other blocks do not move when one is added", () => {
    const [three, four] = [experiment, { ...experiment, layers: 4 }]
    const block = (sizes: typeof experiment) => {
      const { offset, size } = transformerLayout(sizes).entries.find(({ name }) => name === "block1.qkv")!
      return [...initializeTransformer(sizes, 7).subarray(offset, offset + size)]
    }
    expect(block(four)).toEqual(block(three))
  })
})

const { placement, tokenizer: { vocabulary } } = makeTiny(tinyGrammar)
const words = { placement, vocabulary }

describe("transformerSizes", () => {
  it("takes positions and segments from the placement, the vocabulary from the tokenizer", () => {
    expect(transformerSizes({ width: 8, layers: 1, heads: 2 }, words)).toEqual({
      width: 8,
      layers: 1,
      heads: 2,
      positions: 6,
      segments: 2,
      vocabulary: 9
    })
  })

  it("refuses a width that the heads do not divide, and sizes that are not positive whole numbers", () => {
    expect(() => transformerSizes({ width: 10, layers: 1, heads: 4 }, words)).toThrow(/heads is 4; expected a divisor of the width 10/)
    expect(() => transformerSizes({ width: 8, layers: 0, heads: 4 }, words)).toThrow(/layers is 0/)
    expect(() => transformerSizes({ width: 8.5, layers: 1, heads: 1 }, words)).toThrow(/width is 8.5/)
  })

  it("refuses networks that no memory holds, before any is asked for", () => {
    const of = (config: object, positions = 6) => () =>
      transformerSizes({ width: 8, layers: 1, heads: 2, ...config }, { ...words, placement: { ...placement, positions } })
    expect(of({ width: 1e6 })).toThrow(/transformer is a network of 12000\d+ parameters .*; expected at most 268435456/)
    expect(of({}, 1e9)).toThrow(/positions 1000000000/)
    expect(of({ layers: 1e9 })).toThrow(/layers is 1000000000; expected at most 1000/)
  })
})
