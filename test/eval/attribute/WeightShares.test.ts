import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { kindOfWeight, layerOfWeight, WEIGHT_KINDS, weightShares } from "../../../src/eval/attribute/WeightShares.ts"
import { llamaLayout } from "../../../src/model/architecture/LlamaConfig.ts"
import { adapterLayout } from "../../../src/model/weights/Adapter.ts"
import { readCheckpoint } from "../../support/PretrainedFixture.ts"

const ranges = [
  { name: "embedding.token", offset: 0, size: 2 },
  { name: "block0.query", offset: 2, size: 2 },
  { name: "block1.query", offset: 4, size: 1 },
  { name: "finalGain", offset: 5, size: 1 }
]

describe("weightShares", () => {
  it("is what is reckoned by hand", () => {
    const { cosine, layers, normDecision, normSampling, weights } = weightShares(ranges, {
      sampling: [3, 0, 0, 4, 0, 0],
      decision: [0, 0, 0, 2, 1, 2]
    })
    expect([normSampling, normDecision, cosine]).toEqual([5, 3, 8 / 15])
    expect(layers.map(({ name, normSampling, shareDecision }) => [name, normSampling, shareDecision])).toEqual([
      ["embedding", 3, 0],
      ["0", 4, 4 / 9],
      ["1", 0, 1 / 9],
      ["final", 0, 4 / 9]
    ])
    expect(weights.map(({ cosine, name, parameters }) => [name, parameters, cosine])).toEqual([
      ["embedding", 2, null],
      ["query", 3, 2 / Math.sqrt(5)],
      ["norms", 1, null]
    ])
  })

  it("law: shares of both squared norms sum to 1 over layers and over kinds, and from any first range on", () => {
    const numbers = fc.array(fc.integer({ min: -1000, max: 1000 }).map((n) => n / 7), { minLength: 6, maxLength: 6 })
    fc.assert(fc.property(numbers, numbers, fc.constantFrom(0, 2, 4), (sampling, decision, start) => {
      const pair = weightShares(ranges, { sampling: sampling.slice(start), decision: decision.slice(start) }, start)
      for (const shares of [pair.layers, pair.weights]) {
        for (
          const [share, norm, of] of [["shareSampling", "normSampling", pair.normSampling], [
            "shareDecision",
            "normDecision",
            pair.normDecision
          ]] as const
        ) {
          if (of === 0) continue
          expect(shares.reduce((sum, part) => sum + part[share]!, 0)).toBeCloseTo(1, 12)
          expect(Math.sqrt(shares.reduce((sum, part) => sum + part[norm] ** 2, 0)) / of).toBeCloseTo(1, 12)
        }
      }
    }))
  })

  it("knows the kind of every weight of every family, and puts an adapter's factors to their matrix", () => {
    const kinds: ReadonlyArray<string> = WEIGHT_KINDS
    for (const name of ["llama", "llama-tied", "qwen2", "qwen3"] as const) {
      const { config } = readCheckpoint(name)
      const layout = llamaLayout(config)
      const all = [...layout.entries, ...adapterLayout({ layout }, { rank: 2, alpha: 4 }).entries].map((entry) => entry.name)
      expect(all.filter((weight) => !kinds.includes(kindOfWeight(weight)))).toEqual([])
      expect(new Set(all.map(layerOfWeight))).toEqual(
        new Set(["embedding", ...Array.from({ length: config.layers }, (_, i) => String(i)), "final", ...(config.isTied ? [] : ["head"])])
      )
    }
    expect([
      kindOfWeight("block3.down.b"),
      layerOfWeight("block3.down.b"),
      kindOfWeight("block0.queryBias"),
      kindOfWeight("block0.keyGain")
    ])
      .toEqual(["down", "3", "query", "norms"])
  })
})
