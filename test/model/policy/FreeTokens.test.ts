/** Free tokens: a grammar that leaves every token to the policy is sampled, scored and differentiated like one of sets. */
import { Effect, Layer, Result } from "effect"
import { describe, expect, it } from "vitest"
import type { Cursor, GrammarService } from "../../../src/domain/Grammar.ts"
import { TWO_STAGE } from "../../../src/domain/Partition.ts"
import { Policy } from "../../../src/domain/Policy.ts"
import { onPolicy, Sampler } from "../../../src/domain/Sampler.ts"
import { fold } from "../../../src/domain/Seed.ts"
import type { Tokens } from "../../../src/domain/Tokenizer.ts"
import * as Batch from "../../../src/model/loss/Batch.ts"
import { Backprop } from "../../../src/model/Backprop.ts"
import { deviceWasm } from "../../../src/model/device/Wasm.ts"
import { symbolTokenizer } from "../../../src/model/grammar/AttemptGrammar.ts"
import { layerWords } from "../../../src/model/grammar/Words.ts"
import { sequencePlacement } from "../../../src/model/policy/Placement.ts"
import * as TabularPolicy from "../../../src/model/policy/TabularPolicy.ts"
import * as TransformerPolicy from "../../../src/model/policy/TransformerPolicy.ts"
import { tokenMean, weights } from "../../../src/theory/Aggregate.ts"
import { nll } from "../../../src/theory/Objective.ts"

const vocabulary = ["?", "a", "b", "."]
const [PROMPT, STOP] = [0, 3]
const LONGEST = 3

/** One answer of free tokens that `.` ends, or the third. */
const grammar: GrammarService = (() => {
  const at = (place: number): Cursor => ({
    next: place === LONGEST ? { _tag: "Ended", ending: "truncated" } : { _tag: "Free" },
    attempt: 0,
    place,
    advance: (token) =>
      token === STOP ? { next: { _tag: "Ended", ending: "stop" }, attempt: 0, place, advance: () => at(LONGEST) } : at(place + 1)
  })
  const read: GrammarService["read"] = ({ promptLength, tokens }) =>
    Result.succeed({
      spans: [{ kind: "sample", start: promptLength, end: tokens.length }],
      ending: tokens.at(-1) === STOP ? "stop" : "truncated"
    })
  return {
    sets: [],
    prompt: () => Result.succeed([PROMPT]),
    open: () => at(0),
    read,
    write: () =>
      Result.map(read({ tokens: [PROMPT, STOP], promptLength: 1 }), (reading) => ({ tokens: [PROMPT, STOP], promptLength: 1, ...reading })),
    render: () => Result.succeed({ prompt: "", response: "" })
  }
})()

const words = layerWords(() => ({
  tokenizer: symbolTokenizer(vocabulary),
  grammar,
  placement: sequencePlacement({ positions: 5, context: "history", maxAttempts: 1 })
}))

const all: ReadonlyArray<Tokens> = (() => {
  const from = (tokens: Tokens, cursor: Cursor): ReadonlyArray<Tokens> =>
    cursor.next._tag === "Ended" ? [tokens] : [0, 1, 2, 3].flatMap((token) => from([...tokens, token], cursor.advance(token)))
  return from([PROMPT], grammar.open([PROMPT]))
})()

const policies = {
  tabular: TabularPolicy.layer([[PROMPT]]),
  transformer: TransformerPolicy.layer({ width: 8, layers: 1, heads: 2 }).pipe(Layer.provide(deviceWasm))
}

describe.each(Object.entries(policies))("free tokens, %s", (name, policy) => {
  const run = <A, E>(program: Effect.Effect<A, E, Sampler | Policy | Backprop>) =>
    Effect.runPromise(
      Effect.provide(program as Effect.Effect<A, E, Sampler | Policy | Backprop>, Layer.provide(policy, words)) as Effect.Effect<A>
    )

  it("are a distribution, sampled as scored, and differentiated as scored", async () => {
    await run(Effect.gen(function* () {
      const { initialize, logProbs } = yield* Policy
      const parameters: Float32Array = (yield* initialize(1)).map((value, i) => value + 0.3 * Math.sin(i))
      const score = (list: ReadonlyArray<Tokens>, at = parameters) =>
        logProbs(at, list.map((tokens) => ({ tokens, promptLength: 1, offset: 0 })), 1)
      const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0)
      const probabilities = (yield* score(all)).map((values) => Math.exp(sum(values)))
      expect(all).toHaveLength(1 + 3 + 9 * 4)
      expect(probabilities.reduce((total, value) => total + value, 0)).toBeCloseTo(1, 5)

      const rollouts = yield* (yield* Sampler).sample(
        parameters,
        Array.from({ length: 1000 }, (_, i) => ({ prompt: [PROMPT], seed: fold(1, i) })),
        onPolicy
      )
      const scored = yield* score(rollouts.map(({ tokens }) => tokens))
      rollouts.forEach((rollout, i) => rollout.logProbs.forEach((value, t) => expect(value).toBeCloseTo(scored[i]![t]!, 4)))
      const share = (tokens: Tokens) => rollouts.filter((rollout) => rollout.tokens.join() === tokens.join()).length / rollouts.length
      all.forEach((tokens, i) =>
        expect(Math.abs(share(tokens) - probabilities[i]!)).toBeLessThan(4 * Math.sqrt(probabilities[i]! / 1000) + 1e-3)
      )

      const batch = rollouts.slice(0, 5)
      const { offsets, owner, trajectories } = Batch.make(batch)
      const request = {
        trajectories,
        objective: nll(),
        partition: TWO_STAGE,
        temperature: 1,
        offsets,
        owner,
        weights: weights(tokenMean, offsets, owner)
      }
      const { gradient, loss } = yield* (yield* Backprop).gradient(parameters, request)
      const lossAt = (at: Float32Array) =>
        Effect.map(score(batch.map(({ tokens }) => tokens), at), (scores) => {
          const flat = scores.flatMap((values) => [...values])
          return flat.reduce((total, value, t) => total - request.weights[t]! * value, 0)
        })
      expect(loss).toBeCloseTo(yield* lossAt(parameters), 4)
      const step = 2 ** -6
      for (let i = 0; i < parameters.length; i += name === "tabular" ? 5 : 97) {
        const moved = (by: number) => parameters.map((value, j) => j === i ? value + by : value)
        const slope = ((yield* lossAt(moved(step))) - (yield* lossAt(moved(-step)))) / (2 * step)
        expect(Math.abs(slope - gradient[i]!)).toBeLessThan(3e-3)
      }
    }))
  })

  it("end at maxTokens where the grammar does not", async () => {
    const [rollout] = await run(
      Effect.flatMap(
        Sampler,
        ({ sample }) =>
          Effect.flatMap(
            Policy,
            ({ initialize }) =>
              Effect.flatMap(initialize(1), (parameters) =>
                sample(parameters, [{ prompt: [PROMPT], seed: 1 }], { ...onPolicy, maxTokens: 1 }))
          )
      )
    )
    expect(rollout!.tokens).toHaveLength(2)
  })
})
