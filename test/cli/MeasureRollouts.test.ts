import { Effect } from "effect"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { measureRollouts } from "../../src/cli/attribute/MeasureRollouts.ts"
import { TWO_STAGE } from "../../src/domain/Partition.ts"
import { Policy } from "../../src/domain/Policy.ts"
import { countSketch } from "../../src/eval/statistics/CountSketch.ts"
import { Backprop, type LossRequest } from "../../src/model/Backprop.ts"
import * as Batch from "../../src/model/loss/Batch.ts"
import * as ModelLayer from "../../src/model/ModelLayer.ts"
import { lastBlocksFrom, trainedLayout } from "../../src/model/policy/TrainedLayout.ts"
import * as Aggregate from "../../src/theory/Aggregate.ts"
import * as Objective from "../../src/theory/Objective.ts"
import { readCheckpoint } from "../support/PretrainedFixture.ts"

const spec = {
  _tag: "Pretrained",
  path: fileURLToPath(new URL("../fixtures/pretrained/llama", import.meta.url)),
  positions: 64,
  trains: { _tag: "Whole" }
} as const
const { config } = readCheckpoint("llama")
const layout = trainedLayout(config, spec.trains)

const rows = [0, 1, 2, 3, 4].map((row) => ({
  tokens: Array.from({ length: 9 + row }, (_, t) => 5 + ((7 * row + 3 * t) % 200)),
  promptLength: 2,
  offset: 0,
  spans: [{ kind: "sample", start: 2, end: 6 + (row % 2) }, {
    kind: "decision",
    start: 6 + (row % 2),
    end: 9 + row,
    action: "STOP"
  }] as const
}))
const laidOut = Batch.make(rows)
const batch = {
  ...laidOut,
  partition: TWO_STAGE,
  temperature: 1,
  weights: Aggregate.weights(Aggregate.tokenMean, laidOut.offsets, laidOut.owner)
}
const settings = (from = 0) => ({
  layout,
  from,
  // Rows 0 and 3 are of one prompt.
  clusters: [0, 1, 2, 0, 3],
  clusterCount: 4,
  sketch: countSketch(layout.count - from, 2 ** 20, 1),
  threads: 1,
  show: () => {}
})
const inModel = <A, E>(effect: Effect.Effect<A, E, Backprop | Policy>) =>
  Effect.runPromise(Effect.provide(effect, ModelLayer.layer(spec, { products: "simd" })))

const close = (found: number, expected: number) => expect(Math.abs(found / expected - 1)).toBeLessThan(2e-4)

describe("measureRollouts", () => {
  it("adds up to the gradients of the whole batch, and takes multiples of one objective for others", async () => {
    const advantages = [1.5, -0.5, 0, 0.25, -2]
    const flat = Batch.concatenate(rows.map(({ tokens }, row) => tokens.map(() => advantages[row]!)))
    const nll: LossRequest = { ...batch, objective: Objective.nll() }
    const others: ReadonlyArray<LossRequest> = [
      { ...batch, objective: Objective.surrogate({ ratio: "none" }), advantages: flat },
      { ...batch, objective: Objective.klInLoss({ beta: 0.3, estimator: "k1" }), referenceLogProbs: flat.map(() => -1) }
    ]
    const { direct, measured } = await inModel(Effect.gen(function* () {
      const [backprop, policy] = [yield* Backprop, yield* Policy]
      const parameters = yield* policy.initialize(1)
      const measured = yield* measureRollouts(nll, [advantages, rows.map(() => -0.3)], { ...settings(), parameters })
      const direct = yield* Effect.forEach([nll, ...others], (request) =>
        Effect.forEach(["sampling", "decision"], (name) =>
          Effect.map(
            backprop.gradient(parameters, { ...request, objective: Objective.restrict(request.objective, name) }),
            ({ gradient }) => gradient
          )))
      return { direct, measured }
    }))
    direct.forEach(([sampling, decision], j) => {
      const norm = (vector: ArrayLike<number>) => Math.sqrt(Array.from(vector).reduce((sum, value) => sum + value * value, 0))
      const { pair, ...sketches } = measured[j]!
      close(pair.normSampling, norm(sampling!))
      close(pair.normDecision, norm(decision!))
      // No sketch is longer than the vector, so those of the clusters add up to it, in another order and with signs.
      const summed = sketches.sampling.reduce((sum, one) => sum.map((value, i) => value + one[i]!))
      expect(sketches.sampling).toHaveLength(4)
      close(norm(summed), norm(sampling!))
    })
  })

  it("over the last block alone is what the whole gradient has there and behind it, with nothing computed before", async () => {
    const from = lastBlocksFrom(layout, config.layers, 1)
    const { last, whole } = await inModel(Effect.gen(function* () {
      const parameters = yield* Effect.flatMap(Policy, (policy) => policy.initialize(1))
      const request: LossRequest = { ...batch, objective: Objective.dft() }
      const [whole] = yield* measureRollouts(request, [], { ...settings(), parameters })
      const [last] = yield* measureRollouts(request, [], { ...settings(from), parameters })
      const backprop = yield* Backprop
      const { gradient } = yield* backprop.gradient(parameters, { ...request, from })
      expect(gradient.subarray(0, from).every((value) => value === 0)).toBe(true)
      return { last: last!.pair, whole: whole!.pair }
    }))
    expect(layout.entries.find(({ offset }) => offset === from)!.name).toBe(`block${config.layers - 1}.attentionGain`)
    const kept = whole.layers.filter(({ name }) => [String(config.layers - 1), "final", "head"].includes(name))
    expect(last.layers.map(({ name }) => name)).toEqual(kept.map(({ name }) => name))
    last.layers.forEach(({ normDecision, normSampling }, i) => {
      close(normSampling, kept[i]!.normSampling)
      close(normDecision, kept[i]!.normDecision)
    })
  })
})
