/**
 * A reward as a serialisable value that builds its layer: what a configuration names.
 *
 * @module
 */
import { Effect, Layer, Schema } from "effect"
import { ConfigError } from "./Errors.ts"
import { loadExport, ModuleReference } from "./ModuleReference.ts"
import { Reward } from "./Reward.ts"
import type { Task } from "./Task.ts"
import { failing } from "./Throws.ts"

/**
 * `Exact` is the paper's: 1 for a right final answer, else 0. `Outcome` gives a number for every outcome. `Module` is one's own: a
 * module whose export `reward` makes a layer of the settings.
 */
export const RewardSpec = Schema.Union([
  Schema.Struct({ _tag: Schema.tag("Exact") }),
  Schema.Struct({
    _tag: Schema.tag("Outcome"),
    values: Schema.Struct({
      Correct: Schema.Finite,
      Wrong: Schema.Finite,
      Unparsable: Schema.Finite,
      GoldInvalid: Schema.Finite,
      Truncated: Schema.Finite
    })
  }),
  Schema.Struct({ _tag: Schema.tag("Module"), ...ModuleReference.fields })
])
export type RewardSpec = typeof RewardSpec.Type

/** The layer of a spec. */
export const layerReward = (spec: RewardSpec): Layer.Layer<Reward, ConfigError, Task> => {
  switch (spec._tag) {
    case "Exact":
      return Reward.layerExact
    case "Outcome":
      return Reward.layerOutcome(spec.values)
    case "Module":
      return Layer.unwrap(
        Effect.flatMap(
          loadExport<(settings: unknown) => Layer.Layer<Reward, ConfigError, Task>>("reward", spec, "reward"),
          (make) => failing([ConfigError], () => make(spec.settings))
        )
      )
  }
}
