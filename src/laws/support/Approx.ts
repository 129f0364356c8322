/**
 * Closeness, with every tolerance named once and its reason.
 *
 * @module
 */
import { assert } from "vitest"

/** Two float64 computations of one number by different routes: a few hundred roundings of 1e-16, and sums that cancel. */
export const FLOAT64 = 1e-9

/** A five-point difference with step 1e-3: truncation about 1e-12, rounding 1e-16/1e-3, both times the function's size. */
export const DIFFERENCE = 1e-8

/** The golden files' own promise. */
export const GOLDEN = 1e-9

/** Says whether two numbers agree to `tolerance` relative to max(1, |expected|). */
export const isClose = (actual: number, expected: number, tolerance: number = FLOAT64): boolean =>
  actual === expected || Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected))

/** Fails unless two numbers agree to `tolerance` relative to max(1, |expected|). */
export const expectClose = (actual: number, expected: number, tolerance: number = FLOAT64, what = "value"): void => {
  const message = `${what}: ${actual} is not ${expected} to ${tolerance}`
  assert(isClose(actual, expected, tolerance), message)
}

/** Fails unless two vectors have one length and agree entry by entry, relative to the largest entry or 1. */
export const expectAllClose = (
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number = FLOAT64,
  what = "vector"
): void => {
  assert(actual.length === expected.length, `${what}: ${actual.length} entries, not ${expected.length}`)
  const size = Array.from(expected).reduce((largest, value) => Math.max(largest, Math.abs(value)), 1)
  for (let index = 0; index < expected.length; index++) {
    const close = Math.abs(actual[index]! - expected[index]!) <= tolerance * size
    const message = `${what}[${index}]: ${actual[index]} is not ${expected[index]} to ${tolerance} of ${size}`
    assert(close, message)
  }
}

/** The largest difference of two vectors' entries; for laws that say two things are *not* the same. */
export const largestDifference = (left: ArrayLike<number>, right: ArrayLike<number>): number =>
  Array.from(left).reduce((largest, value, index) => Math.max(largest, Math.abs(value - right[index]!)), 0)
