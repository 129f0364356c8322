/**
 * `decision-sampling calibrate FILE…`: does a model sample better or decide better? From its transcripts.
 *
 * @module
 */
import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { ConfigError, FileError } from "../../domain/Errors.ts"
import { failingAsync } from "../../domain/Throws.ts"
import { calibrateFilesWith } from "../../eval/transcripts/files/CalibrateFiles.ts"
import { readerOf } from "../../eval/transcripts/Reader.ts"
import * as Progress from "../Progress.ts"
import { assertSteps, bySteps, stepsFlags } from "./BySteps.ts"
import { outputWidth } from "../Layout.ts"
import { calibrationText } from "./CalibrationText.ts"
import { explain, explanationOf, findTranscript, paintFor } from "./Explain.ts"
import { filesByModel, rowByModel } from "./ModelReading.ts"
import { mergeCommand } from "./MergeCommand.ts"
import { filesOptions, namingFlags, readerSpec, readingOptions, readMarkers, sharedFlags } from "./Options.ts"
import { pageFile, pageFlag } from "./Page.ts"
import { partialFlag, writePartial } from "./Partial.ts"
import { assertUsable } from "./Usable.ts"
import { jsonText } from "../JsonText.ts"

/** The command. */
export const calibrateCommand = Command.make(
  "calibrate",
  {
    files: Argument.String("file").pipe(
      Argument.withDescription(
        "JSON Lines, JSON, Parquet or inspect_ai logs, gzip or not: rows of verl, TRL, lm-eval and many more, or {prompt, response, answer}; - is standard input. With --by step a run's folder of rollouts, or a series such as 'run/step_{step}/traces.jsonl'"
      ),
      Argument.variadic({ min: 1 })
    ),
    ...sharedFlags,
    ...stepsFlags,
    explain: Flag.String("explain").pipe(
      Flag.withDescription("Print the response of this id or line with its parts marked, and nothing else"),
      Flag.optional
    ),
    resume: Flag.Boolean("resume").pipe(
      Flag.withDescription("Keep the state beside the first file, and go on from it after an interruption"),
      Flag.withDefault(false)
    ),
    page: pageFlag,
    partial: partialFlag
  },
  Effect.fn(function* ({ explain: id, files, json, page, partial, resume, ...flags }) {
    yield* assertSteps(flags, {
      explain: Option.isSome(id),
      resume,
      page: Option.isSome(page),
      partial: Option.isSome(partial),
      reader: Option.isSome(flags.reader)
    })
    if (Option.isSome(page) && (Option.isSome(id) || Option.isSome(partial))) {
      return yield* new ConfigError({
        field: "--page",
        value: page.value,
        expected: "no --explain and no --partial beside it: they compute nothing to show"
      })
    }
    if (Option.isSome(flags.by)) return yield* bySteps(files, { ...flags, json })
    if (Option.isSome(id)) {
      const spec = readerSpec(flags, yield* readMarkers(flags.markers))
      const byRules = yield* failingAsync([ConfigError], () => readerOf(spec)).pipe(Effect.mapError(namingFlags))
      const row = yield* findTranscript(files, id.value, readingOptions(flags))
      if (row === undefined) {
        return yield* new FileError({
          file: files.join(", "),
          problem: `no readable row with id or line ${id.value}`,
          advice: "Look up the ids in the file, or give a line number"
        })
      }
      const reading = yield* rowByModel(files, row, flags)
      if (reading !== undefined && reading.report.fellBack > 0) {
        yield* Console.error("The model gave no list that could be used: read by the rules")
      }
      const reader = reading === undefined ? byRules : { ...byRules, take: reading.take }
      return yield* Console.log(
        json ? jsonText(explanationOf(row, reader)) : explain(row, reader, paintFor(process.stdout, process.env))
      )
    }
    const writePage = yield* pageFile(page, files)
    if (Option.isSome(partial)) return yield* writePartial(files, partial.value, { ...flags, json, resume })
    const modelReading = yield* filesByModel(files, flags)
    const options = yield* filesOptions(flags)
    yield* calibrateFilesWith(
      files,
      { ...options, isResumable: resume, ...(modelReading === undefined ? {} : { modelReading }) },
      Effect.fnUntraced(function* (calibration) {
        yield* Console.log(json ? jsonText(calibration) : calibrationText(calibration, outputWidth()))
        yield* writePage(calibration, { ...options, ...(modelReading === undefined ? {} : { take: modelReading.take }) })
        yield* assertUsable(files, calibration, flags.strict)
      })
    ).pipe(Effect.mapError(namingFlags))
  }, Effect.scoped)
).pipe(
  Command.withDescription(
    "Calibrate a model from its transcripts: how well it samples, how well it decides, predicted against observed accuracy"
  ),
  Command.withExamples([
    { command: "decision-sampling calibrate samples.jsonl", description: "Does the model sample better or decide better?" },
    { command: "decision-sampling calibrate samples.jsonl --explain 17", description: "How the response of line 17 was read" },
    {
      command: "decision-sampling calibrate --by step --follow run/rollouts",
      description: "A run of reinforcement learning, while it trains"
    }
  ]),
  Command.withSubcommands([mergeCommand]),
  Command.provide(Progress.layer)
)
