/**
 * Transcripts of any model: reading files, taking responses apart, tallying by the million.
 *
 * @module
 */
export { calibrateTallies, compareTallies, passAtKOfAllTallies, passAtKOfTallies } from "./CalibrateTallies.ts"
export type { ModelTallies } from "./CalibrateTallies.ts"
export { describeTallies } from "./DescribeTallies.ts"
export type { ReadRows } from "./DescribeTallies.ts"
export { detectFormat, FORMAT_WRITERS, FORMATS, readLine } from "./Formats.ts"
export type { Format, LinePlan, LineReading, Reading, ReadingPlan, Row, RowNote } from "./Formats.ts"
export { gradeTranscript, NO_LEVEL, readTranscript } from "./Grade.ts"
export type { GivenAttempt, GradedTranscript, ReadingCounts, TranscriptRow } from "./Grade.ts"
export { DEFAULT_READER_SPEC, defaultReader, readerOf } from "./Reader.ts"
export type { Reader, ReaderSpec } from "./Reader.ts"
export { ReadingTally } from "./ReadingTally.ts"
export { compileMarkers, DEFAULT_MARKERS, defaultMarkers, findMarkers, parseMarkerList } from "../../tasks/reading/Markers.ts"
export type { Marker, Markers } from "../../tasks/reading/Markers.ts"
export type { MarkerKind, Phrase } from "../../tasks/reading/Lexicon.ts"
export type { Candidate } from "../../tasks/reading/Candidate.ts"
export { normalizeNumeral, parseNumeral } from "../../tasks/reading/Numeral.ts"
export {
  calibrateFiles,
  calibrateFilesWith,
  compareFiles
} from "./files/CalibrateFiles.ts"
export type { CalibrateFilesOptions, FilesError, FilesOptions, ReadingReport } from "./files/CalibrateFiles.ts"
export type { ReadingOptions } from "./files/FileFormat.ts"
export { FileReading } from "./files/FileReading.ts"
export { readTranscripts } from "./files/ReadTranscripts.ts"
export type { FoundLine, FoundRow, RefusedRow, RepeatedRow } from "./files/ReadTranscripts.ts"
export { CountedNote } from "./ReadingNotes.ts"
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
export type { AttemptSpan, ReadingOptions as TakeApartOptions, TakenApart } from "../../tasks/reading/TakeApart.ts"
export { makeTallies, SavedTallies } from "./Tallies.ts"
export type { LevelTally, Tallies } from "./Tallies.ts"
