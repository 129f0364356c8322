/**
 * The inside of a policy worker: answers calls one after the other with the policy that a layer builds.
 *
 * A worker's module provides its layer and runs `serve`; see `Worker`.
 *
 * @module
 */
import * as NodeWorkerRunner from "@effect/platform-node/NodeWorkerRunner"
import { Cause, Context, Effect, Exit, Layer, Option, Semaphore } from "effect"
import type { WorkerError } from "effect/workers/WorkerError"
import { WorkerRunnerPlatform } from "effect/workers/WorkerRunner"
import { DeviceError } from "../device/Device.ts"
import { PolicyError } from "../../domain/Errors.ts"
import { Policy } from "../../domain/Policy.ts"
import { Backprop, gradientOf } from "../Backprop.ts"
import type { WorkerAnswers, WorkerCall, WorkerFailure, WorkerReply, WorkerRequest } from "./WorkerMessage.ts"

const toFailure = (operation: string, cause: Cause.Cause<unknown>): WorkerFailure => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  if (error instanceof PolicyError) {
    return { _tag: "PolicyError", operation: error.operation, reason: error.reason, problem: error.problem, advice: error.advice }
  }
  if (error instanceof DeviceError) return { _tag: "DeviceError", label: error.label, device: error.device, message: error.message }
  return {
    _tag: "PolicyError",
    operation,
    reason: "WorkerFailed",
    problem: Cause.pretty(cause),
    advice: "Look at the problem above; the worker could not go on"
  }
}

const answer = (
  { policy, backprop }: { readonly policy: Policy["Service"]; readonly backprop: Backprop["Service"] },
  call: WorkerCall
): Effect.Effect<WorkerAnswers[keyof WorkerAnswers], PolicyError | DeviceError> => {
  switch (call.operation) {
    case "describe":
      return Effect.succeed(policy.parameterCount)
    case "initialize":
      return policy.initialize(call.seed)
    case "sample":
      return policy.sample(call.parameters, call.requests, call.sampling)
    case "logProbs":
      return policy.logProbs(call.parameters, call.trajectories, call.temperature)
    case "gradient":
      return Effect.map(gradientOf(backprop, call.parameters, call.request), ({ gradient, ...rest }) => {
        call.gradient.set(gradient)
        return rest
      })
  }
}

/** Serves the policy of a layer to the thread that started this worker, until that closes it. A layer that fails answers every call with why. */
export const serve = <E>(layer: Layer.Layer<Policy | Backprop, E>): Effect.Effect<void, WorkerError> =>
  Effect.gen(function* () {
    const platform = yield* WorkerRunnerPlatform
    const runner = yield* platform.start<WorkerReply, WorkerRequest>()
    const built = yield* Effect.exit(Layer.build(layer))
    const services = Exit.map(built, (context) => ({ policy: Context.get(context, Policy), backprop: Context.get(context, Backprop) }))
    // One call at a time, in order: a call that nobody waits for any more may not write its gradient after a later one.
    const oneAtATime = Semaphore.makeUnsafe(1)
    yield* runner.run((port, { call, id }) =>
      Effect.gen(function* () {
        const exit = yield* Effect.exit(Effect.flatMap(services, (found) => answer(found, call)))
        const reply: WorkerReply = Exit.isSuccess(exit)
          ? { id, answer: exit.value }
          : { id, failure: toFailure(call.operation, exit.cause) }
        yield* runner.send(port, reply)
      }).pipe(oneAtATime.withPermits(1))
    )
  }).pipe(Effect.scoped, Effect.provide(NodeWorkerRunner.layer))
