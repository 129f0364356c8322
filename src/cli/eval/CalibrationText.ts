/**
 * A calibration as a table of plain text.
 *
 * @module
 */
import type { Calibration, LevelCalibration, Rate } from "../../eval/Calibration.ts"
import { bracket, percent } from "../../eval/Words.ts"

const rate = ({ value, wilson }: Rate): string => `${percent(value)} ${value === null ? "" : bracket(wilson)}`.trim()

const cells = (level: LevelCalibration): ReadonlyArray<string> => [
  level.level,
  String(level.n),
  String(level.excluded),
  rate(level.pSample),
  rate(level.pStopGivenCorrect),
  rate(level.pResampleGivenWrong),
  `${percent(level.observed.accuracy)} ${bracket(level.observed.wilson)}`,
  `${percent(level.predicted.accuracy)} ${bracket(level.predicted.interval)}`,
  `${percent(level.predictedCapped.accuracy)} ${bracket(level.predictedCapped.interval)}`
]

const columns = ["level", "n", "left out", "p_S", "p_D|C", "p_D|W", "observed", "predicted", "capped"]

/** Writes one line a level, with 95 % intervals, and the outcomes below. */
export const calibrationText = (calibration: Calibration): string => {
  const rows = [columns, ...[...calibration.levels, calibration.overall].map(cells)]
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const outcomes = Object.entries(calibration.outcomes).map(([outcome, count]) => `${outcome} ${count}`).join(", ")
  return [...rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()), "", `outcomes: ${outcomes}`].join("\n")
}
