/**
 * Words that findings share.
 *
 * @module
 */
import { percent, points, pointsInterval } from "../report/Words.ts"
import type { Estimate } from "./Estimate.ts"

/** On which side of 0 an interval lies; undefined across it or without one. */
export const sideOf = ({ interval }: Pick<Estimate, "interval">): "above" | "below" | undefined =>
  interval === null ? undefined : interval[0] > 0 ? "above" : interval[1] < 0 ? "below" : undefined

/** "+3.4 points (+1.0 to +5.8)", without brackets where there is no interval. */
export const inPoints = ({ interval, value }: Estimate): string =>
  `${points(value)} points${interval === null ? "" : ` (${pointsInterval(interval)})`}`

/** A number with its noun: "1 prompt", "1,200 prompts". */
export const count = (number: number, noun: string): string => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`

/** A part of a whole in percent. */
export const share = (part: number, whole: number): string => percent(whole === 0 ? null : part / whole)
