/**
 * `decision-sampling calibrate merge PART…`: calibrates what many machines read, or makes one part of many.
 *
 * @module
 */
import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { calibrateParts, mergeParts } from "../../eval/transcripts/parts/Parts.ts"
import { tryFile } from "../Destination.ts"
import { outputWidth } from "../Layout.ts"
import { calibrationText } from "./CalibrationText.ts"
import { namingFlagsOf } from "../NamingFlags.ts"
import { namingFlags, sharedFlags, statisticsFlags, statisticsOptions } from "./Options.ts"
import { partText } from "./Partial.ts"
import { assertUsable } from "./Usable.ts"
import { jsonText } from "../JsonText.ts"

/** The command. */
export const mergeCommand = Command.make(
  "merge",
  {
    parts: Argument.String("part").pipe(
      Argument.withDescription("Parts that calibrate --partial or merge --partial wrote, in any order"),
      Argument.variadic({ min: 1 })
    ),
    partial: Flag.String("partial").pipe(
      Flag.withDescription("Compute nothing: write the parts as one to this file"),
      Flag.optional
    ),
    json: sharedFlags.json,
    ...statisticsFlags
  },
  Effect.fn(function* ({ json, partial, parts, ...flags }) {
    if (Option.isSome(partial)) {
      yield* tryFile(partial.value)
      const made = yield* mergeParts(parts, partial.value).pipe(Effect.mapError(namingFlagsOf({ out: "--partial" })))
      return yield* Console.log(json ? jsonText(made) : partText(made))
    }
    const { calibration, isStrict } = yield* calibrateParts(parts, statisticsOptions(flags)).pipe(Effect.mapError(namingFlags))
    // A task of a job array that failed has left no part, and nothing else tells.
    const files = calibration.inputs?.length ?? 0
    yield* Console.error(`${parts.length} part${parts.length === 1 ? "" : "s"} of ${files} file${files === 1 ? "" : "s"}`)
    for (const { file, line, reason } of calibration.badRows.slice(0, 10)) yield* Console.error(`${file}:${line}: ${reason}`)
    if (calibration.badRowCount > 10) yield* Console.error(`… ${calibration.badRowCount} bad rows in all`)
    yield* Console.log(json ? jsonText(calibration) : calibrationText(calibration, outputWidth()))
    yield* assertUsable(parts, calibration, isStrict)
  })
).pipe(
  Command.withDescription("Calibrate parts that were tallied apart, as if their files had been read together"),
  Command.withExamples([
    {
      command: "decision-sampling calibrate merge part-1.part part-2.part",
      description: "What `calibrate --partial` wrote on two machines"
    }
  ])
)
