/**
 * An objective as a value: plain immutable data that combines by `add`, `scale` and `restrict`.
 *
 * A leaf is a loss per token (minimised) on the log-probabilities of a `TokenBatch`, or, the entropy bonus, on its
 * entropies; how tokens are weighted together is the aggregation's business (`Aggregate`). Objectives survive `JSON.stringify` and structured clone, so they cross
 * worker boundaries and live in configuration files.
 *
 * @module
 */
import type { ClipRange, Column, Evaluation, LeafKind, Need } from "./objective/Leaf.ts"
import { kindOf, type Leaf, LEAVES } from "./objective/Leaves.ts"
import { ownerOf, type Partition } from "./Partition.ts"
import type { TokenBatch } from "./TokenBatch.ts"
import { assertRange, TheoryError } from "./TheoryError.ts"

export * from "./objective/Leaves.ts"
export type { Attributed, ClipRange, Column, Evaluation, LeafKind, Need, Term } from "./objective/Leaf.ts"
export type { Frame, TensorAlgebra } from "./objective/TensorAlgebra.ts"

/** An objective: a leaf, a sum, a multiple, or another one restricted to the tokens of some sub-policies. */
export type Objective =
  | Leaf
  | { readonly _tag: "Sum"; readonly parts: ReadonlyArray<Objective> }
  | { readonly _tag: "Scale"; readonly factor: number; readonly objective: Objective }
  | { readonly _tag: "Restrict"; readonly owners: ReadonlyArray<string>; readonly objective: Objective }

/** Adds two objectives: `add(that)(self)` or `add(self, that)`. Sums stay flat. */
export function add(that: Objective): (self: Objective) => Objective
export function add(self: Objective, that: Objective): Objective
export function add(first: Objective, second?: Objective) {
  const terms = (objective: Objective) => (objective._tag === "Sum" ? objective.parts : [objective])
  const sum = (self: Objective, that: Objective): Objective => ({ _tag: "Sum", parts: [...terms(self), ...terms(that)] })
  return second === undefined ? (self: Objective) => sum(self, first) : sum(first, second)
}

/** Multiplies an objective: `scale(factor)(self)` or `scale(self, factor)`. */
export function scale(factor: number): (self: Objective) => Objective
export function scale(self: Objective, factor: number): Objective
export function scale(...args: readonly [number] | readonly [Objective, number]) {
  const scaled = (objective: Objective, factor: number): Objective => ({ _tag: "Scale", factor, objective })
  if (args.length === 2) return scaled(args[0], args[1])
  return (self: Objective) => scaled(self, args[0])
}

/**
 * Keeps the loss and the gradient of the named sub-policies' tokens and drops the others':
 * `restrict("decision")(self)` or `restrict(self, ["decision"])`.
 *
 * Denominators do not change, so the restrictions to all sub-policies of a partition sum to the whole, exactly, in loss and
 * in derivative. A sequence ratio stays that of the whole sequence.
 */
export function restrict(owners: string | ReadonlyArray<string>): (self: Objective) => Objective
export function restrict(self: Objective, owners: string | ReadonlyArray<string>): Objective
export function restrict(
  ...args: readonly [string | ReadonlyArray<string>] | readonly [Objective, string | ReadonlyArray<string>]
) {
  const restricted = (objective: Objective, owners: string | ReadonlyArray<string>): Objective => ({
    _tag: "Restrict",
    owners: typeof owners === "string" ? [owners] : [...owners],
    objective
  })
  if (args.length === 2) return restricted(args[0], args[1])
  return (self: Objective) => restricted(self, args[0])
}

/**
 * One leaf of an objective with what is around it.
 *
 * `name` is unique in the objective and fit for a metric ("surrogate", "kl-k3", "nll", "dft", "entropy", a repeated one numbered);
 * `path` is where the leaf is in the data; `factor` the product of the scales above it; `owners` the sub-policies that every
 * restriction above it leaves, null without one; `objective` the leaf with both applied: the parts' sum is the whole.
 */
