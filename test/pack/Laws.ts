/** What a user's test might be: the laws of a policy, from the package. `npm run test:pack` runs it with the user's own vitest. */
import { policyServiceLaws, TinyWords } from "decision-sampling/laws"
import { TabularPolicy } from "decision-sampling/model"
import { Layer } from "effect"

const { layerTiny, tinyGrammar, tinyPrompts } = TinyWords

policyServiceLaws("tabular, of the installed package", {
  layer: TabularPolicy.layer(tinyPrompts).pipe(Layer.provideMerge(layerTiny(tinyGrammar))),
  gradientTolerance: 1e-6,
  step: 2 ** -12,
  tolerance: 1e-6
})
