/**
 * Whether a calibration may pass for a result.
 *
 * @module
 */
import { Effect } from "effect"
import { FileError } from "../../domain/Errors.ts"
import type { TranscriptCalibration } from "../../eval/transcripts/files/TranscriptCalibration.ts"

// Numbers that rest on nothing, or on a part that nobody chose, must not pass for a result where a script looks at the exit code alone.
/** Fails with `FileError` where nothing was usable, and where too little was and the reading is strict. */
export const assertUsable = (
  files: ReadonlyArray<string>,
  { findings }: TranscriptCalibration,
  isStrict: boolean
): Effect.Effect<void, FileError> => {
  const usable = findings?.usable
  const isRefused = usable !== undefined && (usable.verdict === "all" || (isStrict && usable.verdict === "many"))
  return isRefused
    ? Effect.fail(
      new FileError({
        file: files.join(", "),
        problem: usable.text.replace(/\.$/, ""),
        advice:
          "See the reasons above, and one response with --explain; where rows have no reference but a verdict, --score-field names its field"
      })
    )
    : Effect.void
}
