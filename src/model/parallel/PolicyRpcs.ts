/**
 * What a policy and its threads say to each other: one remote procedure for each thing that a policy does.
 *
 * Messages are cloned between threads, so they hold plain data; the large vectors lie in shared memory and pass by reference. Errors
 * keep their types.
 *
 * @module
 */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Transferable } from "effect/workers"
import { PolicyError } from "../../domain/Errors.ts"
import type { ScoredTokens } from "../../domain/Policy.ts"
import type { SampleRequest, SamplingParameters } from "../../domain/Sampler.ts"
import type { Rollout } from "../../domain/Trajectory.ts"
import type { LossRequest, LossResult, ParameterMatrix } from "../Backprop.ts"
import { DeviceError } from "../device/Device.ts"
import type { EncodedObjective } from "../loss/ObjectiveMessage.ts"

/** Data that both ends made themselves: it crosses as it is, by structured clone, and is not looked into. */
const asIs = <A>() => Transferable.schema(Schema.declare((_value: unknown): _value is A => true), () => [])

/** A vector in shared memory: what crosses is a reference. */
const Vector = asIs<Float32Array>()

/** A loss request whose objective holds no functions: a loss of one's own goes by its module. */
export interface SentLossRequest extends Omit<LossRequest, "objective"> {
  readonly objective: EncodedObjective
}

/** What the thread that starts a policy must know of it. */
export interface PolicyDescription {
  readonly parameterCount: number
  readonly matrices?: ReadonlyArray<ParameterMatrix> | undefined
}

const error = Schema.Union([PolicyError, DeviceError])

/** The procedures. `parameters` and `gradient` are views of shared memory; `gradient` is where the thread writes its gradient. */
export class PolicyRpcs extends RpcGroup.make(
  /** Says how many parameters the policy has, and which matrices, once it is built. */
  Rpc.make("describe", { success: asIs<PolicyDescription>(), error }),
  Rpc.make("initialize", { payload: { seed: Schema.Int }, success: Vector, error }),
  Rpc.make("sample", {
    payload: { parameters: Vector, requests: asIs<ReadonlyArray<SampleRequest>>(), sampling: asIs<SamplingParameters>() },
    success: asIs<ReadonlyArray<Rollout>>(),
    error
  }),
  Rpc.make("logProbs", {
    payload: { parameters: Vector, trajectories: asIs<ReadonlyArray<ScoredTokens>>(), temperature: asIs<number>() },
    success: asIs<ReadonlyArray<Float64Array>>(),
    error
  }),
  Rpc.make("gradient", {
    payload: { parameters: Vector, request: asIs<SentLossRequest>(), gradient: Vector },
    success: asIs<Omit<LossResult, "gradient">>(),
    error
  })
) {}
