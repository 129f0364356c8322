/**
 * A filter as the parameters of an address: what the page's links and the server's questions say of it.
 *
 * @module
 */
import { oneLine } from "../domain/OneLine.ts"
import { OUTCOMES } from "../domain/Outcomes.ts"
import { ROW_EVENTS } from "../eval/transcripts/rows/RowFilter.ts"
import type { Filter } from "./Api.ts"

const RANGE = /^(\d{1,15})-(\d{1,15})$/

const rangeOf = (text: string): readonly [number, number] | undefined => {
  const [, first, last] = RANGE.exec(text) ?? []
  return first === undefined || last === undefined ? undefined : [Number(first), Number(last)]
}

/** Writes a filter as parameters. */
export const filterParams = ({ attempts, events = [], levels = [], outcomes = [], promptOf, steps, text }: Filter): URLSearchParams => {
  const params = new URLSearchParams()
  for (const level of levels) params.append("level", level)
  for (const outcome of outcomes) params.append("outcome", outcome)
  for (const event of events) params.append("event", event)
  if (attempts !== undefined) params.set("attempts", attempts.join("-"))
  if (steps !== undefined) params.set("steps", steps.join("-"))
  if (promptOf !== undefined) params.set("promptOf", String(promptOf))
  if (text !== undefined && text !== "") params.set("text", text)
  return params
}

/** The parameters of a set and a filter of its rollouts. */
export const setParams = (set: string, filter: Filter): URLSearchParams => {
  const params = filterParams(filter)
  params.set("set", set)
  return params
}

/** Reads a filter from parameters; others are none of its business. Gives a sentence where one makes no sense. */
export const filterOf = (params: URLSearchParams): Filter | string => {
  const outcomes = params.getAll("outcome")
  const events = params.getAll("event")
  const known = OUTCOMES.filter((outcome) => outcomes.includes(outcome))
  const named = ROW_EVENTS.filter((event) => events.includes(event))
  if (known.length < new Set(outcomes).size) return `outcome is none of ${OUTCOMES.join(", ")}`
  if (named.length < new Set(events).size) return `event is none of ${ROW_EVENTS.join(", ")}`
  const ranges: { attempts?: readonly [number, number]; steps?: readonly [number, number] } = {}
  for (const name of ["attempts", "steps"] as const) {
    const text = params.get(name)
    if (text === null) continue
    const range = rangeOf(text)
    if (range === undefined || range[0] > range[1]) return `${name} is ${JSON.stringify(oneLine(text, 100))}, expected FIRST-LAST`
    ranges[name] = range
  }
  const promptOf = params.get("promptOf")
  if (promptOf !== null && !/^\d{1,9}$/.test(promptOf)) {
    return `promptOf is ${JSON.stringify(oneLine(promptOf, 100))}, expected the number of a row`
  }
  const levels = params.getAll("level")
  const text = params.get("text") ?? ""
  return {
    ...(levels.length > 0 && { levels }),
    ...(known.length > 0 && { outcomes: known }),
    ...(named.length > 0 && { events: named }),
    ...ranges,
    ...(promptOf !== null && { promptOf: Number(promptOf) }),
    ...(text !== "" && { text })
  }
}
