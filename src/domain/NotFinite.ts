/**
 * Numbers that are none within a value. JSON has no word for them and would write null; and its 1e999 is read as one.
 *
 * @module
 */

import { placeOf } from "./SchemaFaults.ts"

// Where a value is: its key, and where that which holds it is.
interface Place {
  readonly key: string | number
  readonly within: Place | undefined
}

const keysOf = (place: Place | undefined): ReadonlyArray<string | number> => {
  const keys: Array<string | number> = []
  for (let at = place; at !== undefined; at = at.within) keys.push(at.key)
  return keys.toReversed()
}

/** The path of a number that is NaN or infinite, the first as the value is written, and the number; undefined where all are numbers. Nesting of any depth. */
export const notFiniteIn = (value: unknown): { readonly path: string; readonly value: number } | undefined => {
  const open: Array<readonly [value: unknown, place: Place | undefined]> = [[value, undefined]]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [at, place] = next
    if (typeof at === "number" && !Number.isFinite(at)) return { path: placeOf(keysOf(place)) || "number", value: at }
    if (typeof at !== "object" || at === null) continue
    const isList = Array.isArray(at)
    const entries = Object.entries(at)
    for (let k = entries.length - 1; k >= 0; k--) {
      const [key, inner] = entries[k]!
      open.push([inner, { key: isList ? Number(key) : key, within: place }])
    }
  }
  return undefined
}
