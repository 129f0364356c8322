/**
 * The adapter that is trained as files that engines read: peft's folder for vLLM, a GGUF file for llama.cpp.
 *
 * @module
 */
import type { AdapterWriter } from "../../engine/AdapterPublisher.ts"
import { loraSize, type PretrainedTraining } from "../../model/policy/PretrainedPolicy.ts"
import { writeGgufAdapter } from "../../model/pretrained/GgufAdapter.ts"
import { writePeftAdapter } from "../../model/pretrained/PeftAdapter.ts"
import type { PretrainedModel } from "../../model/pretrained/PretrainedModel.ts"

/** A model and the adapter of it that is trained. */
export interface TrainedAdapter {
  readonly model: PretrainedModel
  readonly trains: Extract<PretrainedTraining, { readonly _tag: "Adapter" }>
}

const identityOf = (form: string, adapter: TrainedAdapter): string =>
  JSON.stringify({ form, family: adapter.model.family, config: adapter.model.config, ...loraSize(adapter.trains) })

/** Writes peft's folder. */
export const peftWriter = (adapter: TrainedAdapter): AdapterWriter => ({
  identity: identityOf("peft", adapter),
  write: (parameters, path) => writePeftAdapter(path, adapter.model, { ...loraSize(adapter.trains), parameters })
})

/** Writes a GGUF file. */
export const ggufWriter = (adapter: TrainedAdapter): AdapterWriter => ({
  identity: identityOf("gguf", adapter),
  write: (parameters, path) => writeGgufAdapter(path, adapter.model, { ...loraSize(adapter.trains), parameters })
})
