/**
 * `decision-sampling compare A B`: the difference between two models' accuracies, split between sampling and decision.
 *
 * @module
 */
import { Console, Effect, Option } from "effect"
import { ConfigError, FileError } from "../../domain/Errors.ts"
import { Argument, Command } from "effect/cli"
import { compareFiles } from "../../eval/transcripts/files/CalibrateFiles.ts"
import { compareSteps, namesSteps } from "../../eval/transcripts/steps/CompareSteps.ts"
import * as Progress from "../Progress.ts"
import { outputWidth } from "../Layout.ts"
import { comparisonText } from "./CalibrationText.ts"
import { comparedByModel } from "./ModelReading.ts"
import { filesOptions, namingFlags, sharedFlags } from "./Options.ts"
import { jsonText } from "../JsonText.ts"

/** The command. */
export const compareCommand = Command.make(
  "compare",
  {
    from: Argument.String("from").pipe(
      Argument.withDescription(
        "Transcripts of the model that is compared with; or a step of a run, or several: run/rollouts@10, run/rollouts@1-10"
      )
    ),
    to: Argument.String("to").pipe(Argument.withDescription("Transcripts of the other; differences are to − from")),
    ...sharedFlags
  },
  Effect.fn(function* ({ from, json, to, ...flags }) {
    const isOfSteps = namesSteps(from) || namesSteps(to)
    if (isOfSteps && Option.isSome(flags.reader)) {
      return yield* new ConfigError({ field: "--reader", value: "given with steps of a run", expected: "files of transcripts" })
    }
    const modelReading = yield* comparedByModel(from, to, flags)
    const options = { ...(yield* filesOptions(flags)), ...(modelReading === undefined ? {} : { modelReading }) }
    const comparison = yield* (isOfSteps ? compareSteps(from, to, options) : compareFiles(from, to, options)).pipe(
      Effect.mapError(namingFlags)
    )
    yield* Console.log(json ? jsonText(comparison) : comparisonText(comparison, outputWidth()))
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
  Command.withExamples([
    { command: "decision-sampling compare before.jsonl after.jsonl", description: "What training changed, sampling or deciding" },
    { command: "decision-sampling compare run/rollouts@1-4 run/rollouts@5-8", description: "The same of the steps of one run" }
  ]),
  Command.provide(Progress.layer)
)
