/**
 * Numbers of counterexamples.
 *
 * @module
 */

/** A number with seven significant digits and no zeros behind them. */
export const digits = (value: number): string => String(Number(value.toPrecision(7))).replace("-", "−")
