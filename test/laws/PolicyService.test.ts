import { Layer } from "effect"
import { deviceWasm } from "../../src/model/device/Wasm.ts"
import * as TabularPolicy from "../../src/model/policy/TabularPolicy.ts"
import * as TransformerPolicy from "../../src/model/policy/TransformerPolicy.ts"
import { draws } from "../../src/domain/Seed.ts"
import { initializeTransformer } from "../../src/model/architecture/Transformer.ts"
import { transformerSizes } from "../../src/model/policy/TransformerPolicy.ts"
import { layerTiny, makeTiny, tinyGrammar, tinyPrompts } from "../../src/laws/TinyWords.ts"
import { policyServiceLaws } from "../../src/laws/PolicyServiceLaws.ts"

const history = { ...tinyGrammar, context: "history" } as const

policyServiceLaws("tabular, Markov", {
  layer: TabularPolicy.layer(tinyPrompts).pipe(Layer.provideMerge(layerTiny(tinyGrammar))),
  gradientTolerance: 1e-6,
  step: 2 ** -12,
  tolerance: 1e-6,
  trainsOwnLosses: true
})

policyServiceLaws("tabular, full history", {
  layer: TabularPolicy.layer(tinyPrompts).pipe(Layer.provideMerge(layerTiny(history))),
  gradientTolerance: 1e-6,
  step: 2 ** -12,
  tolerance: 1e-6,
  trainsOwnLosses: true
})

const tiny = { width: 8, layers: 1, heads: 2 }

policyServiceLaws("transformer on wasm, Markov", {
  layer: TransformerPolicy.layer(tiny).pipe(Layer.provideMerge(Layer.merge(layerTiny(tinyGrammar), deviceWasm))),
  gradientTolerance: 8e-3,
  step: 2 ** -9,
  tolerance: 1e-4,
  trainsOwnLosses: true
})

policyServiceLaws("transformer of two blocks on wasm, full history, small passes", {
  layer: TransformerPolicy.layer({ ...tiny, layers: 2 }, { tokens: 40, rows: 7 }).pipe(
    Layer.provideMerge(Layer.merge(layerTiny(history), deviceWasm))
  ),
  gradientTolerance: 8e-3,
  step: 2 ** -9,
  tolerance: 1e-4,
  trainsOwnLosses: true
})

/** Weights far enough from the initial ones for a clear preference at every choice. */
const frozen = (() => {
  const { placement, tokenizer } = makeTiny(tinyGrammar)
  const { uniform } = draws(12)
  return initializeTransformer(transformerSizes(tiny, { placement, vocabulary: tokenizer.vocabulary }), 2).map((value) =>
    value + uniform() - 0.5
  )
})()

policyServiceLaws("low-rank adapter over a frozen transformer on wasm", {
  layer: TransformerPolicy.layerAdapted(tiny, frozen, { rank: 2, alpha: 4 }).pipe(
    Layer.provideMerge(Layer.merge(layerTiny(tinyGrammar), deviceWasm))
  ),
  gradientTolerance: 8e-3,
  step: 2 ** -9,
  tolerance: 1e-4
})
