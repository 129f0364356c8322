/**
 * How free text is read: candidate answers, markers of reflection, attempts and decisions.
 *
 * @module
 */
export type { Candidate } from "./Candidate.ts"
export type { MarkerKind, Phrase } from "./Lexicon.ts"
export { LEXICON } from "./Lexicon.ts"
export { compileMarkers, DEFAULT_MARKERS, defaultMarkers, findMarkers, parseMarkerList } from "./Markers.ts"
export type { Marker, Markers } from "./Markers.ts"
export { normalizeNumeral, parseNumeral } from "./Numeral.ts"
export { takeApart } from "./TakeApart.ts"
export type { AttemptSpan, ReadingOptions, TakenApart } from "./TakeApart.ts"
