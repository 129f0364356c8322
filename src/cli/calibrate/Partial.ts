/**
 * `calibrate --partial FILE`: tallies some of many files into a part, which `calibrate merge` puts together with others.
 *
 * @module
 */
import { Console, Effect, Option } from "effect"
import { Flag } from "effect/cli"
import { ConfigError } from "../../domain/Errors.ts"
import { DEFAULT_ROUNDS } from "../../eval/statistics/Bootstrap.ts"
import { type MadePart, writeFilesPart } from "../../eval/transcripts/parts/Parts.ts"
import { tryFile } from "../Destination.ts"
import { filesByModel } from "./ModelReading.ts"
import { filesOptions, namingFlags, type SharedFlags } from "./Options.ts"
import { jsonText } from "../JsonText.ts"

/** The flag. */
export const partialFlag = Flag.String("partial").pipe(
  Flag.withDescription("Compute nothing: write what was counted to this file, a part for calibrate merge"),
  Flag.optional
)

// What is computed is chosen when parts are merged: a flag that did nothing here would be believed.
const assertNoStatistics = (flags: SharedFlags): Effect.Effect<void, ConfigError> => {
  const given = [
    ["--echoes", Option.isSome(flags.echoes)],
    ["--truncated", Option.isSome(flags.truncated)],
    ["--cap", Option.isSome(flags.cap)],
    ["--trained", Option.isSome(flags.trained)],
    ["--paper", flags.paper],
    ["--rounds", flags.rounds !== DEFAULT_ROUNDS],
    ["--seed", flags.seed !== 0 && Option.isNone(flags.reader)]
  ].filter(([, isGiven]) => isGiven)
  return given.length === 0 ? Effect.void : Effect.fail(
    new ConfigError({
      field: given.map(([name]) => name).join(", "),
      value: "given with --partial",
      expected: "with calibrate merge, which computes: a part holds counts that serve every choice"
    })
  )
}

/** Says what a part holds. */
export const partText = ({ badRows, bytes, file, inputs, queries, rows }: MadePart): string =>
  `${file}: ${rows} responses to ${queries} prompts from ${inputs} file${inputs === 1 ? "" : "s"}, ${badRows} bad rows, ${bytes} bytes`

/** Writes the part, as the flags say, and prints what it holds. */
export const writePartial = Effect.fn("Partial.write")(function* (
  files: ReadonlyArray<string>,
  out: string,
  { json, resume, ...flags }: SharedFlags & { readonly json: boolean; readonly resume: boolean }
) {
  yield* assertNoStatistics(flags)
  yield* tryFile(out)
  const modelReading = yield* filesByModel(files, flags)
  const made = yield* writeFilesPart(files, out, {
    ...(yield* filesOptions(flags)),
    isResumable: resume,
    ...(modelReading === undefined ? {} : { modelReading })
  }).pipe(Effect.mapError(namingFlags))
  yield* Console.log(json ? jsonText(made) : partText(made))
})
