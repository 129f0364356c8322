/**
 * A language model of the Llama family as pure functions of its weights (Touvron et al., 2023; Qwen2 and Qwen3 are of it).
 *
 * Every block adds attention and a gated network to the residual stream, each after an RMS norm. Queries and keys turn with their position;
 * heads of queries may share keys and values. Qwen2 adds biases to queries, keys and values, Qwen3 norms queries and keys head by head. The
 * unembedding is the token embedding where the model ties them.
 *
 * @module
 */
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core"
import type { Parameters } from "../../domain/Policy.ts"
import { draws, fold, type Seed } from "../../domain/Seed.ts"
import type { ParameterMatrix } from "../Backprop.ts"
import type { TensorLibrary } from "../device/Device.ts"
import type { Ops } from "../device/DeviceOps.ts"
import { type Architecture, unembed, type Unembedding, type Weights } from "./Architecture.ts"
import { type LlamaConfig, llamaLayout } from "./LlamaConfig.ts"
import { rotaryFrequencies, rotaryTables } from "./RotaryAngles.ts"

const INITIAL_DEVIATION = 0.02

/** Draws initial weights: gains 1, biases 0, all else normal(0, 0.02), each tensor from a stream of its own. */
export const initializeLlama = (config: LlamaConfig, seed: Seed): Parameters => {
  const layout = llamaLayout(config)
  const parameters: Parameters = new Float32Array(layout.count)
  for (const { name, offset, size } of layout.entries) {
    if (name.endsWith("Bias")) continue
    if (name.endsWith("Gain")) {
      parameters.fill(1, offset, offset + size)
      continue
    }
    const { uniform } = draws(fold(seed, name))
    for (let i = offset; i < offset + size; i++) {
      // Box and Muller, 1958; 1 − u is in (0, 1], where the logarithm is finite.
      parameters[i] = INITIAL_DEVIATION * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
    }
  }
  return parameters
}

/** The blocks' matrices, each as it acts. */
const hiddenMatrices = (config: LlamaConfig): ReadonlyArray<ParameterMatrix> =>
  llamaLayout(config).entries.flatMap(({ name, offset, shape: [rows, columns] }) =>
    name.startsWith("block") && rows !== undefined && columns !== undefined ? [{ offset, rows, columns, stride: columns }] : []
  )

/** Queries, keys and values of a block side by side, turned to their positions: x [N, D] → [N, (heads + 2·keyHeads)·headWidth]. */
const attentionInputs = (
  tf: TensorLibrary,
  ops: Ops,
  weights: Weights,
  config: LlamaConfig,
  block: string,
  x: Tensor2D,
  angles: { readonly cosines: Tensor2D; readonly sines: Tensor2D }
): Tensor2D => {
  const { hasBiases, hasHeadNorms, headWidth, heads, keyHeads, normEpsilon } = config
  const projected = (part: string): Tensor2D => {
    const y = weights.linear(`${block}.${part}`, x)
    return hasBiases ? tf.add(y, weights.vector(`${block}.${part}Bias`)) : y
  }
  const normed = (y: Tensor2D, part: string): Tensor2D => {
    if (!hasHeadNorms) return y
    const [count, width] = y.shape
    const heads: Tensor2D = tf.reshape(y, [(count * width) / headWidth, headWidth])
    return tf.reshape(ops.rmsNorm(heads, weights.vector(`${block}.${part}Gain`), normEpsilon), [count, width])
  }
  const turned = (part: string, count: number): Tensor2D => ops.rotate(normed(projected(part), part), angles.cosines, angles.sines, count)
  return tf.concat([turned("query", heads), turned("key", keyHeads), projected("value")], 1)
}

/**
 * The network as an {@link Architecture}; `positions` is how many it will see, at most its context. Cosines and sines are those of float64
 * angles, rounded.
 */
export const llama = (config: LlamaConfig, positions = config.context): Architecture => {
  const { headWidth, heads, isTied, keyHeads, layers, normEpsilon, ropeBase, ropeScaling } = config
  const half = headWidth / 2
  const tables = rotaryTables(rotaryFrequencies(headWidth, ropeBase, ropeScaling), positions)
  const anglesOf = (tf: TensorLibrary, places: Tensor1D) => {
    const rows = (table: Float32Array): Tensor2D => tf.gather(tf.tensor2d(table, [positions, half]), places)
    return { cosines: rows(tables.cosines), sines: rows(tables.sines) }
  }
  const unembedding: Unembedding = isTied ? { name: "embedding.token", isTransposed: true } : { name: "unembedding", isTransposed: false }
  const states: NonNullable<Architecture["states"]> = (tf, ops, weights, inputs, { attend, select, spread = (x) => x }) => {
    const angles = anglesOf(tf, inputs.positions)
    const norm = (x: Tensor2D, name: string): Tensor2D => ops.rmsNorm(x, weights.vector(name), normEpsilon)
    let x = weights.embed("embedding.token", inputs.tokens)
    const block = (n: number, x: Tensor2D): Tensor2D => {
      const name = `block${n}`
      let [attended, residual] = [attend(attentionInputs(tf, ops, weights, config, name, norm(x, `${name}.attentionGain`), angles), n), x]
      if (n === layers - 1) [attended, residual] = [select(attended), select(residual)]
      const sum: Tensor2D = tf.add(residual, weights.linear(`${name}.projection`, attended))
      const y = norm(sum, `${name}.mlpGain`)
      const inner = ops.swiGlu(weights.linear(`${name}.gate`, y), weights.linear(`${name}.up`, y))
      return tf.add(sum, weights.linear(`${name}.down`, inner))
    }
    // Of each block there stays what it gives on, and what the tape saved for a gradient.
    for (let n = 0; n < layers; n++) {
      const given = x
      x = tf.tidy(() => block(n, given))
      given.dispose()
    }
    return spread(norm(x, "finalGain"))
  }
  return {
    layout: llamaLayout(config),
    matrices: hiddenMatrices(config),
    cache: { layers, heads, keyHeads, width: heads * headWidth },
    initialize: (seed) => initializeLlama(config, seed),
    states,
    unembedding,
    logits: (tf, ops, weights, inputs, pass) => unembed(weights, unembedding, states(tf, ops, weights, inputs, pass))
  }
}
