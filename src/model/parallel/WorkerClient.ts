/**
 * One policy worker as seen from the thread that started it.
 *
 * @module
 */
import * as NodeWorker from "@effect/platform-node/NodeWorker"
import { Deferred, Effect, type Scope } from "effect"
import * as EffectWorker from "effect/workers/Worker"
import type { WorkerError } from "effect/workers/WorkerError"
import { DeviceError } from "../device/Device.ts"
import { PolicyError } from "../../domain/Errors.ts"
import { nodeBuiltin } from "../device/NodeBuiltins.ts"
import type { WorkerAnswers, WorkerCall, WorkerFailure, WorkerReply, WorkerRequest } from "./WorkerMessage.ts"

/** Calls a worker and waits for its answer. An interrupted call is forgotten; the worker ends it and goes on to the next. */
export type WorkerClient = <Call extends WorkerCall>(
  call: Call
) => Effect.Effect<WorkerAnswers[Call["operation"]], PolicyError | DeviceError>

type Answer = WorkerAnswers[keyof WorkerAnswers]
type CallError = PolicyError | DeviceError | WorkerError

const toError = (failure: WorkerFailure): PolicyError | DeviceError =>
  failure._tag === "PolicyError" ? new PolicyError(failure) : new DeviceError({ ...failure, cause: failure.message })

/** The module of a worker: its source next to this source, or its JavaScript next to this JavaScript. */
export const workerModule = (name: string): URL => new URL(`./${name}${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url)

// Node says once per thread that running TypeScript is experimental.
const threadOptions = (module: URL) => (module.pathname.endsWith(".ts") ? { execArgv: ["--disable-warning=ExperimentalWarning"] } : {})

/** Starts a worker; it ends with the scope. Once it has died every call fails and says why. */
export const startWorker = (module: URL, data: unknown, index: number): Effect.Effect<WorkerClient, never, Scope.Scope> =>
  Effect.gen(function* () {
    const waiting = new Map<number, Deferred.Deferred<Answer, CallError>>()
    const stopped: { error?: WorkerError } = {}
    let calls = 0

    const lost = (operation: string, { message }: WorkerError): PolicyError =>
      new PolicyError({
        operation,
        problem: `policy worker ${index} stopped: ${message}`,
        advice: "Build the layer again; if it stops again, give it less memory to use (smaller passes) or fewer workers"
      })

    const platform = yield* EffectWorker.WorkerPlatform
    const worker = yield* platform.spawn<WorkerReply, WorkerRequest>(index)
    yield* worker.run((reply) => {
      const deferred = waiting.get(reply.id)
      if (deferred === undefined) return Effect.void
      return "failure" in reply ? Deferred.fail(deferred, toError(reply.failure)) : Deferred.succeed(deferred, reply.answer)
    }).pipe(
      Effect.catch((error) => {
        stopped.error = error
        return Effect.forEach(waiting.values(), (deferred) => Deferred.fail(deferred, error))
      }),
      Effect.forkScoped
    )

    const ask = (call: WorkerCall): Effect.Effect<Answer, CallError> =>
      Effect.suspend(() => {
        if (stopped.error !== undefined) return Effect.fail(stopped.error)
        const id = calls++
        const deferred = Deferred.makeUnsafe<Answer, CallError>()
        waiting.set(id, deferred)
        return worker.send({ id, call }).pipe(
          Effect.andThen(Deferred.await(deferred)),
          Effect.ensuring(Effect.sync(() => waiting.delete(id)))
        )
      })
    const call = (call: WorkerCall): Effect.Effect<Answer, PolicyError | DeviceError> =>
      Effect.mapError(ask(call), (error) => (error._tag === "WorkerError" ? lost(call.operation, error) : error))
    return call as WorkerClient
  }).pipe(
    Effect.provide(
      NodeWorker.layer(() =>
        new (nodeBuiltin("node:worker_threads", "a policy worker").Worker)(module, { workerData: data, ...threadOptions(module) })
      )
    ),
    Effect.orDie
  )
