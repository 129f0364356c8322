/**
 * A trained transformer under a grammar with more segments: from a Markov context, where all attempts share one segment,
 * to one with the full history, where each attempt has its own.
 *
 * @module
 */
import type { Parameters } from "../../domain/Policy.ts"
import { transformerLayout, type TransformerSizes } from "./Transformer.ts"

/**
 * Copies parameters into a transformer with at least as many segments; every new segment starts as a copy of the last old one,
 * so that what the model knew of an attempt it knows of each. All other sizes must be equal.
 */
export const extendSegments = (parameters: Parameters, from: TransformerSizes, segments: number): Parameters => {
  const [source, target] = [transformerLayout(from), transformerLayout({ ...from, segments })]
  const extended = new Float32Array(target.count)
  source.entries.forEach(({ name, offset, size }, i) => {
    const to = target.entries[i]!
    extended.set(parameters.subarray(offset, offset + size), to.offset)
    if (name !== "embedding.segment") return
    const last = parameters.subarray(offset + size - from.width, offset + size)
    for (let segment = from.segments; segment < segments; segment++) extended.set(last, to.offset + segment * from.width)
  })
  return extended
}
