/**
 * A loss of one's own: ℓ(log π, columns) of a token with its derivative, as a leaf like any other.
 *
 * It is trained as the linear loss ∂ℓ/∂log π · log π + ∂ℓ/∂H · H with both slopes held constant, which has the gradient of ℓ:
 * ∇ℓ = ∂ℓ/∂log π ∇log π + ∂ℓ/∂H ∇H. The loss that is reported is ℓ itself. Both are evaluated in float64 on the host.
 *
 * @module
 */
import { TheoryError } from "../TheoryError.ts"
import { type Column, eachToken, type LeafKind, type Term } from "./Leaf.ts"

const FIELDS = {
  advantages: "advantage",
  oldLogProbs: "oldLogProb",
  referenceLogProbs: "referenceLogProb",
  entropies: "entropy",
  selected: "selected"
} as const

/** What a loss of one's own sees of a token: log π (nats) and one number of each column that it needs. */
export type CustomToken<N extends Column = never> = { readonly logProb: number } & { readonly [C in N as (typeof FIELDS)[C]]: number }

/** Where a loss of one's own can be loaded from: a module and the name of the export that builds the leaf from its settings. */
export interface LeafModule {
  readonly url: string
  readonly name: string
}

/** A leaf of one's own. It holds a function, so it is plain data only up to that; `module` says how another thread can build it. */
export interface Custom {
  readonly _tag: "Custom"
  readonly name: string
  readonly needs: ReadonlyArray<Column>
  readonly settings: unknown
  readonly evaluate: (token: CustomToken<Column>, settings: never) => Term
  readonly module?: LeafModule
}

/**
 * Builds a leaf of one's own.
 *
 * `evaluate` gives a token's loss and its derivative in log π, everything else held constant, and with `needs: ["entropies"]` also in
 * the entropy. `name` is fit for a metric. `settings` is plain data that `evaluate` gets too. With `module` worker threads can build the
 * leaf: they call the export of that name with the settings.
 *
 *   custom({ name: "power", settings: { q: 0.5 },
 *     evaluate: ({ logProb }, { q }) => ({ loss: (1 - Math.exp(q * logProb)) / q, derivative: -Math.exp(q * logProb) }) })
 */
export const custom = <const N extends Column = never, S = undefined>(options: {
  readonly name: string
  readonly needs?: ReadonlyArray<N>
  readonly evaluate: (token: CustomToken<N>, settings: S) => Term
  readonly settings?: S
  readonly module?: LeafModule
}): Custom => ({
  _tag: "Custom",
  name: options.name,
  needs: options.needs ?? [],
  settings: options.settings,
  // A batch is asked for the needed columns before the function sees a token.
  evaluate: options.evaluate as Custom["evaluate"],
  ...(options.module === undefined ? {} : { module: options.module })
})

/**
 * Throws for a loss or a derivative that is no finite number at a log-probability that is one: in the gradient, where it would be found,
 * nobody knows the leaf any more.
 */
const assertTerm = ({ name }: Custom, logProb: number, { derivative, entropyDerivative = 0, loss }: Term, index: number): void => {
  if (!Number.isFinite(logProb) || (Number.isFinite(loss) && Number.isFinite(derivative) && Number.isFinite(entropyDerivative))) return
  const [field, value] = Object.entries({ loss, derivative, entropyDerivative }).find(([, each]) => !Number.isFinite(each))!
  throw new TheoryError("Objective.evaluate", { _tag: "NonFinite", what: `${field} of "${name}"`, index, value })
}

/** A leaf of one's own as a kind of leaf. */
export const customLeaf: LeafKind<Custom> = {
  tag: "Custom",
  name: ({ name }) => name,
  needs: ({ name, needs }) => needs.map((column) => ({ column, neededBy: `"${name}"` })),
  evaluate: (leaf, batch) => {
    if (typeof leaf.evaluate !== "function") {
      throw new TheoryError("Objective.evaluate", { _tag: "MissingInput", what: "its function evaluate", neededBy: `"${leaf.name}"` })
    }
    return eachToken(batch, (token) => {
      const columns = Object.fromEntries(leaf.needs.map((column) => [FIELDS[column], batch[column]![token]!]))
      const term = leaf.evaluate({ logProb: batch.logProbs[token]!, ...columns } as CustomToken<Column>, leaf.settings as never)
      assertTerm(leaf, batch.logProbs[token]!, term, token)
      if ((term.entropyDerivative ?? 0) !== 0 && !leaf.needs.includes("entropies")) {
        const neededBy = `"${leaf.name}", which gives an entropyDerivative,`
        throw new TheoryError("Objective.evaluate", { _tag: "MissingInput", what: `"entropies" among its needs`, neededBy })
      }
      return term
    })
  },
  readsValues: true,
  tensor: (algebra, leaf, frame) => {
    const { derivative, entropyDerivative, loss } = frame.evaluation()
    const along = algebra.multiply(algebra.constant(Float32Array.from(derivative)), frame.logProbs)
    const carrier = leaf.needs.includes("entropies")
      ? algebra.add(along, algebra.multiply(algebra.constant(Float32Array.from(entropyDerivative)), frame.entropies()))
      : along
    return algebra.withDerivativeOf(algebra.constant(Float32Array.from(loss)), carrier)
  }
}
