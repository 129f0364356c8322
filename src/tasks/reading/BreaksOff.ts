/**
 * Whether a text breaks off after a marker.
 *
 * @module
 */
import type { Marker } from "./Markers.ts"

const CONFIRMS =
  /\b(?:yes|yep|yeah|correct|right|good|ok|okay|fine|confirmed|match(?:es)?|true|great|consistent|perfect|indeed|well|holds|out|checks|same|ja|oui|sí|да|verified)\W*$/iu
const BREAKS_OFF = /[\p{L},:;(+=−*/-]\s*$/u
const SHORT_REST = 24
const REST = 120

/** Tells whether a text that ends after a marker breaks off there: nothing follows what begins again, or the last sentence has no end. */
export const breaksOff = (text: string, { end: from, kind }: Marker, end: number): boolean => {
  const rest = text.slice(Math.max(from, end - REST), end).replace(/[*_`"”'’)\]}$\s]+$/u, "")
  // A question that ends the text was asked to the end.
  if (CONFIRMS.test(rest) || /[?？]$/.test(rest)) return false
  if (!/[\p{L}\d]/u.test(rest)) return true
  return (kind === "redo" && end - from < SHORT_REST && !/\d/.test(rest)) || BREAKS_OFF.test(rest)
}
