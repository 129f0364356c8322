/**
 * How likely a token was, as one of a few shades.
 *
 * @module
 */
import type { RowDetail, Segment } from "../Api.ts"

/** A part of a segment, with the log-probability of its token where there is one. */
export interface ShadedPart {
  readonly text: string
  readonly logProb: number | undefined
}

/** Shades from 0, at least one in two, to 5, less than one in ten thousand: steps of about a factor of six. */
export const shadeOf = (logProb: number): number => {
  const limits = [-0.7, -1.6, -3, -5, -9.2]
  const shade = limits.findIndex((limit) => logProb >= limit)
  return shade < 0 ? limits.length : shade
}

/** Cuts a segment at the tokens of a response. */
export const shadedParts = ({ start, text }: Segment, logProbs: NonNullable<RowDetail["logProbs"]>): ReadonlyArray<ShadedPart> => {
  const parts: Array<ShadedPart> = []
  let at = start
  const end = start + text.length
  const put = (to: number, logProb: number | undefined): void => {
    if (to <= at) return
    parts.push({ text: text.slice(at - start, to - start), logProb })
    at = to
  }
  for (const token of logProbs) {
    if (token.end <= start || token.start >= end) continue
    put(Math.max(at, token.start), undefined)
    put(Math.min(end, token.end), token.logProb)
  }
  put(end, undefined)
  return parts
}
