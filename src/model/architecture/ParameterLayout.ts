/**
 * Where each parameter tensor lies in the one flat vector that optimizers, checkpoints and workers pass around.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core"
import type { TensorLibrary } from "../device/Device.ts"
import type { Parameters } from "../../domain/Policy.ts"

/** One tensor: its values are the `size` numbers from `offset` on, row by row. */
export interface ParameterEntry {
  readonly name: string
  readonly shape: ReadonlyArray<number>
  readonly offset: number
  readonly size: number
}

/** All tensors of a model in order, without gaps; `count` is the length of the flat vector. */
export interface ParameterLayout {
  readonly entries: ReadonlyArray<ParameterEntry>
  readonly count: number
}

/** Lays tensors end to end. */
export const parameterLayout = (shapes: ReadonlyArray<readonly [name: string, shape: ReadonlyArray<number>]>): ParameterLayout => {
  const entries: Array<ParameterEntry> = []
  let offset = 0
  for (const [name, shape] of shapes) {
    const size = shape.reduce((product, length) => product * length, 1)
    entries.push({ name, shape, offset, size })
    offset += size
  }
  return { entries, count: offset }
}

/** Makes a tensor of every entry, in the layout's order. */
export const toTensors = (tf: TensorLibrary, { entries }: ParameterLayout, parameters: Parameters): ReadonlyArray<Tensor> =>
  entries.map(({ offset, shape, size }) => tf.tensor(parameters.subarray(offset, offset + size), [...shape]))

/** Adds the values of tensors in the layout's order onto a flat vector. */
export const addTensors = async ({ entries }: ParameterLayout, tensors: ReadonlyArray<Tensor>, onto: Float32Array): Promise<void> => {
  const values = await Promise.all(tensors.map((tensor) => tensor.data<"float32">()))
  entries.forEach(({ offset, size }, i) => {
    const part = values[i]!
    for (let k = 0; k < size; k++) onto[offset + k]! += part[k]!
  })
}
