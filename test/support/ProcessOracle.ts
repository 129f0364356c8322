/**
 * Slow, obvious computations on finite processes: every trajectory written out, every value a differentiable function of the
 * policy's logits, and a seeded run.
 */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64"
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus"
import type { Process, ProcessPolicy } from "../../src/theory/process/Process.ts"
import type { ScoredTrajectory } from "../../src/theory/ScoredTrajectory.ts"
import { type Algebra, type Differentiable, floats, logSoftmaxOf, sumOf, times } from "./Differentiable.ts"

/** A policy's logits laid end to end: every context's prefixes in key order, then the decisions. */
export const flatten = (policy: ProcessPolicy): ReadonlyArray<number> => [
  ...policy.sampling.flatMap((context) => Object.keys(context).toSorted().flatMap((prefix) => context[prefix]!)),
  ...policy.decision
]

/** The inverse of `flatten`: the shape of one policy with the values of a vector. */
export const unflatten = <T>(
  shape: ProcessPolicy,
  values: ReadonlyArray<T>
): { readonly sampling: ReadonlyArray<Readonly<Record<string, ReadonlyArray<T>>>>; readonly decision: ReadonlyArray<T> } => {
  let taken = 0
  const take = (count: number): ReadonlyArray<T> => {
    taken += count
    return values.slice(taken - count, taken)
  }
  return {
    sampling: shape.sampling.map((context) =>
      Object.fromEntries(Object.keys(context).toSorted().map((prefix) => [prefix, take(context[prefix]!.length)]))
    ),
    decision: take(shape.decision.length)
  }
}

/** The process with another policy, given as a vector. */
export const withPolicy = (process: Process, values: ArrayLike<number>): Process => ({
  ...process,
  policy: unflatten(process.policy, Array.from(values))
})

interface LogProbs<T> {
  readonly tokens: ReadonlyArray<ReadonlyArray<ReadonlyArray<T>>>
  readonly stop: ReadonlyArray<T>
  readonly resample: ReadonlyArray<T>
}

/** log π of each token of each answer in each context, and of both decisions, walking every answer token by token. */
const logProbsOf = <T>(algebra: Algebra<T>, process: Process, policy: ReturnType<typeof unflatten<T>>): LogProbs<T> => {
  const options = (prefix: ReadonlyArray<number>): ReadonlyArray<number> => {
    const following = process.answers.filter(
      ({ tokens }) => tokens.length > prefix.length && prefix.every((token, at) => tokens[at] === token)
    )
    return [...new Set(following.map(({ tokens }) => tokens[prefix.length]!))].toSorted((left, right) => left - right)
  }
  return {
    tokens: policy.sampling.map((context) =>
      process.answers.map(({ tokens }) =>
        tokens.map((token, at) => {
          const prefix = tokens.slice(0, at)
          return logSoftmaxOf(algebra, context[prefix.join(",")]!)[options(prefix).indexOf(token)]!
        })
      )
    ),
    stop: policy.decision.map((logit) => logSoftmaxOf(algebra, [logit, algebra.constant(0)])[0]!),
    resample: policy.decision.map((logit) => logSoftmaxOf(algebra, [logit, algebra.constant(0)])[1]!)
  }
}

/** Which expected value of a process to compute. */
export type Value = "return" | "klPenalty"

/**
 * E[γ^{T−1} R] or the expected KL penalty up to a cap, as a function of `flatten(policy)`: V of every context at every cycle
 * by the definition of the process, penalties differentiated too.
 */
