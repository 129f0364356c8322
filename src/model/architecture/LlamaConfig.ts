/**
 * The sizes of a pretrained language model of the Llama family (Llama 2 and 3, SmolLM2, Qwen2, Qwen2.5, Qwen3), and where its weights lie.
 *
 * @module
 */
import { Schema } from "effect"
import { type ParameterLayout, parameterLayout } from "./ParameterLayout.ts"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))
const Positive = Schema.Finite.check(Schema.isGreaterThan(0))

/**
 * How Llama 3.1 and later stretch the rotations of slow dimensions: those whose wavelength 2π/f exceeds originalContext / lowFrequencyFactor
 * turn `factor` times slower, those below originalContext / highFrequencyFactor as before, between them a blend.
 */
export const RopeScaling = Schema.Struct({
  factor: Positive,
  lowFrequencyFactor: Positive,
  highFrequencyFactor: Positive,
  originalContext: Count
})
export type RopeScaling = typeof RopeScaling.Type

/** Sizes of a model of the Llama family. */
export const LlamaConfig = Schema.Struct({
  /** V, the number of tokens. */
  vocabulary: Count,
  /** D, the width of the residual stream. */
  width: Count,
  layers: Count,
  /** H, heads of queries. */
  heads: Count,
  /** Heads of keys and values, a divisor of H; each serves H / keyHeads heads of queries (Ainslie et al., 2023). */
  keyHeads: Count,
  /** Numbers in a head; D / H in most models. */
  headWidth: Count,
  /** F, the width between gate and down projection. */
  innerWidth: Count,
  /** Added to the mean square of RMS norms. */
  normEpsilon: Positive,
  /** θ: pair i of a head turns by position · θ^(−2i / headWidth) (Su et al., 2021). */
  ropeBase: Positive,
  ropeScaling: Schema.optionalKey(RopeScaling),
  /** The most tokens that it was trained to read. */
  context: Count,
  /** The unembedding is the token embedding. */
  isTied: Schema.Boolean,
  /** Queries, keys and values have biases (Qwen2). */
  hasBiases: Schema.Boolean,
  /** Queries and keys are normed head by head (Qwen3). */
  hasHeadNorms: Schema.Boolean
})
export type LlamaConfig = typeof LlamaConfig.Type

/**
 * Lists the weights, matrices as [in, out]: the token embedding [V, D]; of each block attentionGain, query, key, value (with their biases
 * and head norms where the model has them), projection, mlpGain, gate, up, down; finalGain; the unembedding [D, V] unless it is tied.
 */
export const llamaLayout = (config: LlamaConfig): ParameterLayout => {
  const { hasBiases, hasHeadNorms, headWidth, heads, innerWidth, isTied, keyHeads, layers, vocabulary, width } = config
  const [queries, keys] = [heads * headWidth, keyHeads * headWidth]
  const block = (name: string): ReadonlyArray<readonly [string, ReadonlyArray<number>]> => [
    [`${name}.attentionGain`, [width]],
    [`${name}.query`, [width, queries]],
    [`${name}.key`, [width, keys]],
    [`${name}.value`, [width, keys]],
    ...(hasBiases ? [[`${name}.queryBias`, [queries]], [`${name}.keyBias`, [keys]], [`${name}.valueBias`, [keys]]] as const : []),
    ...(hasHeadNorms ? [[`${name}.queryGain`, [headWidth]], [`${name}.keyGain`, [headWidth]]] as const : []),
    [`${name}.projection`, [queries, width]],
    [`${name}.mlpGain`, [width]],
    [`${name}.gate`, [width, innerWidth]],
    [`${name}.up`, [width, innerWidth]],
    [`${name}.down`, [innerWidth, width]]
  ]
  return parameterLayout([
    ["embedding.token", [vocabulary, width]],
    ...Array.from({ length: layers }, (_, i) => block(`block${i}`)).flat(),
    ["finalGain", [width]],
    ...(isTied ? [] : [["unembedding", [width, vocabulary]]] as const)
  ])
}
