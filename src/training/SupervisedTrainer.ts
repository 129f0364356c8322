/**
 * Supervised fine-tuning as a fold over {@link TrainState}: SFT with the objective `nll`, DFT with `dft`, or any other
 * objective that needs demonstrations only.
 *
 * @module
 */
import { Effect, Stream } from "effect"
import { ConfigError, TokenizerError } from "../domain/Errors.ts"
import { failing } from "../domain/Throws.ts"
import type { Trajectory } from "../domain/Trajectory.ts"
import * as Aggregate from "../theory/Aggregate.ts"
import * as Objective from "../theory/Objective.ts"
import { namesOf, type TokenPartition, TWO_STAGE } from "../domain/Partition.ts"
import { attempt } from "../model/loss/LossRequests.ts"
import * as Batch from "../model/loss/Batch.ts"
import { measure } from "./GradientAttribution.ts"
import type { StepReport } from "./StepReport.ts"
import type { TrainState } from "./TrainState.ts"
import * as Update from "./Update.ts"

/** Settings of a supervised trainer. */
export interface SupervisedConfig extends Update.UpdateConfig {
  readonly objective: Objective.Objective
  readonly aggregation: Aggregate.Aggregation
  readonly batchSize: number
  /** Whose tokens are whose: metrics, attribution and `restrict` go by its names. Left out: sampling and decision. */
  readonly partition?: TokenPartition
}

/** SFT (appendix E.3: Adam, −log π averaged over tokens); give a schedule and a batch size. */
export const sft: Pick<SupervisedConfig, "objective" | "aggregation"> = { objective: Objective.nll(), aggregation: Aggregate.tokenMean }

/** DFT (Wu et al., 2025): SFT with every token's loss weighted by its own probability, held constant. */
export const dft: Pick<SupervisedConfig, "objective" | "aggregation"> = { objective: Objective.dft(), aggregation: Aggregate.tokenMean }

/** One step on given demonstrations. Tokens outside their spans are not trained. */
export const step = (config: SupervisedConfig) =>
  Effect.fn("SupervisedTrainer.step")(function* (state: TrainState, demonstrations: ReadonlyArray<Trajectory>) {
    const partition = config.partition ?? TWO_STAGE
    const batch = yield* attempt("train", () => {
      Objective.assertOwners(config.objective, partition)
      return Batch.make(demonstrations, partition)
    })
    const request = {
      ...batch,
      objective: config.objective,
      partition: namesOf(partition),
      temperature: 1,
      weights: Aggregate.weights(config.aggregation, batch.offsets, batch.owner)
    }
    const update = yield* Update.apply(config, state, request)
    const isMeasured = config.attributionEvery > 0 && state.step % config.attributionEvery === 0
    const attribution = isMeasured ? yield* measure(state.step, state.parameters, request) : []
    const report: StepReport = {
      state: { ...update.state, step: state.step + 1 },
      metrics: { ...update.metrics, num_tokens: batch.owner.length },
      attribution
    }
    return report
  })

/**
 * The stream of states from here on, one a step, without end: take as many as you like. `demonstration(seed, index)`
 * makes the examples; step n sees the indices n · batchSize … (n+1) · batchSize − 1. An example that cannot be put into words (it
 * throws TokenizerError or ConfigError) fails the stream. A step's examples are made while the one before it waits for its gradient.
 */
export const train = (config: SupervisedConfig, demonstration: (seed: number, index: number) => Trajectory) => (start: TrainState) => {
  const examples = ({ seed }: TrainState, step: number) =>
    failing(
      [ConfigError, TokenizerError],
      () => Array.from({ length: config.batchSize }, (_, i) => demonstration(seed, step * config.batchSize + i))
    )
  return Stream.unfold({ state: start, ready: examples(start, start.step) }, ({ ready, state }) =>
    Effect.gen(function* () {
      const demonstrations = yield* ready
      const [report, next] = yield* Effect.all(
        // What cannot be made fails the step that needs it.
        [step(config)(state, demonstrations), Effect.exit(examples(state, state.step + 1))],
        { concurrency: 2 }
      )
      return [report, { state: report.state, ready: next }] as const
    }))
}
