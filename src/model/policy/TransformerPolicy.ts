/**
 * The transformer as a policy that can be trained: the services `Sampler`, `Policy` and `Backprop` over a device and words.
 *
 * A token at place i is fed with the embeddings of its place, and the prediction made there for token i + 1 is a softmax over
 * the set that token i + 1 is chosen from. A choice is therefore made with what the *previous* token sees: a grammar that wants
 * a Markov attempt opens it with a forced token of the attempt's own group.
 *
 * @module
 */
import { Effect, Layer } from "effect"
import { ConfigError, PolicyError } from "../../domain/Errors.ts"
import type { Grammar } from "../../domain/Grammar.ts"
import type { Parameters, Policy, PolicyService } from "../../domain/Policy.ts"
import type { Sampler, SamplerService } from "../../domain/Sampler.ts"
import { failing } from "../../domain/Throws.ts"
import type { Tokenizer } from "../../domain/Tokenizer.ts"
import { TheoryError } from "../../theory/TheoryError.ts"
import { transformer, type TransformerConfig, transformerCount, type TransformerSizes } from "../architecture/Transformer.ts"
import type { Architecture } from "../architecture/Architecture.ts"
import { checked } from "../architecture/Checked.ts"
import { toTensors } from "../architecture/ParameterLayout.ts"
import type { Backprop, BackpropService } from "../Backprop.ts"
import { Device, type DeviceError, type TensorLibrary } from "../device/Device.ts"
import type { Ops } from "../device/DeviceOps.ts"
import {
  assertLossRequest,
  assertParameters,
  assertScored,
  assertTemperature,
  attempt,
  closeTotals,
  openTotals
} from "../loss/LossRequests.ts"
import { adapter, type AdapterConfig } from "../weights/Adapter.ts"
import { allWeights, type Trained } from "../weights/Trained.ts"
import { choiceSets, type Speech } from "./Choices.ts"
import { finishDrafts, openDrafts } from "./Draft.ts"
import type { Placement, PlacementService } from "./Placement.ts"
import { policyContext, type PolicyServices, speechAtHand } from "./PolicyServices.ts"
import { scoringTemperature } from "./TokenChoice.ts"
import { tokenGrids } from "./TokenGrid.ts"
import { gradientOfGrid, type Model, scoreGrid } from "./TransformerPasses.ts"
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

/** From so many new tokens on an adapter is added to the weights before them: measured with 32 texts, that saves more than it takes. */
const MERGE_FROM = 24

/** More weights than the four vectors of a training step and a device of 4 GiB hold. */
const MOST_PARAMETERS = 2 ** 28

/** Deeper networks than this are mistyped. */
const MOST_LAYERS = 1_000

/** Throws ConfigError for limits that let nothing be computed. */
const assertLimits = (limits: PassLimits): void => {
  for (const field of ["tokens", "rows"] as const) {
    if (Number.isInteger(limits[field]) && limits[field] >= 1) continue
    throw new ConfigError({ field: `limits.${field}`, value: String(limits[field]), expected: "a whole number of at least 1" })
  }
}

/** Adds the sizes that words and placement set, before any memory is asked for. Throws ConfigError for a transformer that cannot be built. */
export const transformerSizes = (
  config: TransformerConfig,
  { placement, vocabulary }: { readonly placement: Pick<PlacementService, "positions" | "segments">; readonly vocabulary: number }
): TransformerSizes => {
  for (const field of ["width", "layers", "heads"] as const) {
    if (!Number.isInteger(config[field]) || config[field] < 1) {
      throw new ConfigError({ field: `transformer.${field}`, value: String(config[field]), expected: "a whole number of at least 1" })
    }
  }
  if (config.width % config.heads !== 0) {
    throw new ConfigError({ field: "transformer.heads", value: String(config.heads), expected: `a divisor of the width ${config.width}` })
  }
  if (config.layers > MOST_LAYERS) {
    throw new ConfigError({ field: "transformer.layers", value: String(config.layers), expected: `at most ${MOST_LAYERS}` })
  }
  const sizes = { ...config, positions: placement.positions, segments: placement.segments, vocabulary }
  const count = transformerCount(sizes)
  if (count <= MOST_PARAMETERS) return sizes
  const { positions, segments } = sizes
  throw new ConfigError({
    field: "transformer",
    value:
      `a network of ${count} parameters (width ${config.width}, layers ${config.layers}, positions ${positions}, segments ${segments})`,
    expected: `at most ${MOST_PARAMETERS}`
  })
}

/** A network of one's own is called while the device computes; what it does wrong is not the device's failure. */
const networkError = (operation: string, { cause }: DeviceError): PolicyError | undefined =>
  cause instanceof ConfigError
    ? new PolicyError({
      operation,
      reason: "Settings",
      problem: cause.message,
      advice: "Correct the network; `policyServiceLaws` of decision-sampling/laws tries all that a policy does with it"
    })
    : undefined

const policyError = (operation: string) => (error: DeviceError): PolicyError =>
  networkError(operation, error) ?? new PolicyError({
    operation,
    reason: "Device",
    problem: error.message,
    advice: "Run `decision-sampling doctor` to see which devices work here"
  })

