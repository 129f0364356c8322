/**
 * What computes, as a service: one use at a time, whose tensors are freed when it ends, and whose failures are typed.
 *
 * @module
 */
import type * as Tensors from "@tensorflow/tfjs-core"
import { Context, type Effect, Schema, type Scope } from "effect"
import type { Ops } from "./DeviceOps.ts"
import type { Products } from "./Products.ts"

/** What a device is and what became of the alternatives, for people and for run records. */
export interface DeviceInfo {
  /** The name the device layer goes by: "wasm", "cpu", … */
  readonly name: string
  /** The name of the tensor library's backend behind it. */
  readonly backend: string
  /** One sentence or more: what computes, and (for `deviceAuto`) why the devices tried before were not used. */
  readonly description: string
  /** Whether the operations run as fused kernels or are composed of the tensor library's own. */
  readonly kernels: "fused" | "composite"
  /** What multiplies matrices, on a device where there is a choice. */
  readonly products?: Products
  /** Number of processor cores one use keeps busy, where known. */
  readonly cores?: number
}

/** A computation on a device failed, or the device could not be started (label "start"). */
export class DeviceError extends Schema.TaggedError<DeviceError>()("DeviceError", {
  /** The label given to `use`. */
  label: Schema.String,
  device: Schema.String,
  message: Schema.String,
  cause: Schema.Defect()
}) {}

/** The tensor library as handed to the body of a use. */
export type TensorLibrary = typeof Tensors

/** The Device service: what the device is, and the one way to compute on it. */
export interface DeviceService {
  readonly info: DeviceInfo
  /**
   * Runs a body that may create tensors freely: the device's backend is active, no other use runs meanwhile, and when
   * the body ends, well or badly, every tensor it made is freed. The body returns plain values (numbers, typed arrays)
   * it has read from its tensors; returning a tensor is an error. The label names the use in errors.
   */
  readonly use: <A>(
    label: string,
    body: (ops: Ops, tf: TensorLibrary) => A | Promise<A>
  ) => Effect.Effect<A, DeviceError>
  /**
   * Makes tensors that outlive the use and stay on the device until the scope closes: frozen weights, which later uses may
   * read. Whatever else the body made is freed.
   */
  readonly hold: <A extends ReadonlyArray<Tensors.Tensor>>(
    label: string,
    make: (ops: Ops, tf: TensorLibrary) => A | Promise<A>
  ) => Effect.Effect<A, DeviceError, Scope.Scope>
}

/** Where tensors are computed. Layers: `deviceAuto`, `deviceNodeGpu`, `deviceWebGpu`, `deviceWasm`, `deviceCpu`. */
export class Device extends Context.Service<Device, DeviceService>()("decision-sampling/model/Device") {}
