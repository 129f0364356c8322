/**
 * What the Python grader is compiled from: the reading and grading of `calibrate`, without the compute engine.
 *
 * @module
 */
export { gradeTranscript, readTranscript } from "../../src/eval/transcripts/Grade.ts"