export interface Part {
  readonly name: string
  readonly path: string
  readonly factor: number
  readonly owners: ReadonlyArray<string> | null
  readonly leaf: Leaf
  readonly objective: Objective
}

const COMBINATIONS = ["Sum", "Scale", "Restrict"]

const isRecord = (node: unknown): node is object => typeof node === "object" && node !== null

/** The kind of a leaf at a place of an objective. Errors: `UnknownObjective` for what is no objective at all. */
const kindAt = (where: string, node: Objective, path: string): LeafKind<Leaf> => {
  const tag: unknown = isRecord(node) ? node._tag : node
  const kind = typeof tag === "string" ? kindOf(tag) : undefined
  if (kind !== undefined) return kind
  const known = [...LEAVES.map((each) => each.tag), ...COMBINATIONS]
  throw new TheoryError(where, { _tag: "UnknownObjective", tag: String(tag), path, known })
}

/** The kind of a leaf. Errors: `UnknownObjective`. */
export const leafKind = (leaf: Leaf): LeafKind<Leaf> => kindAt("Objective.leafKind", leaf, "objective")

/** Lists the leaves of an objective in reading order, so that a trainer can report each one. Errors: `UnknownObjective`. */
export const parts = (objective: Objective): ReadonlyArray<Part> => {
  const found: Array<Part> = []
  const visit = (node: Objective, path: string, factor: number, owners: ReadonlyArray<string> | null): void => {
    switch (node?._tag) {
      case "Sum":
        return node.parts.forEach((part, index) => visit(part, `${path}.parts[${index}]`, factor, owners))
      case "Scale":
        return visit(node.objective, `${path}.objective`, factor * node.factor, owners)
      case "Restrict": {
        const left = owners === null ? node.owners : node.owners.filter((owner) => owners.includes(owner))
        return visit(node.objective, `${path}.objective`, factor, left)
      }
      default: {
        const base = [kindAt("Objective.parts", node, path).name(node), ...(owners ?? [])].join("-")
        const seen = found.filter(({ name }) => name === base || name.startsWith(`${base}#`)).length
        const name = seen === 0 ? base : `${base}#${seen + 1}`
        const kept = owners === null ? node : restrict(node, owners)
        found.push({ name, path, factor, owners, leaf: node, objective: factor === 1 ? kept : scale(kept, factor) })
      }
    }
  }
  visit(objective, "objective", 1, null)
  return found
}

/** Lists the columns that an objective needs, each once for every leaf that needs it, with what needs it. Errors: `UnknownObjective`. */
export const needs = (objective: Objective): ReadonlyArray<Need> => parts(objective).flatMap(({ leaf }) => leafKind(leaf).needs(leaf))

/** Says whether an objective needs entropies: whether its loss depends on more than the probability of what was taken. */
export const readsEntropies = (objective: Objective): boolean => needs(objective).some(({ column }) => column === "entropies")

/** Says whether a leaf of an objective is evaluated on the host, at the policy's numbers: `custom` is. */
export const readsValues = (objective: Objective): boolean => parts(objective).some(({ leaf }) => leafKind(leaf).readsValues === true)

/** Says whether an objective needs tokens selected beforehand: see `select`. */
export const readsSelection = (objective: Objective): boolean => needs(objective).some(({ column }) => column === "selected")

/**
 * Computes the column `selected` of a batch for the leaf that selects tokens: Clip-Cov and KL-Cov. Call it with the whole mini-batch at the policy's
 * log-probabilities, before it is split; a selection is held constant.
 *
 * Shapes: [N] columns → [N] of 0 and 1. Errors: `MissingInput`, `OutOfRange` (no leaf that selects, or two: one column serves one), `UnknownObjective`.
 */
export const select = (objective: Objective, batch: TokenBatch, seed: number): Float64Array => {
  const selecting = parts(objective).filter(({ leaf }) => leafKind(leaf).select !== undefined)
  assertRange("Objective.select", "leaves that select tokens", selecting.length, selecting.length === 1, "[1, 1]")
  const { leaf } = selecting[0]!
  return leafKind(leaf).select!(leaf, batch, seed)
}

