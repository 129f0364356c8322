/**
 * A device made of a started backend of the tensor library: uses take turns, tensors end with them, and exceptions become `DeviceError`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core"
import { Effect, type Scope, Semaphore } from "effect"
import { Device, DeviceError, type DeviceInfo, type DeviceService, type TensorLibrary } from "./Device.ts"
import { registerGradients } from "./Gradients.ts"
import type { Ops } from "./Ops.ts"
import { freeTensors, holdTensors, withTensorScope } from "./TensorScope.ts"

/** One use at a time in this process, over all devices: the engine's backend and scope are global. */
const engineLock = Semaphore.makeUnsafe(1)

/** A started backend with the operations for it. */
export interface StartedBackend {
  readonly info: DeviceInfo
  readonly ops: Ops
  /** What the device has complained of since last asked, for backends that report errors beside the results. */
  readonly problem?: () => string | undefined
}

/** A started backend that holds something to give back. */
export interface StoppableBackend extends StartedBackend {
  readonly stop: () => Promise<void>
}

const describe = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** Runs an action that changes the engine's global state, while nobody else uses the engine. */
const exclusively = <A>(device: string, label: string, action: () => Promise<A>): Effect.Effect<A, DeviceError> =>
  engineLock.withPermits(1)(
    // Uninterruptible: JavaScript cannot stop a running body, and the lock must not be free before it has ended.
    Effect.uninterruptible(
      Effect.tryPromise({
        try: action,
        catch: (cause) => new DeviceError({ label, device, message: `"${label}" failed on device ${device}: ${describe(cause)}`, cause })
      })
    )
  )

const library: TensorLibrary = tf

const toService = (name: string, { info, ops, problem }: StartedBackend): DeviceService => {
  /** Runs a computation with the backend active; what the device complained of meanwhile is an error. */
  const onBackend = async <A>(compute: () => Promise<A>): Promise<A> => {
    if (tf.getBackend() !== info.backend) await tf.setBackend(info.backend)
    const result = await compute()
    const complaint = problem?.()
    if (complaint !== undefined) throw new Error(complaint)
    return result
  }
  // A function of its own, and no acquireRelease: their closures would hold on to `make` for as long as the scope, and with it to the numbers that the tensors were
  // made of.
  const freedWithScope = (label: string) => <A extends ReadonlyArray<tf.Tensor>>(tensors: A): Effect.Effect<A, never, Scope.Scope> =>
    Effect.as(
      Effect.addFinalizer(() => Effect.orDie(exclusively(name, label, () => onBackend(async () => freeTensors(tensors))))),
      tensors
    )
  return Device.of({
    info,
    use: (label, body) => exclusively(name, label, () => onBackend(() => withTensorScope(label, () => body(ops, library)))),
    hold: (label, make) =>
      Effect.uninterruptible(
        Effect.flatMap(exclusively(name, label, () => onBackend(() => holdTensors(label, () => make(ops, library)))), freedWithScope(label))
      )
  })
}

/** Starts a backend and wraps it as the Device service. */
export const tensorDevice = (
  name: string,
  start: () => Promise<StartedBackend>
): Effect.Effect<DeviceService, DeviceError> =>
  Effect.map(exclusively(name, "start", () => registerGradients().then(start)), (started) => toService(name, started))

/** The same for a backend that is stopped when the scope closes. */
export const scopedTensorDevice = (
  name: string,
  start: () => Promise<StoppableBackend>
): Effect.Effect<DeviceService, DeviceError, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      exclusively(name, "start", () => registerGradients().then(start)),
      ({ stop }) => Effect.orDie(exclusively(name, "stop", stop))
    ),
    (started) => toService(name, started)
  )