export const cappedValue =
  (process: Process, value: Value, maxCycles: number): Differentiable => <T>(algebra: Algebra<T>, parameters: ReadonlyArray<T>): T => {
    const own = logProbsOf(algebra, process, unflatten(process.policy, parameters))
    const constants = flatten(process.reference).map(algebra.constant)
    const reference = logProbsOf(algebra, process, unflatten(process.reference, constants))
    const zero = algebra.constant(0)
    const penalty = (logProb: T, referenceLogProb: T): T =>
      value === "return" ? zero : times(algebra, -process.beta, algebra.subtract(logProb, referenceLogProb))
    const worthOf = (answer: number): T => algebra.constant(value === "return" && process.answers[answer]!.correct ? 1 : 0)
    // What does not change from cycle to cycle is computed once.
    const sampled = own.tokens.map((answers) => answers.map((tokens) => algebra.exp(sumOf(algebra, tokens))))
    const sampledTerms = own.tokens.map((answers, context) =>
      answers.map((tokens, answer) =>
        sumOf(algebra, tokens.map((logProb, at) => penalty(logProb, reference.tokens[context]![answer]![at]!)))
      )
    )
    const stopped = own.stop.map((logProb, answer) => {
      const term = algebra.add(worthOf(answer), penalty(logProb, reference.stop[answer]!))
      return algebra.multiply(algebra.exp(logProb), term)
    })
    const resample = own.resample.map(algebra.exp)
    const resampleTerms = own.resample.map((logProb, answer) => penalty(logProb, reference.resample[answer]!))
    let next: ReadonlyArray<T> = own.tokens.map(() => zero)
    for (let cycle = 0; cycle < maxCycles; cycle++) {
      const decided = process.answers.map((_, answer) => {
        const goingOn = algebra.add(resampleTerms[answer]!, times(algebra, process.gamma, next[answer + 1]!))
        return algebra.add(stopped[answer]!, algebra.multiply(resample[answer]!, goingOn))
      })
      next = sampled.map((probabilities, context) =>
        sumOf(
          algebra,
          probabilities.map((probability, answer) =>
            algebra.multiply(probability, algebra.add(sampledTerms[context]![answer]!, decided[answer]!))
          )
        )
      )
    }
    return next[0]!
  }

/** One trajectory of a process: its answers with the decision on each, scored, and its probability. */
export interface ProcessTrajectory {
  readonly probability: number
  readonly answers: ReadonlyArray<number>
  readonly stopped: boolean
  readonly scored: ScoredTrajectory
}

/** Lists every trajectory of at most `maxCycles` cycles; the last RESAMPLE is a truncation. */
export const enumerateProcessTrajectories = (process: Process, maxCycles: number): ReadonlyArray<ProcessTrajectory> => {
  const own = logProbsOf(floats, process, process.policy)
  const reference = logProbsOf(floats, process, process.reference)
  const sum = (values: ReadonlyArray<number>): number => values.reduce((total, value) => total + value, 0)
  const extend = (before: ProcessTrajectory): ReadonlyArray<ProcessTrajectory> => {
    if (before.stopped || before.answers.length === maxCycles) return [before]
    const context = (before.answers.at(-1) ?? -1) + 1
    return process.answers.flatMap((_, answer) =>
      (["STOP", "RESAMPLE"] as const).flatMap((decision) => {
        const table = decision === "STOP" ? "stop" : "resample"
        const attempt = {
          tokenLogProbs: own.tokens[context]![answer]!,
          referenceTokenLogProbs: reference.tokens[context]![answer]!,
          decision,
          decisionLogProb: own[table][answer]!,
          referenceDecisionLogProb: reference[table][answer]!
        }
        return extend({
          probability: before.probability * Math.exp(sum(attempt.tokenLogProbs) + attempt.decisionLogProb),
          answers: [...before.answers, answer],
          stopped: decision === "STOP",
          scored: { attempts: [...before.scored.attempts, attempt] }
        })
      })
    )
  }
  return extend({ probability: 1, answers: [], stopped: false, scored: { attempts: [] } })
}

/** Runs the process from a seed; each run is the list of its answers, cut at `maxCycles`. */
export const simulateProcess = (
  process: Process,
  options: { readonly count: number; readonly seed: number; readonly maxCycles: number }
): ReadonlyArray<ReadonlyArray<number>> => {
  const generator = xoroshiro128plus(options.seed)
  const own = logProbsOf(floats, process, process.policy)
  const draw = (logProbs: ReadonlyArray<number>): number => {
    let left = uniformFloat64(generator)
    const found = logProbs.findIndex((logProb) => (left -= Math.exp(logProb)) < 0)
    return found < 0 ? logProbs.length - 1 : found
  }
  return Array.from({ length: options.count }, () => {
    const answers: Array<number> = []
    let goesOn = true
    while (goesOn && answers.length < options.maxCycles) {
      const context = (answers.at(-1) ?? -1) + 1
      const logProbs = own.tokens[context]!.map((tokens) => tokens.reduce((sum, each) => sum + each, 0))
      const answer = draw(logProbs)
      answers.push(answer)
      goesOn = draw([own.stop[answer]!, own.resample[answer]!]) === 1
    }
    return answers
  })
}
