/**
 * Reading the typed errors of the theory.
 */
import { expect } from "vitest"
import { type Reason, TheoryError } from "decision-sampling/theory"

/** Runs a function that must throw a `TheoryError` and gives its reason; the message must say where and what to do. */
export const reasonOf = (run: () => unknown): Reason => {
  try {
    run()
  } catch (error) {
    if (!(error instanceof TheoryError)) throw error
    expect(error.message.startsWith(`${error.where}: `)).toBe(true)
    expect(error.message).toContain("; ")
    return error.reason
  }
  throw new Error("no error was thrown")
}
