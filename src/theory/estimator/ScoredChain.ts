/**
 * A two-stage process as a Markov chain whose branches carry scores: what a policy-gradient estimator adds up.
 *
 * A branch is one cycle, an answer with the decision on it: its probability, the immediate terms r_S and r_D, the scores ∇log π of both
 * actions in the parameters' coordinates, and the state that follows. Finite processes and the three-logit model are such chains, with
 * parameters of their own or shared ones. Source: this paper, section 3.1 and Corollary 1.
 *
 * @module
 */
import {
  assertModel,
  choiceLogRatios,
  cycleProbabilities,
  LOGIT_NAMES,
  type ThreeLogitModel,
  type ThreeLogits
} from "../illustration/ThreeLogit.ts"
import type { ThreeLogitCycle } from "../illustration/ThreeLogitChain.ts"
import { sigmoid } from "../LogSpace.ts"
import type { ActionValues, ProcessTables } from "../process/ProcessTables.ts"
import { assertFinite, assertLength } from "../TheoryError.ts"

/** An action of a branch: its immediate term and its score, one entry a parameter. */
export interface ScoredAction {
  readonly term: number
  readonly score: Float64Array
}

/** One cycle: `answer` names the answer among those of its state, `next` is the state after RESAMPLE, null after STOP. */
export interface ScoredBranch {
  readonly probability: number
  readonly answer: number
  readonly sampling: ScoredAction
  readonly decision: ScoredAction
  readonly next: number | null
}

/** A chain that begins in state 0; `branches[c]` has probabilities that sum to 1. */
export interface ScoredChain {
  readonly parameters: number
  readonly branches: ReadonlyArray<ReadonlyArray<ScoredBranch>>
}

/**
 * Makes the chain of a finite process with the given immediate terms; its parameters are all logits: those of every context's prefixes in
 * the order of `prefixNodes`, then the STOP logits.
 *
 * A token's score is 1[token] − π on the logits after its prefix, an answer's the sum over its tokens. State c is context c.
 */
export const chainOfProcess = (tables: ProcessTables, terms: ActionValues): ScoredChain => {
  const { nodes, process } = tables
  const perContext = nodes.reduce((sum, { tokens }) => sum + tokens.length, 0)
  const decisions = tables.sampling.length * perContext
  const parameters = decisions + process.answers.length
  const answerScore = (context: number, answer: number): Float64Array => {
    const score = new Float64Array(parameters)
    let at = context * perContext
    for (const { answersBelow, prefix } of nodes) {
      const taken = answersBelow.findIndex((answers) => answers.includes(answer))
      if (taken >= 0) {
        tables.tokenProbability[context]!.get(prefix)!.forEach((probability, token) => {
          score[at + token] = (token === taken ? 1 : 0) - probability
        })
      }
      at += answersBelow.length
    }
    return score
  }
  const decisionScore = (answer: number, value: number): Float64Array => {
    const score = new Float64Array(parameters)
    score[decisions + answer] = value
    return score
  }
  return {
    parameters,
    branches: tables.sampling.map((row, context) =>
      row.flatMap((probability, answer) => {
        const sampling = { term: terms.sampling[context]![answer]!, score: answerScore(context, answer) }
        const stop = tables.stop[answer]!
        const resample = tables.resample[answer]!
        return [
          {
            probability: probability * stop,
            answer,
            sampling,
            decision: { term: terms.stop[answer]!, score: decisionScore(answer, resample) },
            next: null
          },
          {
            probability: probability * resample,
            answer,
            sampling,
            decision: { term: terms.resample[answer]!, score: decisionScore(answer, -stop) },
            next: answer + 1
          }
        ]
      })
    )
  }
}

/** The immediate terms of a cycle of the three-logit model. */
export type CycleTerms = (cycle: ThreeLogitCycle) => { readonly sampling: number; readonly decision: number }

/** The 0/1 reward: 1 at STOP on a correct answer, 0 elsewhere. */
export const accuracyTerms: CycleTerms = ({ correct, decision }) => ({ sampling: 0, decision: correct && decision === "STOP" ? 1 : 0 })

