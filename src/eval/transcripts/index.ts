/**
 * Transcripts of any model: reading files, taking responses apart, tallying by the million.
 *
 * @module
 */
export { announcedCandidates, closingCandidate } from "../../tasks/reading/Candidates.ts"
export type { Candidate } from "../../tasks/reading/Candidates.ts"
export { calibrateTallies, compareTallies, passAtKOfAllTallies, passAtKOfTallies } from "./CalibrateTallies.ts"
export type { ModelTallies } from "./CalibrateTallies.ts"
export { describeTallies } from "./DescribeTallies.ts"
export type { ReadRows } from "./DescribeTallies.ts"
export { detectFormat, FORMATS, readLine } from "./Formats.ts"
export type { Format, Reading, Row } from "./Formats.ts"
export { gradeTranscript, NO_LEVEL, referenceAnswer } from "./Grade.ts"
export type { TranscriptRow } from "./Grade.ts"
export { compileMarkers, DEFAULT_MARKERS, defaultMarkers, findMarkers, parseMarkerList } from "../../tasks/reading/Markers.ts"
export type { Marker } from "../../tasks/reading/Markers.ts"
export { normalizeNumeral, parseNumeral } from "../../tasks/reading/Numeral.ts"
export {
  calibrateFiles,
  calibrateFilesWith,
  compareFiles
} from "./files/CalibrateFiles.ts"
export type { CalibrateFilesOptions, FilesError, FilesOptions, ReadingReport } from "./files/CalibrateFiles.ts"
export { readTranscripts } from "./files/ReadTranscripts.ts"
export type { FoundLine, FoundRow, RefusedRow } from "./files/ReadTranscripts.ts"
export { stateFileOf } from "./files/TallyFiles.ts"
export { TranscriptCalibration } from "./files/TranscriptCalibration.ts"
export { passAtK } from "../statistics/PassAtK.ts"
export type { PassAtK, QueryScore } from "../statistics/PassAtK.ts"
export { readBlock } from "./ReadBlock.ts"
export type { BadRow, BlockMarks, BlockReading } from "./ReadBlock.ts"
export { simulateTranscripts, writeTranscript } from "./SimulatedTranscript.ts"
export { statedProduct } from "../../tasks/StatedProduct.ts"
export type { StatedProduct } from "../../tasks/StatedProduct.ts"
export { takeApart } from "../../tasks/reading/TakeApart.ts"
export type { AttemptSpan, TakenApart } from "../../tasks/reading/TakeApart.ts"
export { makeTallies, SavedTallies } from "./Tallies.ts"
export type { LevelTally, Tallies } from "./Tallies.ts"
