/**
 * Finite two-stage processes as data: every answer a token sequence, every policy a table of logits.
 *
 * A process is small enough to solve exactly, so it is the ground on which the theory's statements in expectation are
 * checked. The policy is Markov in the last answer: context 0 is the query, context k + 1 "the previous answer was k".
 * Source: this paper, section 3.1, for finitely many answers.
 *
 * @module
 */

/** A possible answer: its token ids, at least one, no answer a prefix of another, and whether it is correct. */
export interface ProcessAnswer {
  readonly tokens: ReadonlyArray<number>
  readonly correct: boolean
}

/**
 * The logits of the next token after each prefix of an answer.
 *
 * The key is the prefix's token ids joined by ",", "" for none; the value has one logit for each token that can follow, in
 * ascending order of token id. The policy is the softmax over those tokens only.
 */
export type PrefixLogits = Readonly<Record<string, ReadonlyArray<number>>>

/** A policy as logits: `sampling[c]` of context c (n + 1 of them), `decision[k]` of STOP at answer k (n, sigmoid). */
export interface ProcessPolicy {
  readonly sampling: ReadonlyArray<PrefixLogits>
  readonly decision: ReadonlyArray<number>
}

/**
 * A finite two-stage process with n answers.
 *
 * `gamma` ∈ [0, 1] discounts once a RESAMPLE; `beta` ≥ 0 is the coefficient of the KL penalty in the reward against
 * `reference`; `maxCycles` is the cap of the capped results.
 */
export interface Process {
  readonly id?: string
  readonly gamma: number
  readonly beta: number
  readonly maxCycles: number
  readonly answers: ReadonlyArray<ProcessAnswer>
  readonly policy: ProcessPolicy
  readonly reference: ProcessPolicy
}

/** One choice of the next token: the prefix, the tokens that can follow, ascending, and the answers that begin with each. */
export interface PrefixNode {
  readonly prefix: string
  readonly tokens: ReadonlyArray<number>
  readonly answersBelow: ReadonlyArray<ReadonlyArray<number>>
}

const isPrefix = (prefix: ReadonlyArray<number>, of: ReadonlyArray<number>): boolean =>
  prefix.length <= of.length && prefix.every((token, position) => token === of[position])

/** Finds two answers of which one is a prefix of the other, equal ones included; undefined where there are none. */
export const overlappingAnswers = (
  answers: ReadonlyArray<ProcessAnswer>
): { readonly shorter: number; readonly longer: number } | undefined => {
  for (const [shorter, answer] of answers.entries()) {
    const longer = answers.findIndex((other, index) => index !== shorter && isPrefix(answer.tokens, other.tokens))
    if (longer >= 0) return { shorter, longer }
  }
  return undefined
}

/**
 * Lists the choices of which answers are made, the root "" first, shorter prefixes before longer ones.
 *
 * Every policy of the process has logits for exactly these prefixes.
 */
export const prefixNodes = (answers: ReadonlyArray<ProcessAnswer>): ReadonlyArray<PrefixNode> => {
  const below = new Map<string, Map<number, Array<number>>>()
  const longest = Math.max(...answers.map((answer) => answer.tokens.length))
  for (let position = 0; position < longest; position++) {
    for (const [index, { tokens }] of answers.entries()) {
      const token = tokens[position]
      if (token === undefined) continue
      const prefix = tokens.slice(0, position).join(",")
      const next = below.get(prefix) ?? new Map<number, Array<number>>()
      next.set(token, [...(next.get(token) ?? []), index])
      below.set(prefix, next)
    }
  }
  return [...below].map(([prefix, next]) => {
    const ordered = [...next].toSorted(([left], [right]) => left - right)
    return { prefix, tokens: ordered.map(([token]) => token), answersBelow: ordered.map(([, answers]) => answers) }
  })
}
