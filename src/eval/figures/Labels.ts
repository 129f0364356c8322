/**
 * Names on an axis whose values are positions.
 *
 * @module
 */

/** The expression that gives the name at a position. Vega takes a text such as "constructor" in an expression for what every object has: none stands there by itself. */
export const labelsOf = (names: ReadonlyArray<string>): string =>
  `substring(${JSON.stringify(names.map((name) => `·${name}`))}[datum.value], 1)`
