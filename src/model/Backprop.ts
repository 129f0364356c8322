/**
 * Backprop: the derivative of a loss on token log-probabilities with respect to a policy's parameters. What a policy
 * must offer beyond sampling and scoring to be trained.
 *
 * @module
 */
import { Context, Effect } from "effect"
import type { DeviceError } from "./device/Device.ts"
import { PolicyError } from "../domain/Errors.ts"
import type { Partition } from "../domain/Partition.ts"
import type { Parameters } from "../domain/Policy.ts"
import type { Trajectory } from "../domain/Trajectory.ts"
import { type Objective, readsEntropies } from "../theory/Objective.ts"
import { attempt } from "./loss/LossRequests.ts"

/**
 * A loss over a batch of trajectories. All arrays are flat over the tokens of all trajectories, prompts included:
 * trajectory i owns the tokens offsets[i] … offsets[i+1] − 1.
 */
export interface LossRequest {
  readonly trajectories: ReadonlyArray<Pick<Trajectory, "tokens" | "promptLength" | "offset">>
  readonly objective: Objective
  readonly partition: Partition
  /** Softmax temperature of the log-probabilities; the one that sampled. */
  readonly temperature: number
  readonly offsets: Int32Array
  /** Index of the sub-policy that owns each token; NOT_OWNED for tokens that are not trained. */
  readonly owner: Uint8Array
  /** Weight of each token's loss in the sum that is minimised: Σ_t weights[t] · loss[t] (an aggregation's weights). */
  readonly weights: Float64Array
  /** log-probabilities of the policy that sampled (nats). */
  readonly oldLogProbs?: Float64Array
  /** log-probabilities of the reference policy (nats). */
  readonly referenceLogProbs?: Float64Array
  /** The advantage of each token's trajectory. */
  readonly advantages?: Float64Array
  /** 1 on the tokens that a loss treats apart, else 0: `Objective.select` of the whole mini-batch. */
  readonly selected?: Float64Array
  /** Parameters before this index are held fixed: of the gradient only the numbers from here on are asked for, the others mean nothing. Left out: 0. */
  readonly from?: number
}

/** What a loss and its derivative came to. */
export interface LossResult {
  /** ∂ Σ_t weights[t] · loss[t] / ∂ parameters, same length as the parameters. */
  readonly gradient: Float32Array
  /** Σ_t weights[t] · loss[t]. */
  readonly loss: number
  /** The loss of each leaf of the objective before weighting, shape [tokens], keyed by the leaf's name. */
  readonly parts: Readonly<Record<string, Float32Array>>
  /** log π of every token that somebody owns under `parameters`, shape [tokens]; 0 for forced tokens. Of tokens that nobody owns it may be 0. */
  readonly logProbs: Float32Array
  /** Entropy of the distribution each token was chosen from, nats, shape [tokens]; 0 as in `logProbs`. */
  readonly entropies: Float32Array
}

/** A matrix in the parameter vector: row i, column j is number offset + i·stride + j. A row for each input, a column for each output: it acts as x·W. */
export interface ParameterMatrix {
  readonly offset: number
  readonly rows: number
  readonly columns: number
  readonly stride: number
}

/** What makes a policy trainable. */
export interface BackpropService {
  /** The matrices of hidden layers, for optimizers that treat a matrix as a whole (Muon); embeddings are none. Left out: there are none. */
  readonly matrices?: ReadonlyArray<ParameterMatrix> | undefined
  readonly gradient: (parameters: Parameters, request: LossRequest) => Effect.Effect<LossResult, PolicyError | DeviceError>
  /**
   * Whether `gradient` differentiates the entropies of its distributions too, as an entropy bonus needs. Left out: no; such
   * an objective is then refused (`gradientOf`), because a policy that overlooked it would train without it in silence.
   */
  readonly differentiatesEntropies?: boolean
}

/** The service tag. */
export class Backprop extends Context.Service<Backprop, BackpropService>()("decision-sampling/model/Backprop") {}

/** Differentiates a loss; refuses with a PolicyError an entropy bonus where the policy does not say that it differentiates entropies. */
export const gradientOf = (
  backprop: BackpropService,
  parameters: Parameters,
  request: LossRequest
): Effect.Effect<LossResult, PolicyError | DeviceError> =>
  Effect.flatMap(
    attempt("gradient", () => readsEntropies(request.objective)),
    (hasBonus) =>
      hasBonus && backprop.differentiatesEntropies !== true
        ? Effect.fail(
          new PolicyError({
            operation: "gradient",
            reason: "Unsupported",
            problem: "the objective has an entropy bonus, and this policy's Backprop does not differentiate entropies",
            advice: "Add w · entropyDerivative · ∇H to its gradient and set differentiatesEntropies, or train with entropyCoefficient 0"
          })
        )
        : backprop.gradient(parameters, request)
  )
