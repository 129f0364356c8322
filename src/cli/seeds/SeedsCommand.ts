/**
 * `decision-sampling seeds`: several seeds of one preset as one report.
 *
 * @module
 */
import { Console, Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"

/** Pools result files; prints where the page is. */
export const seedsCommand = Command.make(
  "seeds",
  {
    files: Argument.String("file").pipe(
      Argument.withDescription("results.json of reproduce, one for each seed"),
      Argument.variadic({ min: 2 })
    ),
    out: Flag.String("out").pipe(
      Flag.withDescription("Folder for seeds.json, report.html and figures/ as SVG and PNG"),
      Flag.withDefault("runs/seeds")
    )
  },
  Effect.fn(function* ({ files, out }) {
    const { poolSeeds } = yield* Effect.promise(() => import("./PoolSeeds.ts"))
    yield* Console.log(yield* poolSeeds(files, out))
  })
).pipe(
  Command.withDescription("Pool several seeds of one preset: means over seeds with intervals, what each run changed, the verifier's role")
)
