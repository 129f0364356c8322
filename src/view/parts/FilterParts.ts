/**
 * A filter taken apart: each thing that it asks for in words, and the filter without it.
 *
 * @module
 */
import type { Filter } from "../Api.ts"
import { EVENT_WORDS } from "./EventWords.ts"

/** One thing that a filter asks for. */
export interface FilterPart {
  readonly words: string
  /** The filter without it. */
  readonly without: Filter
}

/** A filter without those of its fields that ask for nothing. */
export const tidy = (filter: Filter): Filter => {
  const kept = Object.entries(filter).filter(([, value]) =>
    value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0)
  )
  return Object.fromEntries(kept)
}

const rangeWords = ([first, last]: readonly [number, number], one: string, many: string): string =>
  first === last ? `${first} ${first === 1 ? one : many}` : `${first} to ${last} ${many}`

const LONGEST_TEXT = 40

/** What a filter asks for, thing by thing. */
export const filterParts = (filter: Filter): ReadonlyArray<FilterPart> => {
  const { attempts, events = [], levels = [], outcomes = [], promptOf, steps, text = "" } = filter
  const part = (words: string, change: Partial<Record<keyof Filter, unknown>>): FilterPart => ({
    words,
    without: tidy({ ...filter, ...change } as Filter)
  })
  return [
    ...levels.map((level) => part(`level ${level}`, { levels: levels.filter((other) => other !== level) })),
    ...outcomes.map((outcome) => part(outcome, { outcomes: outcomes.filter((other) => other !== outcome) })),
    ...events.map((event) => part(EVENT_WORDS[event], { events: events.filter((other) => other !== event) })),
    ...(attempts === undefined ? [] : [part(rangeWords(attempts, "attempt", "attempts"), { attempts: undefined })]),
    ...(steps === undefined
      ? []
      : [part(steps[0] === steps[1] ? `step ${steps[0]}` : `steps ${steps[0]} to ${steps[1]}`, { steps: undefined })]),
    ...(promptOf === undefined ? [] : [part(`samples of row ${promptOf}’s prompt`, { promptOf: undefined })]),
    ...(text === ""
      ? []
      : [part(`“${text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text}”`, { text: undefined })])
  ]
}

/** A filter in one line: "level 2x2, RESAMPLE of a wrong answer"; "" for one that asks for nothing. */
export const filterWords = (filter: Filter): string => filterParts(filter).map(({ words }) => words).join(", ")

/** A list with a thing in it or taken out; none at all is no list. */
export const toggled = <A>(list: ReadonlyArray<A> | undefined, item: A, isIn: boolean): ReadonlyArray<A> | undefined => {
  const others = (list ?? []).filter((other) => other !== item)
  const next = isIn ? [...others, item] : others
  return next.length === 0 ? undefined : next
}

/** A range of whole numbers out of two fields' texts; undefined where neither says one. Ends in the wrong order are exchanged. */
export const rangeOfTexts = (first: string, last: string, ends: readonly [number, number]): readonly [number, number] | undefined => {
  const read = (text: string, end: number): number => (/^\d{1,15}$/.test(text.trim()) ? Number(text) : end)
  const [a, b] = [read(first, ends[0]), read(last, ends[1])]
  const isAll = a === ends[0] && b === ends[1]
  return isAll ? undefined : [Math.min(a, b), Math.max(a, b)]
}
