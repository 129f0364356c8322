/**
 * `decision-sampling compare A B`: the difference between two models' accuracies, split between sampling and decision.
 *
 * @module
 */
import { Console, Effect } from "effect"
import { FileError } from "../../domain/Errors.ts"
import { Argument, Command } from "effect/cli"
import { compareFiles } from "../../eval/transcripts/files/CalibrateFiles.ts"
import * as Progress from "../Progress.ts"
import { comparisonText } from "./CalibrationText.ts"
import { comparedByModel } from "./ModelReading.ts"
import { filesOptions, namingFlags, sharedFlags } from "./Options.ts"

/** The command. */
export const compareCommand = Command.make(
  "compare",
  {
    from: Argument.String("from").pipe(Argument.withDescription("Transcripts of the model that is compared with")),
    to: Argument.String("to").pipe(Argument.withDescription("Transcripts of the other; differences are to − from")),
    ...sharedFlags
  },
  Effect.fn(function* ({ from, json, to, ...flags }) {
    const modelReading = yield* comparedByModel(from, to, flags)
    const options = { ...(yield* filesOptions(flags)), ...(modelReading === undefined ? {} : { modelReading }) }
    const comparison = yield* compareFiles(from, to, options).pipe(Effect.mapError(namingFlags))
    yield* Console.log(json ? JSON.stringify(comparison, null, 2) : comparisonText(comparison))
    if (comparison.overall.observed.value === null) {
      return yield* new FileError({
        file: `${from}, ${to}`,
        problem: "nothing could be compared: no level has usable responses of both",
        advice: "Calibrate each file alone to see what it lacks; levels must have the same names in both"
      })
    }
  }, Effect.scoped)
).pipe(
  Command.withDescription("Compare two models from their transcripts: the difference in accuracy, by sampling and by decision"),
  Command.provide(Progress.layer)
)
