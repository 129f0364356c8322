/**
 * Values of others in a sentence of ours.
 *
 * @module
 */

const SHOWN = 200

// Whole numbers of 64 bits, as GGUF has them, have no JSON.
const asJson = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value)

/** A value as JSON, with whole numbers of 64 bits as texts; undefined where it is nested deeper than can be written (some thousand levels), or is none. */
export const jsonOf = (value: unknown): string | undefined => {
  try {
    return JSON.stringify(value, asJson)
  } catch (cause) {
    if (cause instanceof RangeError) return undefined
    throw cause
  }
}

/** A value in a message: as JSON, cut where it is longer than `longest` characters (UTF-16 units). */
export const shownValue = (value: unknown, longest: number = SHOWN): string => {
  if (value === undefined) return "missing"
  const text = jsonOf(value) ?? "nested too deeply"
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}
