/**
 * What a pretrained model will take of memory, said before it is read.
 *
 * @module
 */
import { Effect } from "effect"
import type { ModelSpec } from "../model/ModelSpec.ts"
import { assertMemory, machineMemory, memoryText, type ModelUse } from "../model/policy/PretrainedMemory.ts"
import { checkRank, memoryAsked } from "../model/policy/PretrainedPolicy.ts"
import { openModel } from "../model/pretrained/PretrainedModel.ts"
import { Progress } from "./Progress.ts"

/**
 * Says how much memory a pretrained model takes for a use, beside what there is; of small networks nothing. Fails with ModelFileError where it cannot
 * fit for certain, with ConfigError for a rank that the model's matrices cannot have.
 */
export const sayMemory = Effect.fnUntraced(function* (spec: ModelSpec, use: ModelUse, workers: number, device: string) {
  if (spec._tag !== "Pretrained") return
  const model = yield* openModel(spec.path)
  yield* checkRank(model, spec.trains)
  const { config } = model
  const [asked, there] = [memoryAsked(spec, config.context, use, workers), machineMemory(device)]
  yield* assertMemory(spec.path, config, asked, there)
  const progress = yield* Progress
  const stage = yield* progress.stage("memory", 1)
  yield* stage.done(memoryText(config, asked, there))
})
