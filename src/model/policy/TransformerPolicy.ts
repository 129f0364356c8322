/**
 * The transformer as a policy that can be trained: the services `Policy` and `Backprop` over a device and a tokenizer.
 *
 * A token of slot i is fed with the embeddings of its slot, and the prediction made there for token i + 1 is a softmax over
 * the allowed set of slot i + 1 alone. A choice is therefore made with what the *previous* token sees: a grammar that wants
 * a Markov attempt opens it with a forced token of the attempt's own group.
 *
 * @module
 */
import { Context, Effect, Layer } from "effect"
import { Device, type DeviceError, type TensorLibrary } from "../device/Device.ts"
import { ConfigError, PolicyError } from "../../domain/Errors.ts"
import type { Ops } from "../device/DeviceOps.ts"
import { Policy, type PolicyService } from "../../domain/Policy.ts"
import { failing } from "../../domain/Throws.ts"
import { Tokenizer, type TokenizerService } from "../../domain/Tokenizer.ts"
import { Backprop, type BackpropService } from "../Backprop.ts"
import { finishDrafts, openDrafts } from "./Draft.ts"
import {
  assertLossRequest,
  assertParameters,
  assertScored,
  assertTemperature,
  attempt,
  closeTotals,
  openTotals
} from "../loss/LossRequests.ts"
import { toTensors } from "../architecture/ParameterLayout.ts"
import { scoringTemperature } from "./TokenChoice.ts"
import { tokenGrids } from "./TokenGrid.ts"
import { initializeTransformer, type TransformerConfig, transformerLayout, type TransformerSizes } from "../architecture/Transformer.ts"
import { gradientOfGrid, scoreGrid, type TransformerModel } from "./TransformerPasses.ts"
import { writeDrafts } from "./TransformerSampler.ts"

/** How much is computed at once. Results differ by rounding only. */
export interface PassLimits {
  /** The most padded tokens of one forward or backward pass; 2,048 to 4,096 keep the activations of a small model in cache. */
  readonly tokens: number
  /** The most trajectories decoded side by side; 64 to 128 is fastest. */
  readonly rows: number
}

/** Fastest on one core for models of width 64 to 128. */
export const defaultLimits: PassLimits = { tokens: 4096, rows: 128 }

/** Adds the sizes that the tokenizer sets. Throws ConfigError for a transformer that cannot be built. */
export const transformerSizes = (config: TransformerConfig, tokenizer: TokenizerService): TransformerSizes => {
  for (const field of ["width", "layers", "heads"] as const) {
    if (!Number.isInteger(config[field]) || config[field] < 1) {
      throw new ConfigError({ field: `transformer.${field}`, value: String(config[field]), expected: "a whole number of at least 1" })
    }
  }
  if (config.width % config.heads !== 0) {
    throw new ConfigError({ field: "transformer.heads", value: String(config.heads), expected: `a divisor of the width ${config.width}` })
  }
  const { positions, segments, vocabulary } = tokenizer
  return { ...config, positions, segments, vocabulary: vocabulary.length }
}

const policyError = (operation: string) => ({ message }: DeviceError): PolicyError =>
  new PolicyError({
    operation,
    reason: "Device",
    problem: message,
    advice: "Run `decision-sampling doctor` to see which devices work here"
  })

const makeServices = (
  model: TransformerModel,
  device: Device["Service"],
  limits: PassLimits
): readonly [PolicyService, BackpropService] => {
  const { layout, sizes, tokenizer } = model

  const sample: PolicyService["sample"] = Effect.fnUntraced(function* (parameters, requests, sampling) {
    const drafts = yield* attempt("sample", () => {
      assertParameters("sample", parameters, layout.count)
      return openDrafts(tokenizer, requests, sampling)
    })
    const write = (ops: Ops, tf: TensorLibrary) =>
      writeDrafts({ tf, ops, sizes, weights: toTensors(tf, layout, parameters), tokenizer, sampling }, drafts, limits)
    yield* Effect.mapError(device.use("sample", write), policyError("sample"))
    return yield* attempt("sample", () => finishDrafts(tokenizer, drafts))
  })

  const logProbs: PolicyService["logProbs"] = Effect.fnUntraced(function* (parameters, trajectories, temperature) {
    const offsets = [0]
    for (const { tokens } of trajectories) offsets.push(offsets[offsets.length - 1] + tokens.length)
    const count = offsets[offsets.length - 1]
    const scores = { logProbs: new Float64Array(count), entropies: new Float64Array(count) }
    const grids = yield* attempt("logProbs", () => {
      assertParameters("logProbs", parameters, layout.count)
      assertTemperature("logProbs", temperature)
      return tokenGrids("logProbs", tokenizer, trajectories, offsets, limits.tokens)
    })
    for (const grid of grids) {
      const score = (ops: Ops, tf: TensorLibrary) => scoreGrid(tf, ops, model, parameters, grid, scoringTemperature(temperature), scores)
      yield* Effect.mapError(device.use("logProbs", score), policyError("logProbs"))
    }
    return yield* attempt("logProbs", () => {
      assertScored("logProbs", scores.logProbs)
      return trajectories.map((_, i) => scores.logProbs.slice(offsets[i], offsets[i + 1]))
    })
  })

  const gradient: BackpropService["gradient"] = Effect.fnUntraced(function* (parameters, given) {
    const request = { ...given, temperature: scoringTemperature(given.temperature) }
    const grids = yield* attempt("gradient", () => {
      assertParameters("gradient", parameters, layout.count)
      assertLossRequest(request)
      return tokenGrids("gradient", tokenizer, request.trajectories, request.offsets, limits.tokens)
    })
    const totals = openTotals(request, layout.count)
    for (const grid of grids) {
      yield* device.use("gradient", (ops, tf) => gradientOfGrid(tf, ops, model, parameters, grid, request, totals))
    }
    return yield* attempt("gradient", () => closeTotals(request, totals))
  })

  const initialize: PolicyService["initialize"] = (seed) => Effect.sync(() => initializeTransformer(sizes, seed))
  return [{ parameterCount: layout.count, initialize, sample, logProbs }, { gradient, differentiatesEntropies: true }]
}

/**
 * Layer of the transformer policy: scores and samples with the tokenizer's grammar, and differentiates objectives.
 * Fails with ConfigError for sizes that cannot be built.
 */
export const layer = (
  config: TransformerConfig,
  limits: PassLimits = defaultLimits
): Layer.Layer<Policy | Backprop, ConfigError, Device | Tokenizer> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const device = yield* Device
      const tokenizer = yield* Tokenizer
      const sizes = yield* failing([ConfigError], () => transformerSizes(config, tokenizer))
      const [policy, backprop] = makeServices({ sizes, layout: transformerLayout(sizes), tokenizer }, device, limits)
      return Context.make(Policy, policy).pipe(Context.add(Backprop, backprop))
    })
  )
