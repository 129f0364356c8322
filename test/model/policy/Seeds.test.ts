import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import { Grammar } from "../../../src/domain/Grammar.ts"
import { Policy } from "../../../src/domain/Policy.ts"
import { onPolicy, Sampler } from "../../../src/domain/Sampler.ts"
import { deviceCpu } from "../../../src/model/device/Cpu.ts"
import * as ModelSpec from "../../../src/model/ModelSpec.ts"

const services = ModelSpec.layer({
  _tag: "Columns",
  words: { _tag: "Arithmetic", radix: 5, maxAttempts: 1, context: "markov", positions: 16 },
  transformer: { width: 8, layers: 1, heads: 2 }
}).pipe(Layer.provide(deviceCpu))

describe("seeds that people write", () => {
  it.effect("1, 2, 3, … draw first tokens that are no neighbours of each other: their shares are the policy's", () =>
    Effect.gen(function* () {
      const [grammar, policy, sampler] = [yield* Grammar, yield* Policy, yield* Sampler]
      const prompt = Result.getOrThrow(grammar.prompt({ prompt: "Calculate 43 * 2. Think step by step." }))
      const parameters = yield* policy.initialize(1)
      const count = 2_000
      const requests = Array.from({ length: count }, (_, i) => ({ prompt, seed: i + 1 }))
      const rollouts = yield* sampler.sample(parameters, requests, { ...onPolicy, maxTokens: 2 })
      const shares = new Map<number, { share: number; probability: number }>()
      for (const { logProbs, promptLength, tokens } of rollouts) {
        // The first token is forced, the second is the first choice.
        const [token, probability] = [tokens[promptLength + 1]!, Math.exp(logProbs[promptLength + 1]!)]
        shares.set(token, { share: (shares.get(token)?.share ?? 0) + 1 / count, probability })
      }
      assert.strictEqual(shares.size, 5)
      for (const { probability, share } of shares.values()) {
        assert.isBelow(Math.abs(share - probability), 4 * Math.sqrt((probability * (1 - probability)) / count))
      }
    }).pipe(Effect.provide(services)))
})
