/**
 * The inside of a policy worker: answers calls one after the other with the policy that a layer builds.
 *
 * A worker's module provides its layer and runs `serve`; see `Worker`.
 *
 * @module
 */
import type * as NodeWorkerRunner from "@effect/platform-node/NodeWorkerRunner"
import { Cause, Context, Effect, Exit, Layer, Option } from "effect"
import { RpcServer } from "effect/rpc"
import { PolicyError } from "../../domain/Errors.ts"
import { Policy } from "../../domain/Policy.ts"
import { Sampler } from "../../domain/Sampler.ts"
import { Backprop, gradientOf } from "../Backprop.ts"
import { DeviceError } from "../device/Device.ts"
import { decodeObjective } from "../loss/ObjectiveMessage.ts"
import { PolicyRpcs } from "./PolicyRpcs.ts"

/** What a call is told when the policy could not be built, or something broke that nobody foresaw. */
const toError = (operation: string) => (cause: Cause.Cause<unknown>): PolicyError | DeviceError => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  if (error instanceof PolicyError || error instanceof DeviceError) return error
  return new PolicyError({
    operation,
    reason: "WorkerFailed",
    // A foreseen error says it in a sentence; only what nobody foresaw needs its stack.
    problem: error instanceof Error ? error.message : Cause.pretty(cause),
    advice: "Look at the problem above; the worker could not go on"
  })
}

const handlers = <E>(layer: Layer.Layer<Sampler | Policy | Backprop, E>) =>
  PolicyRpcs.toLayer(
    Effect.gen(function* () {
      // A policy that cannot be built answers every call with why.
      const built = yield* Effect.exit(Layer.build(layer))
      const services = Exit.map(built, (context) => ({
        sampler: Context.get(context, Sampler),
        policy: Context.get(context, Policy),
        backprop: Context.get(context, Backprop)
      }))
      type Services = Effect.Success<typeof services>
      // Uninterruptible: a call that nobody waits for any more must end before the next begins, because both use one device.
      const answer = <A>(operation: string, call: (services: Services) => Effect.Effect<A, PolicyError | DeviceError>) =>
        Effect.flatMap(services, call).pipe(Effect.sandbox, Effect.mapError(toError(operation)), Effect.uninterruptible)
      return PolicyRpcs.of({
        describe: () =>
          answer("describe", ({ backprop: { matrices }, policy: { parameterCount } }) => Effect.succeed({ parameterCount, matrices })),
        initialize: ({ seed }) => answer("initialize", ({ policy }) => policy.initialize(seed)),
        sample: ({ parameters, requests, sampling }) => answer("sample", ({ sampler }) => sampler.sample(parameters, requests, sampling)),
        logProbs: ({ parameters, temperature, trajectories }) =>
          answer("logProbs", ({ policy }) => policy.logProbs(parameters, trajectories, temperature)),
        gradient: ({ gradient: target, parameters, request }) =>
          answer("gradient", ({ backprop }) =>
            decodeObjective(request.objective).pipe(
              Effect.flatMap((objective) => gradientOf(backprop, parameters, { ...request, objective })),
              Effect.map(({ gradient, ...rest }) => {
                target.set(gradient)
                return rest
              })
            ))
      })
    })
  )

// Named by a constant: a bundler for a browser, where nothing is served, would stop at the module's imports.
const runnerModule = "@effect/platform-node/NodeWorkerRunner"
const runner = Layer.unwrap(
  Effect.map(
    Effect.promise(() => import(runnerModule) as Promise<typeof NodeWorkerRunner>),
    (loaded) => loaded.layer
  )
)

/** Serves the policy of a layer to the thread that started this worker, until that closes it. */
export const serve = <E>(layer: Layer.Layer<Sampler | Policy | Backprop, E>): Effect.Effect<void, unknown> =>
  // One call at a time, in order: a gradient is never written after a later one.
  Layer.launch(
    RpcServer.layer(PolicyRpcs, { concurrency: 1, disableTracing: true }).pipe(
      Layer.provide(handlers(layer)),
      Layer.provide(RpcServer.layerProtocolWorkerRunner),
      Layer.provide(runner)
    )
  )
