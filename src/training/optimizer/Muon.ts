/**
 * Muon: momentum whose step is orthogonalized, for the matrices of hidden layers; Adam for everything else.
 *
 * @module
 */
import { Schema } from "effect"
import type { Parameters } from "../../domain/Policy.ts"
import type { ParameterMatrix } from "../../model/Backprop.ts"
import { Size } from "../Bounds.ts"
import * as Adam from "./Adam.ts"
import { orthogonalize } from "./NewtonSchulz.ts"
import type { OptimizerState } from "./State.ts"

const MOST_ITERATIONS = 100

/** How the orthogonalized step is scaled. */
export const MUON_SCALES = ["match-rms-adamw", "original"] as const

/** Muon and its constants; what is left out is `muon`'s. In PyTorch `iterations` is `ns_steps`, `scale` is `adjust_lr_fn`. */
export const MuonConfig = Schema.Struct({
  _tag: Schema.Literal("Muon"),
  momentum: Schema.optionalKey(Adam.Memory),
  /** Step along the gradient after the momentum's next update. */
  nesterov: Schema.optionalKey(Schema.Boolean),
  /** Iterations of Newton and Schulz. */
  iterations: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: MOST_ITERATIONS }))),
  /**
   * `match-rms-adamw`: 0.2·√max(rows, columns), so that a step is as long as Adam's usual one and both take the same learning rate (Liu et al., 2025);
   * `original`: √max(1, columns/rows), outputs over inputs (Jordan et al., 2024, whose matrices are [outputs, inputs]).
   */
  scale: Schema.optionalKey(Schema.Literals(MUON_SCALES)),
  /** Decoupled weight decay of the matrices. */
  weightDecay: Schema.optionalKey(Size),
  /** For all other parameters: embeddings, gains, what maps to the vocabulary. */
  adam: Schema.optionalKey(Adam.AdamConfig),
  /** Their learning rate as a multiple of the matrices'. */
  adamRate: Schema.optionalKey(Size)
})
export type MuonConfig = typeof MuonConfig.Type

/** Muon's usual constants; PyTorch's own has the original scale and a decay of 0.1. */
export const muon = {
  _tag: "Muon",
  momentum: 0.95,
  nesterov: true,
  iterations: 5,
  scale: "match-rms-adamw",
  weightDecay: 0,
  adam: Adam.adam,
  adamRate: 1
} as const satisfies Required<MuonConfig>

/** The ranges of a vector of `count` parameters that no matrix covers. */
const outside = (matrices: ReadonlyArray<ParameterMatrix>, count: number): ReadonlyArray<Adam.Range> => {
  const isCovered = new Uint8Array(count)
  for (const { columns, offset, rows, stride } of matrices) {
    for (let i = 0; i < rows; i++) isCovered.fill(1, offset + i * stride, offset + i * stride + columns)
  }
  const ranges: Array<Adam.Range> = []
  let from = isCovered.indexOf(0)
  while (from >= 0) {
    const end = isCovered.indexOf(1, from)
    const to = end < 0 ? count : end
    ranges.push([from, to])
    from = isCovered.indexOf(0, to)
  }
  return ranges
}

/**
 * One step of Muon for every hidden matrix W [rows, columns], which maps a row x of inputs to x·W, with gradient G:
 *
 *     M ← μ M + (1 − μ) G,  U = (1 − μ) G + μ M with `nesterov`, else M,
 *     W ← W − η ( s · O(U) + λ W )
 *
 * O is Newton and Schulz's orthogonalization (`orthogonalized`), s the scale. Parameters outside `matrices` take a step of AdamW at η times `adamRate`.
 * Reduces to Adam where there are no matrices. Source: Jordan et al. (2024); scale and decay: Liu et al. (2025), "Muon is scalable for LLM training", eq. 4.
 */
export const update = (
  config: MuonConfig,
  learningRate: number,
  state: OptimizerState,
  parameters: Parameters,
  gradient: Float32Array,
  matrices: ReadonlyArray<ParameterMatrix>
): { readonly parameters: Parameters; readonly state: OptimizerState } => {
  const { adam, adamRate, iterations, momentum, nesterov, scale, weightDecay } = { ...muon, ...config }
  const rest = Adam.update(adam, adamRate * learningRate, state, parameters, gradient, outside(matrices, parameters.length))
  const next = rest.parameters
  const { first } = rest.state
  const before = state.first
  const steps = new Float32Array(Math.max(0, ...matrices.map(({ columns, rows }) => rows * columns)))
  for (const { columns, offset, rows, stride } of matrices) {
    const step = steps.subarray(0, rows * columns)
    for (let i = 0; i < rows; i++) {
      const start = offset + i * stride
      for (let j = 0; j < columns; j++) {
        const g = gradient[start + j]!
        const m = momentum * before[start + j]! + (1 - momentum) * g
        first[start + j] = m
        step[i * columns + j] = nesterov ? (1 - momentum) * g + momentum * m : m
      }
    }
    orthogonalize(step, rows, columns, iterations)
    const length = scale === "original" ? Math.sqrt(Math.max(1, columns / rows)) : 0.2 * Math.sqrt(Math.max(rows, columns))
    for (let i = 0; i < rows; i++) {
      const start = offset + i * stride
      for (let j = 0; j < columns; j++) {
        const at = parameters[start + j]!
        next[start + j] = at - learningRate * (length * step[i * columns + j]! + weightDecay * at)
      }
    }
  }
  return rest
}
