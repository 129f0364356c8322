/**
 * A finite process as probability tables: what its logits mean, action by action.
 *
 * @module
 */
import { logSigmoid, logSoftmax } from "../LogSpace.ts"
import { type PrefixLogits, type PrefixNode, prefixNodes, type Process, type ProcessPolicy } from "./Process.ts"

/**
 * Probabilities of a process with n answers, in contexts 0 … n (0 the query, k + 1 after answer k).
 *
 * - `sampling[c][k]`: π_S(answer k | context c), a product over its tokens; each row sums to 1.
 * - `stop[k]`, `resample[k]`: π_D(STOP | k) and its complement, exact also where the other rounds to 1.
 * - `tokenProbability[c].get(prefix)`: the next token's probabilities, in ascending order of token id.
 */
export interface ProcessTables {
  readonly process: Process
  readonly nodes: ReadonlyArray<PrefixNode>
  readonly sampling: ReadonlyArray<ReadonlyArray<number>>
  readonly stop: ReadonlyArray<number>
  readonly resample: ReadonlyArray<number>
  readonly tokenProbability: ReadonlyArray<ReadonlyMap<string, ReadonlyArray<number>>>
}

/**
 * A number for every action of a process: `sampling[c][k]` for answering k in context c, `stop[k]` and `resample[k]` for the
 * decision on answer k. Units: those of the reward.
 */
export interface ActionValues {
  readonly sampling: ReadonlyArray<ReadonlyArray<number>>
  readonly stop: ReadonlyArray<number>
  readonly resample: ReadonlyArray<number>
}

/** Sums log-probabilities along each answer's tokens. */
const answerLogProbs = (process: Process, nodes: ReadonlyArray<PrefixNode>, logits: PrefixLogits): ReadonlyArray<number> => {
  const logProbs = process.answers.map(() => 0)
  for (const { answersBelow, prefix } of nodes) {
    const next = logSoftmax(logits[prefix]!)
    for (const [choice, answers] of answersBelow.entries()) {
      for (const answer of answers) logProbs[answer]! += next[choice]!
    }
  }
  return logProbs
}

/** Computes a process's probability tables. Takes O(contexts · Σ tokens). Domain: a process as `parseProcess` gives it. */
export const processTables = (process: Process): ProcessTables => {
  const nodes = prefixNodes(process.answers)
  const { decision, sampling } = process.policy
  return {
    process,
    nodes,
    sampling: sampling.map((logits) => answerLogProbs(process, nodes, logits).map(Math.exp)),
    stop: decision.map((logit) => Math.exp(logSigmoid(logit))),
    resample: decision.map((logit) => Math.exp(logSigmoid(-logit))),
    tokenProbability: sampling.map(
      (logits) => new Map(nodes.map(({ prefix }) => [prefix, Array.from(logSoftmax(logits[prefix]!), Math.exp)]))
    )
  }
}

/** Gives the immediate terms of the 0/1 reward: 1 at STOP on a correct answer, 0 elsewhere. Source: this paper, A.3. */
export const returnTerms = ({ process }: ProcessTables): ActionValues => ({
  sampling: process.policy.sampling.map(() => process.answers.map(() => 0)),
  stop: process.answers.map((answer) => (answer.correct ? 1 : 0)),
  resample: process.answers.map(() => 0)
})

/** Gives 1 for every answer sampled: the values of these terms at γ = 1 count cycles. */
export const cycleTerms = ({ process }: ProcessTables): ActionValues => ({
  sampling: process.policy.sampling.map(() => process.answers.map(() => 1)),
  stop: process.answers.map(() => 0),
  resample: process.answers.map(() => 0)
})

const actionLogProbs = ({ nodes, process }: ProcessTables, policy: ProcessPolicy): ActionValues => ({
  sampling: policy.sampling.map((logits) => answerLogProbs(process, nodes, logits)),
  stop: policy.decision.map(logSigmoid),
  resample: policy.decision.map((logit) => logSigmoid(-logit))
})

/**
 * Computes the immediate terms of the KL penalty: −β·Σ_j log(π/π_ref)(y_j) for an answer, −β·log(π_D/π_D,ref) for a decision.
 *
 * Source: this paper, eq. 11.
 */
export const klTerms = (tables: ProcessTables): ActionValues => {
  const { beta, policy, reference } = tables.process
  const own = actionLogProbs(tables, policy)
  const other = actionLogProbs(tables, reference)
  const penalties = (left: ReadonlyArray<number>, right: ReadonlyArray<number>): ReadonlyArray<number> =>
    left.map((logProb, index) => -beta * (logProb - right[index]!))
  return {
    sampling: own.sampling.map((row, context) => penalties(row, other.sampling[context]!)),
    stop: penalties(own.stop, other.stop),
    resample: penalties(own.resample, other.resample)
  }
}

/** Computes Σ_k π_S(k|c)·value(k): the mean over answers in one context. */
export const meanOverAnswers = (tables: ProcessTables, context: number, value: (answer: number) => number): number =>
  tables.sampling[context]!.reduce((sum, probability, answer) => sum + probability * value(answer), 0)
