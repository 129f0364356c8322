/**
 * Orders that are the same on every machine.
 *
 * @module
 */

/** Compares texts by their characters (UTF-16 units), whatever the language of the machine. */
export const byCharacters = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
