/**
 * The objectives that a rollouts file is attributed under, each as immediate terms and score weights of every token of one row.
 *
 * Objectives of the reward have Q: immediate terms, and the terms to come. Objectives of the loss have none: a token's weight is the
 * derivative of its own term. So for those immediate terms and score weights are one and the same. An advantage is no token's own term: it is
 * the return of the whole response. A surrogate's loss therefore has the surrogate's immediate terms, and its weights for Q.
 *
 * @module
 */
import { NOT_OWNED, TWO_STAGE } from "../../domain/Partition.ts"
import * as BatchedRecursion from "../../theory/BatchedRecursion.ts"
import * as Kl from "../../theory/Kl.ts"
import * as Objective from "../../theory/Objective.ts"
import type { AttributionRow } from "./AttributionInput.ts"

/** γ a cycle, the KL coefficient β, and DFT's constant c. */
export interface AttributionSettings {
  readonly gamma: number
  readonly beta: number
  readonly constant: number
}

/** What a row must have for an objective. */
export type Input = "advantage or score" | "ref_logprobs" | "old_logprobs" | "entropies" | "selected"

/**
 * One objective. `terms` gives immediate terms [N]; for objectives of the loss −∂loss/∂log π [N]. `paid` says of the latter whether that is the
 * token's own term (left out), or the weight that an advantage has there, which is paid at the last decision.
 */
export interface AttributedObjective {
  readonly name: string
  readonly meaning: string
  readonly source: string
  readonly needs: ReadonlyArray<Input>
  readonly placement: "reward" | "loss"
  readonly paid?: "at the end"
  readonly terms: (row: AttributionRow, settings: AttributionSettings) => Float64Array
}

const lastOwned = (owner: Uint8Array): number => owner.findLastIndex((value) => value !== NOT_OWNED)

const eachToken = ({ batch }: AttributionRow, term: (token: number) => number): Float64Array =>
  batch.logProbs.map((_, token) => (batch.owner[token] === NOT_OWNED ? 0 : term(token)))

const INPUTS: Readonly<Record<Objective.Column, Input>> = {
  advantages: "advantage or score",
  referenceLogProbs: "ref_logprobs",
  oldLogProbs: "old_logprobs",
  entropies: "entropies",
  selected: "selected"
}

/**
 * An objective of the loss, one of one's own among them. Minimised losses pull log π against their derivative; tokens of nobody carry none.
 * Rows have neither entropies nor selections: an objective that needs them is reported as lacking them.
 */
export const ofLoss = (
  { make, ...words }: {
    readonly name: string
    readonly meaning: string
    readonly source: string
    readonly paid?: "at the end"
    readonly make: (settings: AttributionSettings) => Objective.Objective
  }
): AttributedObjective => ({
  ...words,
  needs: [...new Set(Objective.needs(make({ gamma: 1, beta: 1, constant: 1 })).map(({ column }) => INPUTS[column]))],
  placement: "loss",
  terms: (row, settings) => {
    const { derivative } = Objective.evaluate(make(settings), row.batch, TWO_STAGE)
    return eachToken(row, (token) => -derivative[token]!)
  }
})

// One loss that weighs an advantage is a surrogate.
const ofLeaf = (objective: AttributedObjective): AttributedObjective =>
  objective.needs.includes("advantage or score") ? { ...objective, paid: "at the end" } : objective

const atTheEnd = ({ advantage = 0, batch }: AttributionRow): Float64Array => {
  const terms = new Float64Array(batch.owner.length)
  terms[lastOwned(batch.owner)] = advantage
  return terms
}

/** Every objective, in the order of reports. */
export const OBJECTIVES: ReadonlyArray<AttributedObjective> = [
  {
    name: "surrogate",
    meaning: "advantage at the last decision",
    source: "Theorem 3.1",
    needs: ["advantage or score"],
    placement: "reward",
    terms: atTheEnd
  },
  {
    name: "kl-reward-k1",
    meaning: "KL penalty in the reward, −β·log(π/π_ref) a token",
    source: "Theorem 3.2",
    needs: ["ref_logprobs"],
    placement: "reward",
    terms: (row, { beta }) =>
      eachToken(row, (token) => -beta * Kl.value("k1", row.batch.logProbs[token]!, row.batch.referenceLogProbs![token]!))
  },
  {
    name: "sft",
    meaning: "implicit reward 1/π a token",
    source: "Theorem D.1",
    needs: [],
    placement: "reward",
    terms: (row) => eachToken(row, (token) => Math.exp(-row.batch.logProbs[token]!))
  },
  {
    name: "dft",
    meaning: "implicit reward c a token",
    source: "Theorem D.2",
    needs: [],
    placement: "reward",
    terms: (row, { constant }) => eachToken(row, () => constant)
  },
  // Those of the loss come with their leaves.
  ...Objective.LEAVES.flatMap((kind) => (kind.attributed ?? []).map((words) => ofLeaf(ofLoss(words))))
]

const has: Readonly<Record<Input, (row: AttributionRow) => boolean>> = {
  "advantage or score": (row) => row.advantage !== undefined,
  ref_logprobs: (row) => row.batch.referenceLogProbs !== undefined,
  old_logprobs: (row) => row.batch.oldLogProbs !== undefined,
  entropies: (row) => row.batch.entropies !== undefined,
  selected: (row) => row.batch.selected !== undefined
}

/** Which inputs of an objective a row lacks. */
export const lacking = (objective: AttributedObjective, row: AttributionRow): ReadonlyArray<Input> =>
  objective.needs.filter((input) => !has[input](row))

/** The numbers of one row under one objective, each [N]: immediate terms, Q, and score weights γ^{t−1}·Q. */
export interface RowNumbers {
  readonly terms: Float64Array
  readonly q: Float64Array
  readonly weights: Float64Array
}

// The cycle of every token, 0-based: a new one begins where an answer follows a decision.
const cycleOf = (row: AttributionRow): Int32Array => {
  const cycles = new Int32Array(row.batch.owner.length)
  let cycle = -1
  row.spans.forEach((span, i) => {
    if (span.kind === "sample" && row.spans[i - 1]?.kind !== "sample") cycle++
    cycles.fill(Math.max(0, cycle), span.start, span.end)
  })
  return cycles
}

/**
 * Computes a row's numbers. In the loss Q is the token's own term: nothing that comes later is paid for. But where that weighs an advantage
 * (`paid`), it is what the token gets for the end, and the immediate terms are the surrogate's.
 */
export const rowNumbers = (objective: AttributedObjective, row: AttributionRow, settings: AttributionSettings): RowNumbers => {
  const terms = objective.terms(row, settings)
  if (objective.placement === "loss") return { terms: objective.paid === undefined ? terms : atTheEnd(row), q: terms, weights: terms }
  const q = BatchedRecursion.qValues(terms, row.batch, { gamma: settings.gamma })
  const cycles = cycleOf(row)
  return { terms, q, weights: q.map((value, token) => settings.gamma ** cycles[token]! * value) }
}
