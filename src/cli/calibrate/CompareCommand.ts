/**
 * `decision-sampling compare A B`: the difference between two models' accuracies, split between sampling and decision.
 *
 * @module
 */
import { Console, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { compareTallies } from "../../eval/transcripts/CalibrateTallies.ts"
import * as Progress from "../Progress.ts"
import { comparisonText } from "./CalibrationText.ts"
import { foreseen, readMarkers, sharedFlags, statisticsOptions, tally, threadsFor } from "./Options.ts"

/** The command. */
export const compareCommand = Command.make(
  "compare",
  {
    from: Argument.String("from").pipe(Argument.withDescription("Transcripts of the model that is compared with")),
    to: Argument.String("to").pipe(Argument.withDescription("Transcripts of the other; differences are to − from")),
    ...sharedFlags
  },
  Effect.fn(function* ({ from, json, to, ...flags }) {
    const threads = yield* threadsFor(yield* readMarkers(flags.markers))
    const before = yield* tally([from], threads, flags)
    const after = yield* tally([to], threads, flags)
    const [fromLevels, toLevels] = [before.tallies.levels(), after.tallies.levels()]
    const comparison = yield* foreseen(() =>
      compareTallies({ id: from, levels: fromLevels }, { id: to, levels: toLevels }, statisticsOptions(flags, [...fromLevels, ...toLevels]))
    )
    yield* Console.log(json ? JSON.stringify(comparison, null, 2) : comparisonText(comparison))
  }, Effect.scoped)
).pipe(
  Command.withDescription("Compare two models from their transcripts: the difference in accuracy, by sampling and by decision"),
  Command.provide(Progress.layer)
)
