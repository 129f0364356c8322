/**
 * A policy with one softmax for every context, exact in float64: the reference that other policies and trainers are tested
 * with, and the policy class of the theory's proofs.
 *
 * A context is what a choice may depend on: the visible tokens before it, of group 0 and of its own group. Offsets are no
 * part of it. All contexts are listed when the layer is built, so the grammar must be small.
 *
 * @module
 */
import { Effect, Layer } from "effect"
import { ConfigError, PolicyError } from "../../domain/Errors.ts"
import type { Cursor, Grammar } from "../../domain/Grammar.ts"
import type { Parameters, Policy, PolicyService, ScoredTokens } from "../../domain/Policy.ts"
import type { Sampler, SamplerService } from "../../domain/Sampler.ts"
import { draws } from "../../domain/Seed.ts"
import { failing } from "../../domain/Throws.ts"
import type { Tokenizer, Tokens } from "../../domain/Tokenizer.ts"
import { entropy, entropyGradient } from "../../theory/Entropy.ts"
import { evaluate, parts } from "../../theory/Objective.ts"
import { NOT_OWNED } from "../../theory/Partition.ts"
import type { Backprop, BackpropService } from "../Backprop.ts"
import { extend, finishDrafts, isFinished, openDrafts } from "./Draft.ts"
import {
  assertLossRequest,
  assertParameters,
  assertScored,
  assertTemperature,
  attempt,
  closeTotals,
  openTotals
} from "../loss/LossRequests.ts"
import { choiceSets, placeTokens, setOf, type Speech } from "./Choices.ts"
import type { Placement } from "./Placement.ts"
import { allowedLogProbs, scoringTemperature } from "./TokenChoice.ts"
import { policyContext, type PolicyServices, speechAtHand } from "./PolicyServices.ts"

/** More contexts than this are a grammar that was not meant to be listed. */
const MOST_CONTEXTS = 100_000

/** The softmax of one choice: its logits start at `start`, one for each token of the allowed set. */
interface Cell {
  readonly start: number
  readonly allowed: ReadonlyArray<number>
}

const contextOf = (tokens: ArrayLike<number>, groups: ArrayLike<number>, t: number, group: number): string => {
  const visible: Array<string> = []
  for (let j = 0; j < t; j++) if (groups[j] === 0 || groups[j] === group) visible.push(`${tokens[j]}`)
  return visible.join(" ")
}

/** Lists every context that the prompts lead to, in the order of the grammar. */
const listCells = (
  { grammar, placement }: Speech,
  sets: ReadonlyArray<Tokens>,
  prompts: ReadonlyArray<Tokens>
): { readonly cells: ReadonlyMap<string, Cell>; readonly count: number } => {
  const cells = new Map<string, Cell>()
  let count = 0
  for (const prompt of prompts) {
    const visit = (tokens: Tokens, groups: ReadonlyArray<number>, cursor: Cursor): void => {
      const { advance, next } = cursor
      if (next._tag === "Ended") return
      const { group } = placement.at(prompt, 0, cursor)
      const allowed = next._tag === "Forced" ? [next.token] : sets[setOf(next, grammar)]!
      if (next._tag !== "Forced") {
        const context = contextOf(tokens, groups, tokens.length, group)
        if (!cells.has(context)) {
          cells.set(context, { start: count, allowed })
          count += allowed.length
        }
      }
      if (cells.size > MOST_CONTEXTS) {
        throw new ConfigError({ field: "grammar", value: `more than ${MOST_CONTEXTS} contexts`, expected: "one small enough to list" })
      }
      for (const token of allowed) visit([...tokens, token], [...groups, group], advance(token))
    }
    visit(prompt, placement.prompt(prompt, 0).map(({ group }) => group), grammar.open(prompt))
  }
  return { cells, count }
}

