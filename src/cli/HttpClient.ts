/**
 * How commands speak to servers: the HTTP client, and what is said of long waits.
 *
 * @module
 */
import { Console, Effect, Layer } from "effect"

/** The HTTP client, loaded on demand: most commands speak to no server. */
export const httpClient = Layer.unwrap(
  Effect.map(Effect.promise(() => import("@effect/platform-node/NodeHttpClient")), ({ layerNodeHttp }) => layerNodeHttp)
)

// Waits from this on are said.
const LONG_WAIT_MS = 5_000
const SAID_EVERY_MS = 15_000

/** Says long waits on standard error, not every one of many requests'. */
export const sayingWaits = () => {
  let saidAt = -Infinity
  return (milliseconds: number, problem: string): Effect.Effect<void> =>
    Effect.suspend(() => {
      const now = performance.now()
      if (milliseconds < LONG_WAIT_MS || now - saidAt < SAID_EVERY_MS) return Effect.void
      saidAt = now
      return Console.error(`waiting ${Math.round(milliseconds / 1000)} s: ${problem}`)
    })
}
