/**
 * What a pretrained model will take of memory, said before it is read.
 *
 * @module
 */
import { Effect } from "effect"
import type { ModelSpec } from "../model/ModelSpec.ts"
import { assertMemory, machineMemory, memoryOf, memoryText, type ModelMemory, type ModelUse } from "../model/policy/PretrainedMemory.ts"
import { checkRank, memoryAsked } from "../model/policy/PretrainedPolicy.ts"
import { openModel } from "../model/pretrained/PretrainedModel.ts"
import { Progress } from "./Progress.ts"

/**
 * Says how much memory a pretrained model takes for a use, beside what there is, and returns it; of small networks nothing. `beside` is a model that is
 * there at the same time, of whose memory nothing is left for this one. Fails with ModelFileError where it cannot fit for certain, with
 * ConfigError for a rank that the model's matrices cannot have.
 */
export const sayMemory = Effect.fnUntraced(function* (
  spec: ModelSpec,
  use: ModelUse,
  workers: number,
  device: string,
  { beside, name = "memory" }: { readonly name?: string; readonly beside?: ModelMemory | undefined } = {}
) {
  if (spec._tag !== "Pretrained") return undefined
  const model = yield* openModel(spec.path)
  yield* checkRank(model, spec.trains)
  const { config } = model
  const asked = memoryAsked(spec, config.context, use, workers)
  const { free, most, ...each } = machineMemory(device)
  const there = { ...each, most: most - (beside?.certain.total ?? 0), free: Math.max(0, free - (beside?.total ?? 0)) }
  yield* assertMemory(spec.path, config, asked, there)
  const progress = yield* Progress
  const stage = yield* progress.stage(name, 1)
  yield* stage.done(memoryText(config, asked, there))
  return memoryOf(config, asked)
})
