/** What a user's test might be: the laws of a policy and of a loss, from the package. `npm run test:pack` runs it with the user's own vitest. */
import { objectiveLaws, policyServiceLaws, TinyWords } from "decision-sampling/laws"
import { TabularPolicy } from "decision-sampling/model"
import { Objective } from "decision-sampling/theory"
import { Layer } from "effect"

const { layerTiny, tinyGrammar, tinyPrompts } = TinyWords

policyServiceLaws("tabular, of the installed package", {
  layer: TabularPolicy.layer(tinyPrompts).pipe(Layer.provideMerge(layerTiny(tinyGrammar))),
  gradientTolerance: 1e-6,
  step: 2 ** -12,
  tolerance: 1e-6
})

objectiveLaws(
  "a square of one's own",
  () => Objective.custom({ name: "square", evaluate: ({ logProb }) => ({ loss: logProb ** 2, derivative: 2 * logProb }) }),
  {
    example: { token: { logProb: -2 }, loss: 4, derivative: -4 }
  }
)
