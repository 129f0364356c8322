/**
 * How many threads a command line may ask for.
 *
 * @module
 */
import { Effect } from "effect"
import { availableParallelism } from "node:os"
import { ConfigError } from "../domain/Errors.ts"
import type { ParallelConfig } from "../model/parallel/ParallelPolicy.ts"

/** So many may be asked for on any machine; more only where there are as many cores: a process with thousands of threads dies without a word of ours. */
const ANYWHERE = 16

/** The threads of `--workers`, a shard each; none for one, which is this thread. Fails with ConfigError for none, and for more than help. */
export const threadsOf = (workers: number): Effect.Effect<{ readonly threads?: ParallelConfig }, ConfigError> => {
  const most = Math.max(ANYWHERE, availableParallelism())
  if (Number.isInteger(workers) && workers >= 1 && workers <= most) {
    return Effect.succeed(workers === 1 ? {} : { threads: { workers, shards: workers } })
  }
  return Effect.fail(new ConfigError({ field: "--workers", value: String(workers), expected: `a whole number from 1 to ${most}` }))
}
