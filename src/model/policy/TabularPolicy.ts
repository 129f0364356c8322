/**
 * A policy with one softmax for every context, exact in float64: the reference that other policies and trainers are tested
 * with, and the policy class of the theory's proofs.
 *
 * A context is what a choice may depend on: the visible tokens before it, of group 0 and of its own group. Offsets are no
 * part of it. All contexts are listed when the layer is built, so the grammar must be small.
 *
 * @module
 */
import { Context, Effect, Layer } from "effect"
import { ConfigError, PolicyError } from "../../domain/Errors.ts"
import { type Parameters, Policy, type PolicyService } from "../../domain/Policy.ts"
import { draws } from "../../domain/Seed.ts"
import { failing } from "../../domain/Throws.ts"
import { type Cursor, Tokenizer, type TokenizerService } from "../../domain/Tokenizer.ts"
import type { Trajectory } from "../../domain/Trajectory.ts"
import { entropy, entropyGradient } from "../../theory/Entropy.ts"
import { evaluate, parts } from "../../theory/Objective.ts"
import { NOT_OWNED } from "../../theory/Partition.ts"
import { Backprop, type BackpropService } from "../Backprop.ts"
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
import { allowedLogProbs, scoringTemperature } from "./TokenChoice.ts"
import { assertPlaced } from "./TokenGrid.ts"

/** More contexts than this are a grammar that was not meant to be listed. */
const MOST_CONTEXTS = 100_000

type Placed = Pick<Trajectory, "tokens" | "promptLength" | "offset">

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
  tokenizer: TokenizerService,
  prompts: ReadonlyArray<ReadonlyArray<number>>
): { readonly cells: ReadonlyMap<string, Cell>; readonly count: number } => {
  const cells = new Map<string, Cell>()
  let count = 0
  const visit = (tokens: ReadonlyArray<number>, groups: ReadonlyArray<number>, { advance, slot }: Cursor): void => {
    if (typeof slot === "string") return
    const allowed = slot.allowed < 0 ? [slot.token] : tokenizer.allowedSets[slot.allowed]
    if (slot.allowed >= 0) {
      const context = contextOf(tokens, groups, tokens.length, slot.group)
      if (!cells.has(context)) {
        cells.set(context, { start: count, allowed })
        count += allowed.length
      }
    }
    if (cells.size > MOST_CONTEXTS) {
      throw new ConfigError({ field: "grammar", value: `more than ${MOST_CONTEXTS} contexts`, expected: "one small enough to list" })
    }
    for (const token of allowed) visit([...tokens, token], [...groups, slot.group], advance(token))
  }
  for (const prompt of prompts) {
    const { groups } = tokenizer.layout({ tokens: prompt, promptLength: prompt.length, offset: 0 })
    visit(prompt, [...groups], tokenizer.open(prompt, 0))
  }
  return { cells, count }
}

const makeServices = (
  tokenizer: TokenizerService,
  prompts: ReadonlyArray<ReadonlyArray<number>>
): readonly [PolicyService, BackpropService] => {
  const { cells, count } = listCells(tokenizer, prompts)

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
    trajectory: Placed,
    temperature: number,
    visit: (t: number, cell: Cell, logProbs: Float64Array) => void
  ): void => {
    const { tokens } = trajectory
    const layout = tokenizer.layout(trajectory)
    assertPlaced(operation, tokenizer, tokens, layout, 0)
    for (let t = 1; t < tokens.length; t++) {
      if (layout.allowed[t] < 0) continue
      const cell = cellAt(operation, tokens, layout.groups, t, layout.groups[t])
      visit(t, cell, cellLogProbs(parameters, cell, temperature))
    }
  }

  const cellLogProbs = (parameters: Parameters, { allowed, start }: Cell, temperature: number): Float64Array =>
    allowedLogProbs(parameters, start, allowed.map((_, k) => k), temperature)

  const sample: PolicyService["sample"] = (parameters, requests, sampling) =>
    attempt("sample", () => {
      assertParameters("sample", parameters, count)
      const drafts = openDrafts(tokenizer, requests, sampling)
      for (const draft of drafts) {
        while (!isFinished(draft, sampling.maxTokens)) {
          const { slot } = draft.cursor
          const logits = new Float64Array(tokenizer.vocabulary.length)
          if (typeof slot !== "string" && slot.allowed >= 0) {
            const cell = cellAt("sample", draft.tokens, draft.groups, draft.tokens.length, slot.group)
            cell.allowed.forEach((token, k) => {
              logits[token] = parameters[cell.start + k]
            })
          }
          extend(draft, tokenizer.allowedSets, logits, 0, sampling)
        }
      }
      return finishDrafts(tokenizer, drafts)
    })

  const logProbs: PolicyService["logProbs"] = (parameters, trajectories, temperature) =>
    attempt("logProbs", () => {
      assertParameters("logProbs", parameters, count)
      assertTemperature("logProbs", temperature)
      return trajectories.map((trajectory) => {
        const scores = new Float64Array(trajectory.tokens.length)
        forChoices("logProbs", parameters, trajectory, scoringTemperature(temperature), (t, { allowed }, values) => {
          scores[t] = values[allowed.indexOf(trajectory.tokens[t])]
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
          const token = offsets[i] + t
          owner[token] = request.owner[token]
          exact[token] = values[allowed.indexOf(trajectory.tokens[t])]
          totals.logProbs[token] = exact[token]
          entropies[token] = entropy(values)
          totals.entropies[token] = entropies[token]
        })
      )
      const batch = { ...request, owner, logProbs: exact, entropies }
      for (const part of parts(objective)) totals.parts[part.name].set(evaluate(part.objective, batch, partition).loss)
      const { derivative, entropyDerivative } = evaluate(objective, batch, partition)
      const slopes = new Float64Array(count)
      trajectories.forEach((trajectory, i) =>
        forChoices("gradient", parameters, trajectory, temperature, (t, { allowed, start }, values) => {
          // ∂ log softmax(θ/τ)[chosen] / ∂θ[k] = (1[k = chosen] − p[k]) / τ
          const token = offsets[i] + t
          const slope = (weights[token] * derivative[token]) / temperature
          allowed.forEach((id, k) => {
            slopes[start + k] += slope * ((id === trajectory.tokens[t] ? 1 : 0) - Math.exp(values[k]))
          })
          if (entropyDerivative[token] === 0) return
          const entropySlope = (weights[token] * entropyDerivative[token]) / temperature
          entropyGradient(values).forEach((value, k) => {
            slopes[start + k] += entropySlope * value
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

  return [{ parameterCount: count, initialize, sample, logProbs }, { gradient, differentiatesEntropies: true }]
}

/** Layer of the tabular policy over all contexts that these prompts lead to. Fails with ConfigError for a large grammar. */
export const layer = (prompts: ReadonlyArray<ReadonlyArray<number>>): Layer.Layer<Policy | Backprop, ConfigError, Tokenizer> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const tokenizer = yield* Tokenizer
      const [policy, backprop] = yield* failing([ConfigError], () => makeServices(tokenizer, prompts))
      return Context.make(Policy, policy).pipe(Context.add(Backprop, backprop))
    })
  )
