/**
 * Tables over a trajectory, and the two ways from immediate terms to Q.
 *
 * Every objective of the theory is a choice of immediate terms r, held constant; its Q is the discounted sum of the terms to
 * come. `backward` computes it by Bellman's recursion, `forward` by the sum written out: two computations for one number.
 *
 * @module
 */

/**
 * A number for every cycle t, 0-based, and token j of a trajectory.
 *
 * - `tokens[t][j]`: of token j of answer t.
 * - `sampling[t]`: of answer t as one action.
 * - `decision[t]`: of the decision on answer t.
 */
export interface QTable {
  readonly sampling: ReadonlyArray<number>
  readonly decision: ReadonlyArray<number>
  readonly tokens: ReadonlyArray<ReadonlyArray<number>>
}

const sum = (values: ReadonlyArray<number>): number => values.reduce((total, value) => total + value, 0)

/** Makes a table of immediate terms; an answer's term is the sum of its tokens' terms. */
export const immediateTerms = (
  tokens: ReadonlyArray<ReadonlyArray<number>>,
  decision: ReadonlyArray<number>
): QTable => ({ sampling: tokens.map(sum), decision, tokens })

/**
 * Computes Q by recursion from the last decision backwards:
 *
 *   Q_D(T) = r_D(T);  Q(t,j) = r(t,j) + Q(t,j+1), with Q_D(t) after the last token;  Q_D(t) = r_D(t) + γ·Q(t+1,1)
 *
 * and Q_S(t) = Q(t,1). γ applies once a cycle. Source: this paper, eq. 12-14, 18-24, 30-35.
 */
export const backward = (immediate: QTable, gamma: number): QTable => {
  const { length } = immediate.decision
  const sampling = Array.from({ length }, () => 0)
  const decision = Array.from({ length }, () => 0)
  const tokens: Array<ReadonlyArray<number>> = Array.from({ length }, () => [])
  let nextSampling = 0
  for (let cycle = length - 1; cycle >= 0; cycle--) {
    const decisionQ = immediate.decision[cycle]! + gamma * nextSampling
    let next = decisionQ
    const row = immediate.tokens[cycle]!.toReversed().map((term) => {
      next = term + next
      return next
    })
    nextSampling = next
    decision[cycle] = decisionQ
    sampling[cycle] = nextSampling
    tokens[cycle] = row.toReversed()
  }
  return { sampling, decision, tokens }
}

/** Gives what each entry and all later ones add up to, Σ_{k≥i} γ^{k−i}·values[k], from the end by Horner's rule. */
export const tailSums = (values: ReadonlyArray<number>, gamma: number = 1): ReadonlyArray<number> => {
  const tails = Array.from(values)
  for (let index = tails.length - 2; index >= 0; index--) tails[index]! += gamma * tails[index + 1]!
  return tails
}

/**
 * Computes Q by its closed sum, whole cycles first:
 *
 *   Q_D(t) = r_D(t) + Σ_{k>t} γ^{k−t}·(Σ_j r(k,j) + r_D(k));  Q(t,j) = Σ_{i≥j} r(t,i) + Q_D(t);  Q_S(t) = Q(t,1)
 *
 * Linear in the trajectory's length. `backward` goes token by token instead, through the decisions; the two check each other.
 */
export const forward = (immediate: QTable, gamma: number): QTable => {
  const answer = immediate.tokens.map(sum)
  const toCome = tailSums(answer.map((total, cycle) => total + immediate.decision[cycle]!), gamma)
  const decision = immediate.decision.map((term, cycle) => term + gamma * (toCome[cycle + 1] ?? 0))
  const tokens = immediate.tokens.map((row, cycle) => tailSums(row).map((total) => total + decision[cycle]!))
  return { sampling: answer.map((total, cycle) => total + decision[cycle]!), decision, tokens }
}

/**
 * Turns Q into the weights of ∇log π in the policy gradient: γ^{t−1}·Q, cycles t counted from 1.
 *
 * Weigh a token's score by `tokens[t][j]` (token level) or all scores of answer t by `sampling[t]` (action level), and a
 * decision's by `decision[t]`. Both levels have the same expectation. Source: this paper, Lemma 2 and eq. 5.
 */
export const discountedScoreWeights = (q: QTable, gamma: number): QTable => ({
  sampling: q.sampling.map((value, cycle) => gamma ** cycle * value),
  decision: q.decision.map((value, cycle) => gamma ** cycle * value),
  tokens: q.tokens.map((row, cycle) => row.map((value) => gamma ** cycle * value))
})

/**
 * Lays a table out in token order, each answer's tokens and then its decision: [Σ (L_t + 1)].
 *
 * `level: "token"` (default) gives answer tokens `tokens[t][j]`; `"action"` repeats `sampling[t]` on them. The order is that of
 * `toTokenBatch`.
 */
export const inTokenOrder = (table: QTable, level: "token" | "action" = "token"): Float64Array =>
  Float64Array.from(
    table.tokens.flatMap((row, cycle) => [
      ...row.map((value) => (level === "token" ? value : table.sampling[cycle]!)),
      table.decision[cycle]!
    ])
  )
