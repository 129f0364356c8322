/**
 * What a policy and its workers say to each other. Messages are cloned between threads, so they hold plain data; the large
 * vectors lie in shared memory and are not copied.
 *
 * @module
 */
import type { DeviceError } from "../device/Device.ts"
import type { PolicyError } from "../../domain/Errors.ts"
import type { SampleRequest, SamplingParameters } from "../../domain/Policy.ts"
import type { Seed } from "../../domain/Seed.ts"
import type { Rollout, Trajectory } from "../../domain/Trajectory.ts"
import type { LossRequest, LossResult } from "../Backprop.ts"

/** A call to one worker. `parameters` and `gradient` are views of shared memory. */
export type WorkerCall =
  | { readonly operation: "describe" }
  | { readonly operation: "initialize"; readonly seed: Seed }
  | {
    readonly operation: "sample"
    readonly parameters: Float32Array
    readonly requests: ReadonlyArray<SampleRequest>
    readonly sampling: SamplingParameters
  }
  | {
    readonly operation: "logProbs"
    readonly parameters: Float32Array
    readonly trajectories: ReadonlyArray<Pick<Trajectory, "tokens" | "promptLength" | "offset">>
    readonly temperature: number
  }
  | {
    readonly operation: "gradient"
    readonly parameters: Float32Array
    readonly request: LossRequest
    /** Where the worker writes the gradient. */
    readonly gradient: Float32Array
  }

/** What the answer to each call carries. */
export interface WorkerAnswers {
  /** The number of parameters. */
  readonly describe: number
  readonly initialize: Float32Array
  readonly sample: ReadonlyArray<Rollout>
  readonly logProbs: ReadonlyArray<Float64Array>
  readonly gradient: Omit<LossResult, "gradient">
}

/** The fields of the errors that a worker may answer with. */
export type WorkerFailure =
  | Pick<PolicyError, "_tag" | "operation" | "reason" | "problem" | "advice">
  | Pick<DeviceError, "_tag" | "label" | "device" | "message">

/** A call with the number that its answer carries. */
export interface WorkerRequest {
  readonly id: number
  readonly call: WorkerCall
}

/** The answer to a call. */
export type WorkerReply =
  | { readonly id: number; readonly answer: WorkerAnswers[keyof WorkerAnswers] }
  | { readonly id: number; readonly failure: WorkerFailure }
