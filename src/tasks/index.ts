/**
 * What is asked, and how an answer is read and checked.
 *
 * @module
 */
export * as Multiplication from "./Multiplication.ts"
export { formatResponse, REVISION_MARKERS } from "./reading/RevisionMarkers.ts"
