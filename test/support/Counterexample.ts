/**
 * Demanding that a law does *not* hold.
 */
import fc from "fast-check"

/**
 * Searches an input for which `holds` is false, and gives a small one; fails when all inputs obey.
 *
 * A predicate that throws is a broken predicate, not a counterexample, so what it threw is thrown on: `fc.check(…).failed` would count it.
 */
export const expectCounterexample = <T>(inputs: fc.Arbitrary<T>, holds: (input: T) => boolean, numRuns = 100): T => {
  const thrown: Array<unknown> = []
  const property = fc.property(inputs, (input) => {
    try {
      return holds(input)
    } catch (error) {
      if (!(error instanceof fc.PreconditionFailure)) thrown.push(error)
      throw error
    }
  })
  const found = fc.check(property, { numRuns })
  if (thrown.length > 0) throw thrown[0]
  if (!found.failed || found.counterexample === null) throw new Error(`no counterexample among ${found.numRuns} inputs`)
  return found.counterexample[0]
}
