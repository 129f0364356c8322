/**
 * An answer of the server in a component: the last one stays while the next is awaited, and one that was overtaken is thrown away.
 *
 * @module
 */
import { useEffect, useState } from "preact/hooks"
import { ApiError } from "../HttpApi.ts"

/** What is known of an answer. */
export interface Answer<A> {
  readonly value: A | undefined
  readonly problem: ApiError | undefined
  readonly isAwaited: boolean
}

/** Asks again whenever the key changes; "" asks nothing. */
export const useAnswer = <A>(key: string, ask: () => Promise<A>): Answer<A> => {
  const [answer, setAnswer] = useState<Answer<A>>({ value: undefined, problem: undefined, isAwaited: key !== "" })
  useEffect(() => {
    if (key === "") return setAnswer({ value: undefined, problem: undefined, isAwaited: false })
    let isOvertaken = false
    setAnswer(({ value }) => ({ value, problem: undefined, isAwaited: true }))
    ask().then(
      (value) => {
        if (!isOvertaken) setAnswer({ value, problem: undefined, isAwaited: false })
      },
      (cause: unknown) => {
        const problem = cause instanceof ApiError ? cause : new ApiError({ problem: String(cause), advice: "Reload the page" })
        if (!isOvertaken) setAnswer({ value: undefined, problem, isAwaited: false })
      }
    )
    return () => {
      isOvertaken = true
    }
  }, [key])
  return answer
}
