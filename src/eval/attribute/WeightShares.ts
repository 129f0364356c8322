/**
 * A gradient taken apart by the weights that it is over: by block of the network, and by kind of weight.
 *
 * @module
 */

/** A named stretch of the parameter vector: `size` numbers from `offset` on. */
export interface NamedRange {
  readonly name: string
  readonly offset: number
  readonly size: number
}

/**
 * What a part of the weights has of both gradients: ‖g_S‖, ‖g_D‖ and their cosine within it (null where one is 0), and its shares of the
 * squared norms, ‖g_k restricted‖²/‖g_k‖² (null where ‖g_k‖ is 0). Over all parts shares sum to 1.
 */
export interface WeightShare {
  readonly name: string
  readonly parameters: number
  readonly normSampling: number
  readonly normDecision: number
  readonly cosine: number | null
  readonly shareSampling: number | null
  readonly shareDecision: number | null
}

/** The kinds of weights of a language model of the Llama family, in a block's order. */
export const WEIGHT_KINDS = ["embedding", "query", "key", "value", "projection", "gate", "up", "down", "norms", "head"] as const

/** Names the kind of a weight: an adapter's factors NAME.a and NAME.b and a matrix's bias are of its kind, gains of every norm are `norms`. */
export const kindOfWeight = (name: string): string => {
  const part = name.replace(/\.[ab]$/, "").replace(/^block\d+\./, "")
  if (part.startsWith("embedding")) return "embedding"
  if (part === "unembedding") return "head"
  return part.endsWith("Gain") ? "norms" : part.replace(/Bias$/, "")
}

/** Names the place of a weight in the network: the number of its block from 0, else `embedding`, `final` (the last norm) or `head`. */
export const layerOfWeight = (name: string): string => {
  const [, block] = /^block(\d+)\./.exec(name) ?? []
  if (block !== undefined) return block
  const kind = kindOfWeight(name)
  return kind === "norms" ? "final" : kind
}

interface Squares {
  parameters: number
  sampling: number
  decision: number
  product: number
}

/** Adds up ‖g_S‖², ‖g_D‖² and ⟨g_S, g_D⟩ of every range. `start` is the parameter that the vectors' first number is of. */
const squaresOf = (ranges: ReadonlyArray<NamedRange>, sampling: ArrayLike<number>, decision: ArrayLike<number>, start: number) =>
  ranges.map(({ name, offset, size }) => {
    const squares: Squares = { parameters: size, sampling: 0, decision: 0, product: 0 }
    for (let i = offset - start; i < offset - start + size; i++) {
      const [s, d] = [sampling[i]!, decision[i]!]
      squares.sampling += s * s
      squares.decision += d * d
      squares.product += s * d
    }
    return { name, squares }
  })

const cosineOf = ({ decision, product, sampling }: Squares): number | null =>
  sampling === 0 || decision === 0 ? null : Math.max(-1, Math.min(1, product / Math.sqrt(sampling * decision)))

/** A pair of gradients: their norms and cosine, and what each block and each kind of weight has of them. */
export interface GradientPair {
  readonly normSampling: number
  readonly normDecision: number
  readonly cosine: number | null
  readonly layers: ReadonlyArray<WeightShare>
  readonly weights: ReadonlyArray<WeightShare>
}

/**
 * Takes two gradients apart by the ranges of the parameter vector from `start` on; what lies before is not in the vectors. Squared norms are
 * summed in float64, range by range, and the whole is their sum.
 */
export const weightShares = (
  ranges: ReadonlyArray<NamedRange>,
  { decision, sampling }: { readonly sampling: ArrayLike<number>; readonly decision: ArrayLike<number> },
  start = 0
): GradientPair => {
  const found = squaresOf(ranges.filter(({ offset }) => offset >= start), sampling, decision, start)
  const summed = (nameOf: (name: string) => string): Map<string, Squares> => {
    const groups = new Map<string, Squares>()
    for (const { name, squares } of found) {
      const group = groups.get(nameOf(name)) ?? { parameters: 0, sampling: 0, decision: 0, product: 0 }
      for (const key of ["parameters", "sampling", "decision", "product"] as const) group[key] += squares[key]
      groups.set(nameOf(name), group)
    }
    return groups
  }
  const whole = summed(() => "").get("") ?? { parameters: 0, sampling: 0, decision: 0, product: 0 }
  const shares = (groups: Map<string, Squares>): ReadonlyArray<WeightShare> =>
    [...groups].map(([name, squares]) => ({
      name,
      parameters: squares.parameters,
      normSampling: Math.sqrt(squares.sampling),
      normDecision: Math.sqrt(squares.decision),
      cosine: cosineOf(squares),
      shareSampling: whole.sampling === 0 ? null : squares.sampling / whole.sampling,
      shareDecision: whole.decision === 0 ? null : squares.decision / whole.decision
    }))
  const kinds: ReadonlyArray<string> = WEIGHT_KINDS
  return {
    normSampling: Math.sqrt(whole.sampling),
    normDecision: Math.sqrt(whole.decision),
    cosine: cosineOf(whole),
    layers: shares(summed(layerOfWeight)),
    weights: shares(summed(kindOfWeight)).toSorted((a, b) => kinds.indexOf(a.name) - kinds.indexOf(b.name))
  }
}
