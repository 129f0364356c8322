/**
 * What every implementation of `Backprop` does with a request before and after its own work: check it, and turn the summed
 * gradient and per-token losses into the result.
 *
 * @module
 */
import { Effect } from "effect"
import { PolicyError } from "../../domain/Errors.ts"
import { PartitionError } from "../../domain/Partition.ts"
import { failing } from "../../domain/Throws.ts"
import type { Parameters } from "../../domain/Policy.ts"
import { TheoryError } from "../../theory/TheoryError.ts"
import { parts } from "../../theory/Objective.ts"
import type { LossRequest, LossResult } from "../Backprop.ts"
import { assertColumns } from "./TensorObjective.ts"

/** A result under construction; `loss` follows from the parts. */
export type Totals = Omit<LossResult, "loss">

/** Runs checks and other code that throws PolicyError, PartitionError or TheoryError; anything else it throws is a defect. */
export const attempt = <A>(operation: string, body: () => A): Effect.Effect<A, PolicyError> =>
  Effect.mapError(failing([PolicyError, TheoryError, PartitionError], body), (error) =>
    error instanceof PolicyError
      ? error
      : new PolicyError({
        operation,
        reason: error instanceof TheoryError && error.reason._tag === "NonFinite" ? "NotFinite" : "Request",
        problem: error.message,
        advice: "Correct the request"
      }))

/** Throws a PolicyError unless the vector has the model's length. */
export const assertParameters = (operation: string, parameters: Parameters, expected: number): void => {
  if (parameters.length === expected) return
  throw new PolicyError({
    operation,
    reason: "Mismatch",
    problem: `got ${parameters.length} parameters where the model has ${expected}`,
    advice: "Use the model and the tokenizer that the parameters were trained with"
  })
}

/** Throws a PolicyError for a temperature that is no finite number of at least 0. */
export const assertTemperature = (operation: string, temperature: number): void => {
  if (Number.isFinite(temperature) && temperature >= 0) return
  throw new PolicyError({
    operation,
    reason: "Settings",
    problem: `the temperature is ${temperature}`,
    advice: "Use a finite temperature of at least 0"
  })
}

/** Throws a PolicyError where a log-probability is not finite: the logits were not. */
export const assertScored = (operation: string, logProbs: ArrayLike<number>): void => {
  for (let t = 0; t < logProbs.length; t++) {
    if (Number.isFinite(logProbs[t])) continue
    throw new PolicyError({
      operation,
      reason: "NotFinite",
      problem: `log π of token ${t} is ${logProbs[t]}`,
      advice: "Go back to a checkpoint whose parameters are finite"
    })
  }
}

/** Throws PolicyError or TheoryError for columns that are missing or of the wrong length, unknown owners and an objective without terms. */
export const assertLossRequest = (request: LossRequest): void => {
  const { advantages, objective, offsets, oldLogProbs, owner, partition, referenceLogProbs, selected, trajectories, weights } = request
  const refuse = (problem: string): never => {
    throw new PolicyError({
      operation: "gradient",
      reason: "Request",
      problem,
      advice: "Build offsets and columns from the same trajectories"
    })
  }
  if (offsets.length !== trajectories.length + 1) refuse(`${offsets.length} offsets for ${trajectories.length} trajectories`)
  trajectories.forEach(({ tokens }, i) => {
    const length = offsets[i + 1]! - offsets[i]!
    if (length !== tokens.length) refuse(`trajectory ${i} has ${tokens.length} tokens and ${length} by the offsets`)
  })
  assertTemperature("gradient", request.temperature)
  const tokens = offsets[offsets.length - 1]
  for (const [name, column] of Object.entries({ owner, weights, oldLogProbs, referenceLogProbs, advantages, selected })) {
    if (column !== undefined && column.length !== tokens) refuse(`${name} has ${column.length} entries for ${tokens} tokens`)
  }
  if (parts(objective).length === 0) refuse("the objective has no terms")
  assertColumns(objective, request, partition)
}

/** Zeros of the shapes of a request's result. */
export const openTotals = ({ objective, owner }: LossRequest, parameterCount: number): Totals => ({
  gradient: new Float32Array(parameterCount),
  parts: Object.fromEntries(parts(objective).map(({ name }) => [name, new Float32Array(owner.length)])),
  logProbs: new Float32Array(owner.length),
  entropies: new Float32Array(owner.length)
})

/** Σ weights · loss from the parts; throws a PolicyError when it or the gradient is NaN or infinite. */
export const closeTotals = ({ weights }: LossRequest, totals: Totals): LossResult => {
  let loss = 0
  for (const part of Object.values(totals.parts)) {
    for (let token = 0; token < weights.length; token++) {
      if (weights[token] !== 0) loss += weights[token]! * part[token]!
    }
  }
  // One NaN or infinite entry makes the sum of absolute values so.
  let size = 0
  const { gradient } = totals
  for (let i = 0; i < gradient.length; i++) size += Math.abs(gradient[i]!)
  if (!Number.isFinite(loss) || !Number.isFinite(size)) {
    throw new PolicyError({
      operation: "gradient",
      reason: "NotFinite",
      problem: Number.isFinite(loss) ? "the gradient is not finite" : `the loss is ${loss}`,
      advice: "Go back to the last checkpoint and lower the learning rate, clip the gradient, or clamp the log-ratio"
    })
  }
  return { ...totals, loss }
}
