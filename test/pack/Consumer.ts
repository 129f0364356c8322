/** What a user's program might be: every entry point imported, type-checked and called. `npm run test:pack` runs it on the packed package. */
import { Domain, Theory } from "decision-sampling"
import { Grammar, onPolicy, Policy, Sampler } from "decision-sampling/domain"
import { Simulated } from "decision-sampling/engine"
import { calibrate, renderFigure, simulate } from "decision-sampling/eval"
import type * as Laws from "decision-sampling/laws"
import { ArithmeticGrammar, deviceWasm, TransformerPolicy } from "decision-sampling/model"
import { Multiplication } from "decision-sampling/tasks"
import { makeScoredTrajectory, Surrogate, twoStageAccuracy } from "decision-sampling/theory"
import { Presets } from "decision-sampling/training"
import { Effect, Layer } from "effect"
import assert from "node:assert"

const trajectory = makeScoredTrajectory({ attempts: [{ tokenLogProbs: [-1, -2], decision: "STOP", decisionLogProb: -0.5 }] })
assert.deepStrictEqual([...Surrogate.qValues(trajectory, { advantage: 0.5, gamma: 1 }).sampling], [0.5])
const accuracy: number = twoStageAccuracy({ sampleCorrect: 0.5, stopGivenCorrect: 0.9, resampleGivenWrong: 0.9 })
const rollouts = simulate({ pSample: 0.5, pStopGivenCorrect: 0.9, pResampleGivenWrong: 0.9, cap: 4, n: 50, seed: 1 })
assert.strictEqual(Presets.paper.groupSize, 8)
assert.strictEqual(typeof Simulated, "object")
// The root's names are the entry points' own, not copies of them.
assert.strictEqual(Theory.Surrogate, Surrogate)
assert.strictEqual(Domain.Policy, Policy)

const words = ArithmeticGrammar.layer({ radix: 10, maxAttempts: 2, context: "markov", positions: 16 })
const policy = TransformerPolicy.layer({ width: 8, layers: 1, heads: 2 }).pipe(Layer.provide(deviceWasm), Layer.provideMerge(words))
/** A policy's layer is what the law kit takes. */
export const options: Laws.LawOptions = { layer: policy, gradientTolerance: 5e-3, step: 2 ** -9, tolerance: 1e-4 }
const program = Effect.gen(function* () {
  const model = yield* Policy
  const grammar = yield* Grammar
  const sampler = yield* Sampler
  const query = Multiplication.toQuery({ radix: 10 }, { level: "2x1", left: 12, right: 3 })
  const prompt = yield* Effect.fromResult(grammar.prompt(query))
  const parameters = yield* model.initialize(1)
  const sampled = yield* sampler.sample(parameters, [{ prompt, seed: 1 }], onPolicy)
  return sampled[0]!.tokens.length
})
const spec = { data: { values: [{ x: 1 }] }, mark: "point", encoding: { x: { field: "x", type: "quantitative" } } } as const
assert.match(await Effect.runPromise(renderFigure({ id: "point", title: "A point", alt: "One point", spec })), /^<svg /)
const tokens = await Effect.runPromise(program.pipe(Effect.provide(policy)))
console.log(JSON.stringify({ accuracy, observed: calibrate(rollouts).overall.observed.accuracy, tokens }))