/** A loss is evaluated while the device computes; what is wrong with the loss is not the device's failure. */
const requestError = (operation: string) => (error: DeviceError): Effect.Effect<never, DeviceError | PolicyError> =>
  error.cause instanceof TheoryError
    ? attempt(operation, (): never => {
      throw error.cause
    })
    : Effect.fail(networkError(operation, error) ?? error)

const makeServices = (model: Model, device: Device["Service"], limits: PassLimits): PolicyServices => {
  const { architecture, sets, speech, trained } = model
  const { layout } = trained

  const sample: SamplerService["sample"] = Effect.fnUntraced(function* (parameters, requests, sampling) {
    const drafts = yield* attempt("sample", () => {
      assertParameters("sample", parameters, layout.count)
      return openDrafts(speech, requests, sampling)
    })
    const { merged = trained.weights, weights } = trained
    const write = (ops: Ops, tf: TensorLibrary) => {
      const written = (sampling.maxTokens < MERGE_FROM ? weights : merged)(tf, ops, toTensors(tf, layout, parameters))
      return writeDrafts({ tf, ops, architecture, weights: written, speech, sets, sampling }, drafts, limits)
    }
    yield* Effect.mapError(device.use("sample", write), policyError("sample"))
    return yield* attempt("sample", () => finishDrafts(speech, drafts))
  })

  const logProbs: PolicyService["logProbs"] = Effect.fnUntraced(function* (parameters, trajectories, temperature) {
    const offsets = [0]
    let count = 0
    for (const { tokens } of trajectories) offsets.push(count += tokens.length)
    const scores = { logProbs: new Float64Array(count), entropies: new Float64Array(count) }
    const grids = yield* attempt("logProbs", () => {
      assertParameters("logProbs", parameters, layout.count)
      assertTemperature("logProbs", temperature)
      return tokenGrids("logProbs", speech, trajectories, offsets, limits.tokens)
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
      return tokenGrids("gradient", speech, request.trajectories, request.offsets, limits.tokens)
    })
    const totals = openTotals(request, layout.count)
    for (const grid of grids) {
      const differentiate = device.use("gradient", (ops, tf) => gradientOfGrid(tf, ops, model, parameters, grid, request, totals))
      yield* Effect.catchTag(differentiate, "DeviceError", requestError("gradient"))
    }
    return yield* attempt("gradient", () => closeTotals(request, totals))
  })

  const initialize: PolicyService["initialize"] = (seed) => Effect.sync(() => trained.initialize(seed))
  return [
    { sample },
    { parameterCount: layout.count, initialize, logProbs },
    { gradient, differentiatesEntropies: true, matrices: trained.matrices }
  ]
}

/** Builds a policy of any architecture, all of it trained or what `trained` says, over words and a device. Its passes are looked at (`checked`). */
export const makePolicy = (
  speech: Speech,
  device: Device["Service"],
  architecture: Architecture,
  trained?: Trained,
  limits: PassLimits = defaultLimits
): PolicyServices => {
  const network = checked(architecture, speech.vocabulary)
  return makeServices({ architecture: network, trained: trained ?? allWeights(network), speech, sets: choiceSets(speech) }, device, limits)
}

/**
 * Layer of the transformer policy: scores and samples with the grammar at hand, and differentiates objectives.
 * Fails with ConfigError for sizes that cannot be built.
 */
export const layer = (
  config: TransformerConfig,
  limits: PassLimits = defaultLimits
): Layer.Layer<Sampler | Policy | Backprop, ConfigError, Device | Grammar | Placement | Tokenizer> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const device = yield* Device
      const speech = yield* speechAtHand
      const sizes = yield* failing([ConfigError], () => {
        assertLimits(limits)
        return transformerSizes(config, speech)
      })
      return policyContext(makePolicy(speech, device, transformer(sizes), undefined, limits))
    })
  )

/**
 * Layer of a transformer whose weights are frozen, trained by a low-rank adapter: `Parameters` are the adapter alone, the weights stay on
 * the device as long as the layer. Fails with ConfigError for sizes that cannot be built and weights that do not fit them.
 */
export const layerAdapted = (
  config: TransformerConfig,
  frozen: Parameters,
  adapterConfig: AdapterConfig,
  limits: PassLimits = defaultLimits
): Layer.Layer<Sampler | Policy | Backprop, ConfigError | DeviceError, Device | Grammar | Placement | Tokenizer> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const device = yield* Device
      const speech = yield* speechAtHand
      const { alpha, rank } = adapterConfig
      if (!Number.isInteger(rank) || rank < 1) {
        return yield* new ConfigError({ field: "adapter.rank", value: String(rank), expected: "a whole number of at least 1" })
      }
      if (!Number.isFinite(alpha)) {
        return yield* new ConfigError({ field: "adapter.alpha", value: String(alpha), expected: "a finite number" })
      }
      const architecture = transformer(
        yield* failing([ConfigError], () => {
          assertLimits(limits)
          return transformerSizes(config, speech)
        })
      )
      if (frozen.length !== architecture.layout.count) {
        return yield* new ConfigError({
          field: "frozen",
          value: `${frozen.length} numbers`,
          expected: `the ${architecture.layout.count} weights of this network`
        })
      }
      const held = yield* device.hold("frozen weights", (_ops, tf) => toTensors(tf, architecture.layout, frozen))
      return policyContext(makePolicy(speech, device, architecture, adapter(architecture, held, adapterConfig), limits))
    })
  )
