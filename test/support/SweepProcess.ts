/**
 * A process of a sweep over a tiny preset whose stages take some seconds, for tests that kill it: prints the stages that it computed itself.
 *
 *     node test/support/SweepProcess.ts FOLDER SEEDS EXPIRY
 *
 * @module
 */
import { NodeServices } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { Progress, type ProgressService } from "../../src/cli/Progress.ts"
import { services } from "../../src/cli/reproduce/Reproduce.ts"
import { parseSeeds, sweep } from "../../src/cli/sweep/Sweep.ts"
import { slowPreset } from "./TinyPreset.ts"

const [folder = "", seeds = "", expiry = ""] = process.argv.slice(2)
const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}
// A line when a stage shows its first step, when it is well under way, and when it is done.
const UNDER_WAY = 20
const progress: ProgressService = {
  plan: () => Effect.void,
  skip: () => Effect.void,
  stage: (name) =>
    Effect.sync(() => {
      let last = 0
      return {
        from: () => undefined,
        show: (done) => {
          if (last === 0) say(`begun ${name} at ${done}`)
          if (last < UNDER_WAY && done >= UNDER_WAY) say(`under way ${name}`)
          last = done
        },
        done: () => Effect.sync(() => say(`done ${name}`)),
        end: Effect.void
      }
    })
}
const options = { preset: slowPreset, seeds: parseSeeds(seeds), folder, workers: 1, expiry: Number(expiry) }
const { results } = await Effect.runPromise(
  sweep(options).pipe(Effect.provide([services(options), Layer.succeed(Progress, progress), NodeServices.layer]))
)
say(`results ${results.length}`)