/** The KL penalty in the reward: r_S = −β·L·log(π/π_ref) of the answer, r_D = −β·log(π_D/π_D,ref). Errors: as `assertModel`. */
export const klPenaltyTerms = (model: ThreeLogitModel): CycleTerms => {
  assertModel("klPenaltyTerms", model)
  const { beta, lengths } = model
  const ratios = [
    choiceLogRatios(model, "sampleCorrect"),
    choiceLogRatios(model, "stopGivenCorrect"),
    choiceLogRatios(model, "resampleGivenWrong")
  ]
  return ({ correct, decision }) => {
    const taken = correct ? decision === "STOP" : decision === "RESAMPLE"
    const ratio = ratios[correct ? 1 : 2]!
    return {
      sampling: -beta * (correct ? lengths.correct * ratios[0]!.taken : lengths.wrong * ratios[0]!.other),
      decision: -beta * (taken ? ratio.taken : ratio.other)
    }
  }
}

/**
 * Makes the chain of the three-logit model, one state and four branches; its parameters are θ_S, θ_C, θ_W in this order.
 *
 * An answer is one action with one score, whatever its length. Errors: as `cycleProbabilities`.
 */
export const chainOfThreeLogit = (policy: ThreeLogits, terms: CycleTerms): ScoredChain => {
  const at = cycleProbabilities(policy)
  const score = (logit: number, isTaken: boolean): Float64Array => {
    const value = policy[LOGIT_NAMES[logit]!]
    const vector = new Float64Array(LOGIT_NAMES.length)
    vector[logit] = isTaken ? sigmoid(-value) : -sigmoid(value)
    return vector
  }
  const branch = (correct: boolean, decision: "STOP" | "RESAMPLE", probability: number): ScoredBranch => {
    const term = terms({ correct, decision })
    const taken = correct ? decision === "STOP" : decision === "RESAMPLE"
    return {
      probability,
      answer: correct ? 0 : 1,
      sampling: { term: term.sampling, score: score(0, correct) },
      decision: { term: term.decision, score: score(correct ? 1 : 2, taken) },
      next: decision === "STOP" ? null : 0
    }
  }
  return {
    parameters: LOGIT_NAMES.length,
    branches: [[
      branch(true, "STOP", at.correct * at.stopGivenCorrect),
      branch(true, "RESAMPLE", at.correct * at.resampleGivenCorrect),
      branch(false, "STOP", at.wrong * at.stopGivenWrong),
      branch(false, "RESAMPLE", at.wrong * at.resampleGivenWrong)
    ]]
  }
}

/** Applies a function to every score of a chain; `parameters` is the length of what it returns. */
export const mapScores = (chain: ScoredChain, parameters: number, change: (score: Float64Array) => Float64Array): ScoredChain => ({
  parameters,
  branches: chain.branches.map((branches) =>
    branches.map((branch) => ({
      ...branch,
      sampling: { ...branch.sampling, score: change(branch.sampling.score) },
      decision: { ...branch.decision, score: change(branch.decision.score) }
    }))
  )
})

/**
 * Changes a chain's parameters: scores by φ are Jᵀ·(scores by θ), J = ∂θ/∂φ at the policy.
 *
 * A square J is another choice of coordinates. Columns that reach logits of both sub-policies share parameters between them, and columns
 * that reach several contexts forget the context. Shape: `jacobian` [parameters][new parameters]. Errors: `ShapeMismatch`, `NonFinite`.
 */
export const withParameters = (chain: ScoredChain, jacobian: ReadonlyArray<ReadonlyArray<number>>): ScoredChain => {
  const where = "withParameters"
  assertLength(where, "jacobian", chain.parameters, jacobian.length)
  const columns = jacobian[0]?.length ?? 0
  jacobian.forEach((row, index) => {
    assertLength(where, `jacobian[${index}]`, columns, row.length)
    assertFinite(where, `jacobian[${index}]`, row)
  })
  return mapScores(chain, columns, (score) => {
    const changed = new Float64Array(columns)
    jacobian.forEach((row, index) => {
      if (score[index] !== 0) row.forEach((slope, column) => (changed[column]! += slope * score[index]!))
    })
    return changed
  })
}
