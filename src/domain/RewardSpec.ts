/**
 * A reward as a serialisable value that builds its layer: what a configuration names.
 *
 * @module
 */
import { Layer, Schema } from "effect"
import type { ConfigError } from "./Errors.ts"
import { buildExport, ModuleReference } from "./ModuleReference.ts"
import { Outcome } from "./Query.ts"
import { Reward } from "./Reward.ts"
import type { Task } from "./Task.ts"

/**
 * `Exact` is the paper's: 1 for a right final answer, else 0. `Outcome` gives a number for every outcome. `Module` is one's own: a
 * module whose export `reward` makes a layer of the settings.
 */
export const RewardSpec = Schema.Union([
  Schema.Struct({ _tag: Schema.tag("Exact") }),
  Schema.Struct({
    _tag: Schema.tag("Outcome"),
    values: Schema.Record(Outcome, Schema.Finite)
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
        buildExport<Layer.Layer<Reward, never, Task>>(
          "reward",
          spec,
          "reward",
          { what: "a layer of Reward", lacks: (made) => (Layer.isLayer(made) ? undefined : "it is no layer") }
        )
      )
  }
}
