/**
 * What the tables of calibrations hold: rows in their order, names of levels, shares and differences with their intervals.
 *
 * @module
 */
import type { Interval } from "../../eval/statistics/Interval.ts"
import { fixed, points, UNDEFINED } from "../../eval/report/Words.ts"
import { cutTo, shortened } from "../Layout.ts"

// A level's name that is wider is cut, so that the numbers beside it fit.
const LONGEST_LEVEL = 20

/** The rows of a calibration or a comparison in the order of a table: levels, trained and unseen ones pooled, all pooled. */
export const rowsOf = <Level>({ levels, overall, trained, unseen }: {
  readonly levels: ReadonlyArray<Level>
  readonly overall: Level
  readonly trained?: Level
  readonly unseen?: Level
}): ReadonlyArray<Level> => [
  ...levels,
  ...(trained === undefined ? [] : [trained]),
  ...(unseen === undefined ? [] : [unseen]),
  // Of one level the pooled row says nothing more.
  ...(levels.length === 1 ? [] : [overall])
]

// Of names of a megabyte so much is looked at, and of whole names so much is told.
const LOOKED_AT = 400
const TOLD = 200
const MOST_TOLD = 20

/** Names of levels for a table, and sentences that tell once what the shortened ones stand for. */
export interface LevelNames {
  readonly of: (level: string) => string
  readonly legend: ReadonlyArray<string>
}

const plain = (name: string): string => name.slice(0, LOOKED_AT).replace(/\p{Cc}/gu, "\uFFFD")

/** Names of at most 20 columns, which differ as the levels do and steer no terminal; what is shortened ends with a mark. */
export const levelNames = (levels: ReadonlyArray<string>): LevelNames => {
  const names = new Map<string, string>()
  const taken = new Set(levels.map(plain))
  for (const level of levels) {
    if (names.has(level)) continue
    const whole = plain(level)
    const short = shortened(whole, LONGEST_LEVEL)
    if (short === whole && level.length <= LOOKED_AT) {
      names.set(level, whole)
      continue
    }
    let name = short
    // Two that begin alike are told apart by a number.
    for (let k = 2; taken.has(name); k++) name = `${cutTo(whole, LONGEST_LEVEL - 1 - String(k).length)}…${k}`
    taken.add(name)
    names.set(level, name)
  }
  const cut = [...names].filter(([level, name]) => level !== name && name.includes("…"))
  const told = cut.slice(0, MOST_TOLD).map(([level, name]) => `${name} is ${JSON.stringify(shortened(plain(level), TOLD))}`)
  const rest = cut.length > MOST_TOLD ? `, and ${cut.length - MOST_TOLD} more (--json has all)` : ""
  return {
    of: (level) => names.get(level) ?? shortened(plain(level), LONGEST_LEVEL),
    legend: told.length === 0 ? [] : [`Shortened: ${told.join("; ")}${rest}.`]
  }
}

/** A share in percent without the sign: "93.4", "100". */
export const share = (value: number | null): string => {
  const text = value === null ? UNDEFINED : fixed(100 * value, 1)
  return text === "100.0" ? "100" : text
}

const brackets = (interval: Interval | null, end: (value: number) => string): string =>
  interval === null ? "" : ` [${end(interval[0])}, ${end(interval[1])}]`

/** A share with its interval, in percent: "93.4 [91.0, 95.2]"; alone where it has none. */
export const shareCell = (value: number | null, interval: Interval | null): string =>
  value === null ? UNDEFINED : share(value) + brackets(interval, share)

/** A difference with its interval, in points: "+3.4 [+1.0, +5.8]"; alone where it has none. */
export const pointsCell = ({ interval, value }: { readonly value: number | null; readonly interval: Interval | null }): string =>
  value === null ? UNDEFINED : points(value) + brackets(interval, points)
