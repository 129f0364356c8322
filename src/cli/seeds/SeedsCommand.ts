/**
 * `decision-sampling seeds`: several seeds of one preset as one report.
 *
 * @module
 */
import { Console, Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { jsonText } from "../JsonText.ts"
import { jsonFlag, withDefault } from "../Help.ts"

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
      withDefault("runs/seeds")
    ),
    json: jsonFlag("what was pooled, and the paths that were written, as JSON")
  },
  Effect.fn(function* ({ files, json, out }) {
    const { poolSeeds } = yield* Effect.promise(() => import("./PoolSeeds.ts"))
    const done = yield* poolSeeds(files, out)
    yield* Console.log(json ? jsonText(done) : done.report)
  })
).pipe(
  Command.withDescription("Pool several seeds of one preset: means over seeds with intervals, what each run changed, the verifier's role"),
  Command.withExamples([
    {
      command: "decision-sampling seeds runs/small-1/results.json runs/small-2/results.json --out runs/seeds",
      description: "Two runs of `reproduce` as one report"
    }
  ])
)
