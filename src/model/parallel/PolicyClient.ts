/**
 * One policy worker as seen from the thread that started it.
 *
 * @module
 */
import * as NodeWorker from "@effect/platform-node/NodeWorker"
import { Effect, Layer, type Scope } from "effect"
import { RpcClient, type RpcClientError } from "effect/rpc"
import { PolicyError } from "../../domain/Errors.ts"
import { nodeBuiltin } from "../device/NodeBuiltins.ts"
import { PolicyRpcs } from "./PolicyRpcs.ts"

/** The calls of a worker. */
export type PolicyClient = RpcClient.FromGroup<typeof PolicyRpcs, RpcClientError.RpcClientError>

/** The module of a worker: its source next to this source, or its JavaScript next to this JavaScript. */
export const workerModule = (name: string): URL => new URL(`./${name}${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url)

// Node says once per thread that running TypeScript is experimental.
const threadOptions = (module: URL) => (module.pathname.endsWith(".ts") ? { execArgv: ["--disable-warning=ExperimentalWarning"] } : {})

/** A broken connection, as the client tells of it; the reason may hold what the thread died of. */
interface Broken {
  readonly message: string
  readonly reason?: unknown
}

const deathOf = ({ message, reason }: Broken): string => {
  const cause = typeof reason === "object" && reason !== null && "cause" in reason ? reason.cause : undefined
  return cause instanceof Error && !message.includes(cause.message) ? `${message}: ${cause.message}` : message
}

/** Says of a broken connection what it means: the thread is gone. */
export const lost = (operation: string, index: number) => (broken: Broken): PolicyError =>
  new PolicyError({
    operation,
    reason: "WorkerLost",
    problem: `policy worker ${index} stopped: ${deathOf(broken)}`,
    advice: "Build the layer again; if it stops again, give it less memory to use (smaller passes) or fewer workers"
  })

/**
 * Starts a worker; it ends with the scope. A thread that dies fails the calls that wait for it, and those that come until it has
 * been started anew, a second later. One
 * client a worker: a pool would give a shard to whichever thread is free, and the order of sums would no longer be fixed.
 */
export const startWorker = (module: URL, data: unknown): Effect.Effect<PolicyClient, never, Scope.Scope> => {
  const protocol = RpcClient.layerProtocolWorker({ size: 1, concurrency: Number.MAX_SAFE_INTEGER }).pipe(
    Layer.provide(
      NodeWorker.layer(() =>
        new (nodeBuiltin("node:worker_threads", "a policy worker").Worker)(module, { workerData: data, ...threadOptions(module) })
      )
    ),
    Layer.orDie
  )
  return Effect.flatMap(
    Layer.build(protocol),
    (context) => Effect.provideContext(RpcClient.make(PolicyRpcs, { disableTracing: true }), context)
  )
}