const makeServices = (speech: Speech, prompts: ReadonlyArray<Tokens>): PolicyServices => {
  const sets = choiceSets(speech)
  const { cells, count } = listCells(speech, sets, prompts)

  const cellAt = (operation: string, tokens: ArrayLike<number>, groups: ArrayLike<number>, t: number, group: number): Cell => {
    const cell = cells.get(contextOf(tokens, groups, t, group))
    if (cell !== undefined) return cell
    throw new PolicyError({
      operation,
      reason: "Mismatch",
      problem: "a context that no known prompt leads to",
      advice: "Give the layer all prompts"
    })
  }

  /** Calls back with every choice of a trajectory: its token's index, its softmax, and the log-probabilities there. */
  const forChoices = (
    operation: string,
    parameters: Parameters,
    trajectory: ScoredTokens,
    temperature: number,
    visit: (t: number, cell: Cell, logProbs: Float64Array) => void
  ): void => {
    const { tokens } = trajectory
    const placed = placeTokens(operation, speech, trajectory, 0)
    for (let t = 1; t < tokens.length; t++) {
      if (placed.sets[t]! < 0) continue
      const cell = cellAt(operation, tokens, placed.groups, t, placed.groups[t]!)
      visit(t, cell, cellLogProbs(parameters, cell, temperature))
    }
  }

  const cellLogProbs = (parameters: Parameters, { allowed, start }: Cell, temperature: number): Float64Array =>
    allowedLogProbs(parameters, start, allowed.map((_, k) => k), temperature)

  const sample: SamplerService["sample"] = (parameters, requests, sampling) =>
    attempt("sample", () => {
      assertParameters("sample", parameters, count)
      const drafts = openDrafts(speech, requests, sampling)
      for (const draft of drafts) {
        while (!isFinished(draft, sampling.maxTokens)) {
          const logits = new Float64Array(speech.vocabulary)
          if (setOf(draft.cursor.next, speech.grammar) >= 0) {
            const { group } = speech.placement.at(draft.prompt, draft.offset, draft.cursor)
            const cell = cellAt("sample", draft.tokens, draft.groups, draft.tokens.length, group)
            cell.allowed.forEach((token, k) => {
              logits[token] = parameters[cell.start + k]!
            })
          }
          extend(speech, draft, sets, logits, 0, sampling)
        }
      }
      return finishDrafts(speech, drafts)
    })

  const logProbs: PolicyService["logProbs"] = (parameters, trajectories, temperature) =>
    attempt("logProbs", () => {
      assertParameters("logProbs", parameters, count)
      assertTemperature("logProbs", temperature)
      return trajectories.map((trajectory) => {
        const scores = new Float64Array(trajectory.tokens.length)
        forChoices("logProbs", parameters, trajectory, scoringTemperature(temperature), (t, { allowed }, values) => {
          scores[t] = values[allowed.indexOf(trajectory.tokens[t]!)]!
        })
        assertScored("logProbs", scores)
        return scores
      })
    })

  const gradient: BackpropService["gradient"] = (parameters, request) =>
    attempt("gradient", () => {
      assertParameters("gradient", parameters, count)
      assertLossRequest(request)
      const { objective, offsets, partition, trajectories, weights } = request
      const temperature = scoringTemperature(request.temperature)
      const totals = openTotals(request, count)
      const exact = new Float64Array(request.owner.length)
      const entropies = new Float64Array(request.owner.length)
      const owner = new Uint8Array(request.owner.length).fill(NOT_OWNED)
      trajectories.forEach((trajectory, i) =>
        forChoices("gradient", parameters, trajectory, temperature, (t, { allowed }, values) => {
          const token = offsets[i]! + t
          owner[token] = request.owner[token]!
          exact[token] = values[allowed.indexOf(trajectory.tokens[t]!)]!
          totals.logProbs[token] = exact[token]!
          entropies[token] = entropy(values)
          totals.entropies[token] = entropies[token]!
        })
      )
      const batch = { ...request, owner, logProbs: exact, entropies }
      for (const part of parts(objective)) totals.parts[part.name]!.set(evaluate(part.objective, batch, partition).loss)
      const { derivative, entropyDerivative } = evaluate(objective, batch, partition)
      const slopes = new Float64Array(count)
      trajectories.forEach((trajectory, i) =>
        forChoices("gradient", parameters, trajectory, temperature, (t, { allowed, start }, values) => {
          // ∂ log softmax(θ/τ)[chosen] / ∂θ[k] = (1[k = chosen] − p[k]) / τ
          const token = offsets[i]! + t
          const slope = (weights[token]! * derivative[token]!) / temperature
          allowed.forEach((id, k) => {
            slopes[start + k]! += slope * ((id === trajectory.tokens[t] ? 1 : 0) - Math.exp(values[k]!))
          })
          if (entropyDerivative[token] === 0) return
          const entropySlope = (weights[token]! * entropyDerivative[token]!) / temperature
          entropyGradient(values).forEach((value, k) => {
            slopes[start + k]! += entropySlope * value
          })
        })
      )
      totals.gradient.set(slopes)
      return closeTotals(request, totals)
    })

  const initialize: PolicyService["initialize"] = (seed) =>
    Effect.sync(() => {
      // Logits in [−1, 1]: far from uniform, with every token still likely enough to be seen.
      const { uniform } = draws(seed)
      return Float32Array.from({ length: count }, () => 2 * uniform() - 1)
    })

  return [{ sample }, { parameterCount: count, initialize, logProbs }, { gradient, differentiatesEntropies: true }]
}

/** Layer of the tabular policy over all contexts that these prompts lead to. Fails with ConfigError for a large grammar. */
export const layer = (
  prompts: ReadonlyArray<Tokens>
): Layer.Layer<Sampler | Policy | Backprop, ConfigError, Grammar | Placement | Tokenizer> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const speech = yield* speechAtHand
      return policyContext(yield* failing([ConfigError], () => makeServices(speech, prompts)))
    })
  )
