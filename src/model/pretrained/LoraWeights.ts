/**
 * A trained adapter of a model of the Llama family: which matrices of every block it corrects, and by which numbers.
 *
 * @module
 */
import { Effect } from "effect"
import type { Parameters } from "../../domain/Policy.ts"
import { type LlamaConfig, llamaLayout } from "../architecture/LlamaConfig.ts"
import type { ParameterLayout } from "../architecture/ParameterLayout.ts"
import { type AdapterConfig, adapterLayout } from "../weights/Adapter.ts"
import type { PretrainedModel } from "./PretrainedModel.ts"

/** The matrices of a block by the names that an adapter's `targets` may have. */
export const ADAPTER_TARGETS = ["query", "key", "value", "projection", "gate", "up", "down"] as const

/** One of them. */
export type AdapterTarget = (typeof ADAPTER_TARGETS)[number]

/** The size of an adapter: rank r, α (corrections are scaled by α / r), and which matrices of every block have one. */
export interface LoraSize {
  readonly rank: number
  readonly alpha: number
  readonly targets: ReadonlyArray<AdapterTarget>
}

/** An adapter and its numbers: A [in, r] and B [r, out] of every matrix, laid out as `loraLayout` says. */
export interface LoraWeights extends LoraSize {
  readonly parameters: Parameters
}

/** The part of a block that an entry of `llamaLayout` is; undefined for what is in no block. */
export const partOf = (entry: string): string | undefined => /^block\d+\.(.+)$/.exec(entry)?.[1]

/** The size as `adapter` and `adapterLayout` take it. */
export const loraConfig = ({ alpha, rank, targets }: LoraSize): AdapterConfig => {
  const names: ReadonlySet<string> = new Set(targets)
  return { rank, alpha, adapts: (name) => names.has(partOf(name) ?? "") }
}

/** Where A and B of each adapted matrix lie in `parameters`: `block0.query.a`, `block0.query.b`, … in the network's order. */
export const loraLayout = (config: LlamaConfig, size: LoraSize): ParameterLayout =>
  adapterLayout({ layout: llamaLayout(config) }, loraConfig(size))

/** The transpose of a matrix [rows, columns] that lies row by row. */
export const transposed = (values: Float32Array, rows: number, columns: number): Float32Array => {
  const result = new Float32Array(values.length)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column]!
  }
  return result
}

/** A and B of a matrix as they lie in the parameters; undefined for a matrix without a correction. */
const factorsOf = ({ parameters, rank }: LoraWeights, places: ReadonlyMap<string, number>, name: string, rows: number, columns: number) => {
  const [a, b] = [places.get(`${name}.a`), places.get(`${name}.b`)]
  return a === undefined || b === undefined
    ? undefined
    : { a: parameters.subarray(a, a + rows * rank), b: parameters.subarray(b, b + rank * columns) }
}

/** Throws RangeError for parameters of another number than the adapter of this model has. */
export const assertLora = (config: LlamaConfig, lora: LoraWeights): ParameterLayout => {
  const layout = loraLayout(config, lora)
  if (lora.parameters.length === layout.count) return layout
  throw new RangeError(`${lora.parameters.length} parameters of an adapter that has ${layout.count} on this model`)
}

/**
 * The model with an adapter's corrections in its weights: W + (α/r)·A·B of every adapted matrix, summed in float64 and rounded once. Nothing is
 * computed before a weight is read, and nothing is kept: memory holds the adapter and one matrix. A tied unembedding stays tied.
 *
 * Throws RangeError where the parameters are not as many as the adapter's. Source: Hu et al., 2022, section 4.1.
 */
export const mergeAdapter = (model: PretrainedModel, lora: LoraWeights): PretrainedModel => {
  const places = new Map(assertLora(model.config, lora).entries.map(({ name, offset }) => [name, offset]))
  const shapes = new Map(llamaLayout(model.config).entries.map(({ name, shape }) => [name, shape]))
  const { alpha, rank } = lora
  const merged = (name: string, weights: Float32Array): Float32Array => {
    const [rows = 0, columns = 0] = shapes.get(name) ?? []
    const factors = factorsOf(lora, places, name, rows, columns)
    if (factors === undefined) return weights
    const { a, b } = factors
    const scale = alpha / rank
    const sums = new Float64Array(columns)
    for (let row = 0; row < rows; row++) {
      const here = weights.subarray(row * columns, (row + 1) * columns)
      sums.set(here)
      for (let k = 0; k < rank; k++) {
        const factor = scale * a[row * rank + k]!
        const from = k * columns
        for (let column = 0; column < columns; column++) sums[column]! += factor * b[from + column]!
      }
      here.set(sums)
    }
    return weights
  }
  // What is read is the reader's own.
  return { ...model, readWeights: (name, into) => Effect.map(model.readWeights(name, into), (weights) => merged(name, weights)) }
}

/**
 * The adapter that corrects by the sum of two: A = [A₁ A₂], B = [s₁·B₁; s₂·B₂] with s = α/r of each, of rank r₁ + r₂ and α equal to it, on the
 * matrices of either. Of a matrix that one of them leaves alone that one's part is 0. Throws RangeError like `mergeAdapter`.
 */
export const sumAdapters = (config: LlamaConfig, first: LoraWeights, second: LoraWeights): LoraWeights => {
  const rank = first.rank + second.rank
  const targets = ADAPTER_TARGETS.filter((target) => first.targets.includes(target) || second.targets.includes(target))
  const size = { rank, alpha: rank, targets }
  const layout = loraLayout(config, size)
  const parameters: Parameters = new Float32Array(layout.count)
  const places = new Map(layout.entries.map(({ name, offset }) => [name, offset]))
  let before = 0
  for (const lora of [first, second]) {
    const scale = lora.alpha / lora.rank
    for (const { name, offset, shape: [rows = 0, columns = 0] } of assertLora(config, lora).entries) {
      const to = places.get(name)!
      if (name.endsWith(".a")) {
        for (let row = 0; row < rows; row++) {
          parameters.set(lora.parameters.subarray(offset + row * columns, offset + (row + 1) * columns), to + row * rank + before)
        }
      } else {
        for (let i = 0; i < rows * columns; i++) parameters[to + before * columns + i] = scale * lora.parameters[offset + i]!
      }
    }
    before += lora.rank
  }
  return { ...size, parameters }
}

/**
 * The model with other numbers in its weights: all of them, laid out as `llamaLayout(model.config)`. Throws RangeError where they are not as many.
 */
export const withWeights = (model: PretrainedModel, parameters: Parameters): PretrainedModel => {
  const layout = llamaLayout(model.config)
  if (parameters.length !== layout.count) {
    throw new RangeError(`${parameters.length} parameters of a model that has ${layout.count}`)
  }
  const entries = new Map(layout.entries.map((entry) => [entry.name, entry]))
  return {
    ...model,
    readWeights: (name, into) => {
      const entry = entries.get(name)
      if (entry === undefined) return model.readWeights(name, into)
      return Effect.sync(() => {
        const weights = parameters.subarray(entry.offset, entry.offset + entry.size)
        if (into === undefined) return weights.slice()
        into.set(weights)
        return into
      })
    }
  }
}