/** The clip bounds of the first leaf that clips each token's ratio; null where none does. */
export const clipRange = (objective: Objective): ClipRange | null =>
  parts(objective).map(({ leaf }) => leafKind(leaf).clipRange?.(leaf) ?? null).find((range) => range !== null) ?? null

/** Checks that the named columns are there. Errors: `MissingInput`, which names the column and what needs it. */
export const assertNeeds = (where: string, needed: ReadonlyArray<Need>, columns: { readonly [C in Column]?: unknown }): void => {
  for (const { column, neededBy } of needed) {
    if (columns[column] === undefined) throw new TheoryError(where, { _tag: "MissingInput", what: column, neededBy })
  }
}

/** Checks that a partition has the sub-policies that an objective is restricted to. Errors: `UnknownOwner`, `UnknownObjective`. */
export const assertOwners = (objective: Objective, partition: Partition): void => {
  parts(objective)
  const visit = (node: Objective): void => {
    if (node._tag === "Restrict") node.owners.forEach((owner) => ownerOf(partition, owner))
    if (node._tag === "Sum") node.parts.forEach(visit)
    if (node._tag === "Scale" || node._tag === "Restrict") visit(node.objective)
  }
  visit(objective)
}

const mapEvaluation = (whole: Evaluation, change: (value: number, token: number) => number): Evaluation => ({
  loss: whole.loss.map(change),
  derivative: whole.derivative.map(change),
  entropyDerivative: whole.entropyDerivative.map(change)
})

/**
 * Computes an objective's loss for every token and its derivatives in log π of that token and in the entropy it was taken at.
 *
 * Old and reference log-probabilities, advantages and DFT's weight are fixed. For all leaves but the sequence ratio
 * loss_t depends on log π_t alone, and `derivative[t]` = ∂loss_t/∂log π_t; for the sequence ratio it is
 * ∂(Σ loss over the sequence)/∂log π_t. So with aggregation weights w_t, constant on a sequence, the gradient of Σ w_t loss_t
 * is Σ w_t (derivative_t ∇log π_t + entropyDerivative_t ∇H_t). The second sum is an entropy bonus's; ∇H_t is no function of
 * ∇log π_t of the taken token, `entropyGradient` gives it. Straight-through KL has the derivative of k2 instead of its loss's.
 *
 * Shapes: [N] columns → [N] each. Errors: `MissingInput`, `UnknownOwner`, `UnknownObjective`.
 */
export const evaluate = (objective: Objective, batch: TokenBatch, partition: Partition): Evaluation =>
  evaluateAt(objective, "objective", batch, partition)

const evaluateAt = (objective: Objective, path: string, batch: TokenBatch, partition: Partition): Evaluation => {
  switch (objective?._tag) {
    case "Sum": {
      const zeros = () => new Float64Array(batch.logProbs.length)
      const sum: Evaluation = { loss: zeros(), derivative: zeros(), entropyDerivative: zeros() }
      objective.parts.forEach((part, index) => {
        const term = evaluateAt(part, `${path}.parts[${index}]`, batch, partition)
        for (let token = 0; token < sum.loss.length; token++) {
          sum.loss[token]! += term.loss[token]!
          sum.derivative[token]! += term.derivative[token]!
          sum.entropyDerivative[token]! += term.entropyDerivative[token]!
        }
      })
      return sum
    }
    case "Scale": {
      const whole = evaluateAt(objective.objective, `${path}.objective`, batch, partition)
      const times = (value: number) => objective.factor * value
      return mapEvaluation(whole, times)
    }
    case "Restrict": {
      const kept = new Set(objective.owners.map((name) => ownerOf(partition, name)))
      const whole = evaluateAt(objective.objective, `${path}.objective`, batch, partition)
      const keep = (value: number, token: number) => (kept.has(batch.owner[token]!) ? value : 0)
      return mapEvaluation(whole, keep)
    }
    default: {
      const kind = kindAt("Objective.evaluate", objective, path)
      assertNeeds("Objective.evaluate", kind.needs(objective), batch)
      return kind.evaluate(objective, batch)
    }
  }
}
