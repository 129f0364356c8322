/**
 * Parts of the page that are loaded when they are first shown.
 *
 * @module
 */
import type { FunctionComponent } from "preact"
import { useEffect, useState } from "preact/hooks"
import { Failure } from "./Failure.tsx"

const NOT_LOADED = {
  problem: "This part of the page could not be loaded",
  advice: "Is decision-sampling view still running? Start it again and reload"
}

/** A component that loads another, and says so while it does. */
export const lazily = <Props extends object>(load: () => Promise<FunctionComponent<Props>>): FunctionComponent<Props> => {
  let known: FunctionComponent<Props> | undefined
  return (props) => {
    const [Shown, setShown] = useState(() => known)
    const [isLost, setLost] = useState(false)
    useEffect(() => {
      let isGone = false
      load().then(
        (loaded) => {
          known = loaded
          if (!isGone) setShown(() => loaded)
        },
        () => {
          if (!isGone) setLost(true)
        }
      )
      return () => {
        isGone = true
      }
    }, [])
    if (Shown !== undefined) return <Shown {...props} />
    return isLost ? <Failure problem={NOT_LOADED} /> : <p role="status">Loading …</p>
  }
}
