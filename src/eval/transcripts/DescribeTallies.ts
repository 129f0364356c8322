/**
 * Puts together what `calibrate --json` prints: a calibration, what was read to make it, and the answer in words.
 *
 * @module
 */
import type { Calibration } from "../calibration/Calibration.ts"
import { TRANSCRIPTS_VERSION } from "../calibration/TranscriptInput.ts"
import { verdictOf } from "../calibration/Verdict.ts"
import { countsOfTallies, passAtKOfAllTallies, passAtKOfTallies } from "./CalibrateTallies.ts"
import type { TranscriptCalibration } from "./files/TranscriptCalibration.ts"
import { type CountedLevel, outcomesOf } from "./Tallies.ts"

/** What is known of the reading; what is left out is not said. */
export type ReadRows =
  & Pick<TranscriptCalibration, "badRowCount" | "badRows">
  & Partial<Pick<TranscriptCalibration, "inputs" | "markers" | "reading" | "reader" | "duplicates" | "trainLevels">>

/** What is said of a choice of rollouts: which of the rows that could not be used belong to it nobody knows. */
export const NOTHING_READ: ReadRows = { badRowCount: 0, badRows: [] }

/** Describes a calibration of tallies: with its version, pass@k and findings. */
export const describeTallies = (calibration: Calibration, levels: ReadonlyArray<CountedLevel>, read: ReadRows): TranscriptCalibration => {
  const hasTruncated = levels.some((level) => outcomesOf(level).Truncated > 0)
  const described: Omit<TranscriptCalibration, "findings"> = {
    version: TRANSCRIPTS_VERSION,
    ...calibration,
    ...read,
    ...(read.reading === undefined ? {} : { kinds: read.reading.kinds }),
    passAtK: passAtKOfTallies(levels),
    ...(hasTruncated ? { passAtKOfAll: passAtKOfAllTallies(levels) } : {})
  }
  const echoes = calibration.method?.echoes ?? "resample"
  const truncated = calibration.method?.truncated ?? "left-out"
  const confirming = echoes === "confirm" ? {} : { confirming: countsOfTallies(levels, { echoes: "confirm", truncated }) }
  return { ...described, findings: verdictOf({ ...described, ...confirming }) }
}
