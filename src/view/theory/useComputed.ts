/**
 * What takes longer than a frame: computed when the reader pauses, the last result standing meanwhile.
 *
 * @module
 */
import { useEffect, useState } from "preact/hooks"
import type { Problem } from "../Api.ts"
import { TheoryError } from "../../theory/TheoryError.ts"

/** A result, or why there is none. */
export interface Computed<A> {
  readonly value: A | undefined
  readonly problem: Problem | undefined
  readonly isAwaited: boolean
}

/** Milliseconds without a change after which it is computed. */
const PAUSE = 40

const problemOf = (cause: unknown): Problem =>
  cause instanceof TheoryError
    ? { problem: cause.message, advice: "Move the values back, or choose a shorter time" }
    : { problem: String(cause), advice: "Reload the page" }

/** Computes again whenever the key changes. */
export const useComputed = <A>(key: string, compute: () => A): Computed<A> => {
  const [state, setState] = useState<Computed<A>>({ value: undefined, problem: undefined, isAwaited: true })
  useEffect(() => {
    setState(({ value }) => ({ value, problem: undefined, isAwaited: true }))
    const timer = setTimeout(() => {
      try {
        setState({ value: compute(), problem: undefined, isAwaited: false })
      } catch (cause) {
        setState({ value: undefined, problem: problemOf(cause), isAwaited: false })
      }
    }, PAUSE)
    return () => clearTimeout(timer)
  }, [key])
  return state
}
