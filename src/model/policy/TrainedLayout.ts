/**
 * Where each trained tensor of a pretrained model lies in its parameter vector, known without reading a weight.
 *
 * @module
 */
import { type LlamaConfig, llamaLayout } from "../architecture/LlamaConfig.ts"
import type { ParameterLayout } from "../architecture/ParameterLayout.ts"
import { loraLayout } from "../pretrained/LoraWeights.ts"
import { DEFAULT_TRAINING, loraSize, type PretrainedTraining } from "./PretrainedPolicy.ts"

/** Lists the tensors of `Parameters`: those of `llamaLayout`, or A and B of every adapted matrix as NAME.a and NAME.b. */
export const trainedLayout = (config: LlamaConfig, training: PretrainedTraining = DEFAULT_TRAINING): ParameterLayout => {
  return training._tag === "Whole" ? llamaLayout(config) : loraLayout(config, loraSize(training))
}

/** The index of the first parameter of the last `blocks` blocks; what follows the blocks (the last norm, an unembedding of its own) comes after it. */
export const lastBlocksFrom = ({ entries }: ParameterLayout, layers: number, blocks: number): number =>
  entries.find(({ name }) => Number(/^block(\d+)\./.exec(name)?.[1] ?? -1) >= layers - blocks)?.offset ?? 0
