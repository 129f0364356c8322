/**
 * How far a device's numbers are from the expected ones.
 *
 * @module
 */
import { expect } from "vitest"
import type { Numbers } from "./Definitions.ts"

/** Largest difference, relative to the largest magnitude expected (or 1e-3, for expectations that are all but zero). */
export const relativeError = (got: Numbers, expected: Numbers): number => {
  expect(got.length).toBe(expected.length)
  const scale = Math.max(1e-3, ...expected.map(Math.abs))
  return Math.max(0, ...got.map((value, i) => (Number.isFinite(value) ? Math.abs(value - expected[i]!) / scale : Infinity)))
}
