/**
 * A decoder-only transformer as pure functions of its weights.
 *
 * Token, position and segment embeddings are summed; every block adds attention and a GELU network of four times the
 * width to the residual stream, each after an RMS norm (Zhang & Sennrich, 2019); a last norm and an unembedding of its own
 * (not tied to the token embedding) give the logits. No biases, no dropout.
 *
 * Position *ids* come from the placement instead of the token's index or a rotation by it (RoPE). In arithmetic what a
 * digit means is its column, and a model that learns columns from indices fails on longer numbers than it saw. With ids
 * that are equal for digits of equal place, "add this column, carry to the next" is one movement at every length, and a
 * random offset in training makes ids familiar that only longer problems reach: position coupling (Cho et al., 2024),
 * Abacus embeddings (McLeish et al., 2024). Ids 0, 1, 2, … would be learned absolute positions.
 *
 * @module
 */
import type { Tensor2D } from "@tensorflow/tfjs-core"
import { Schema } from "effect"
import type { Parameters } from "../../domain/Policy.ts"
import { draws, fold, type Seed } from "../../domain/Seed.ts"
import type { ParameterMatrix } from "../Backprop.ts"
import type { Architecture } from "./Architecture.ts"
import { type ParameterLayout, parameterLayout } from "./ParameterLayout.ts"

/** Width D of the residual stream (a multiple of `heads`), number of blocks, attention heads of D/heads numbers each. */
export const TransformerConfig = Schema.Struct({ width: Schema.Int, layers: Schema.Int, heads: Schema.Int })
export type TransformerConfig = typeof TransformerConfig.Type

/** A transformer's sizes, those that words and placement set included. */
export const TransformerSizes = Schema.Struct({
  ...TransformerConfig.fields,
  positions: Schema.Int,
  segments: Schema.Int,
  vocabulary: Schema.Int
})
export type TransformerSizes = typeof TransformerSizes.Type

const MLP_FACTOR = 4
const INITIAL_DEVIATION = 0.02

/** Lists the weights: embeddings, the blocks' [attention gain, qkv, projection, mlp gain, expand, contract], last gain, unembedding. */
export const transformerLayout = ({ layers, positions, segments, vocabulary, width }: TransformerSizes): ParameterLayout =>
  parameterLayout([
    ["embedding.token", [vocabulary, width]],
    ["embedding.position", [positions, width]],
    ["embedding.segment", [segments, width]],
    ...Array.from({ length: layers }, (_, i) =>
      [
        [`block${i}.attentionGain`, [width]],
        [`block${i}.qkv`, [width, 3 * width]],
        [`block${i}.projection`, [width, width]],
        [`block${i}.mlpGain`, [width]],
        [`block${i}.expand`, [width, MLP_FACTOR * width]],
        [`block${i}.contract`, [MLP_FACTOR * width, width]]
      ] as const).flat(),
    ["finalGain", [width]],
    ["unembedding", [width, vocabulary]]
  ])

/** The number of weights that {@link transformerLayout} lists, counted without listing them. */
export const transformerCount = ({ layers, positions, segments, vocabulary, width }: TransformerSizes): number =>
  width * (2 * vocabulary + positions + segments + 1) + layers * (2 * width + (4 + 2 * MLP_FACTOR) * width ** 2)

/**
 * Draws initial parameters: gains 1, all else normal(0, 0.02), the projections onto the residual stream times 1/√(2·layers)
 * so that its variance does not grow with depth (Radford et al., 2019). Each tensor has a stream of its own.
 */
export const initializeTransformer = (sizes: TransformerSizes, seed: Seed): Parameters => {
  const layout = transformerLayout(sizes)
  const parameters = new Float32Array(layout.count)
  for (const { name, offset, size } of layout.entries) {
    if (name.endsWith("Gain")) {
      parameters.fill(1, offset, offset + size)
      continue
    }
    const isResidual = name.endsWith(".projection") || name.endsWith(".contract")
    const deviation = INITIAL_DEVIATION * (isResidual ? 1 / Math.sqrt(2 * sizes.layers) : 1)
    const { uniform } = draws(fold(seed, name))
    for (let i = offset; i < offset + size; i++) {
      // Box and Muller, 1958; 1 − u is in (0, 1], where the logarithm is finite.
      parameters[i] = deviation * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
    }
  }
  return parameters
}

/** The blocks' matrices; queries, keys and values, which lie side by side, are three. */
const hiddenMatrices = (layout: ParameterLayout): ReadonlyArray<ParameterMatrix> =>
  layout.entries.flatMap(({ name, offset, shape: [rows, stride] }) => {
    if (!name.startsWith("block") || rows === undefined || stride === undefined) return []
    const columns = name.endsWith(".qkv") ? stride / 3 : stride
    return Array.from({ length: stride / columns }, (_, part) => ({ offset: offset + part * columns, rows, columns, stride }))
  })

/** The network as an {@link Architecture}. */
export const transformer = (sizes: TransformerSizes): Architecture => ({
  layout: transformerLayout(sizes),
  matrices: hiddenMatrices(transformerLayout(sizes)),
  cache: { layers: sizes.layers, heads: sizes.heads, width: sizes.width },
  initialize: (seed) => initializeTransformer(sizes, seed),
  logits: (tf, ops, weights, inputs, { attend, select, spread = (x) => x }) => {
    let x = tf.add(
      tf.add(weights.embed("embedding.token", inputs.tokens), weights.embed("embedding.position", inputs.positions)),
      weights.embed("embedding.segment", inputs.segments)
    ) as Tensor2D
    for (let block = 0; block < sizes.layers; block++) {
      const name = (part: string) => `block${block}.${part}`
      let attended = attend(weights.linear(name("qkv"), ops.rmsNorm(x, weights.vector(name("attentionGain")))), block)
      if (block === sizes.layers - 1) {
        attended = select(attended)
        x = select(x)
      }
      x = tf.add(x, weights.linear(name("projection"), attended))
      const hidden = ops.gelu(weights.linear(name("expand"), ops.rmsNorm(x, weights.vector(name("mlpGain")))))
      x = tf.add(x, weights.linear(name("contract"), hidden))
    }
    return weights.linear("unembedding", spread(ops.rmsNorm(x, weights.vector("finalGain"))))
  }
})
