/**
 * The rows of a long list that are looked at, page by page as the reader scrolls; of the others nothing is held.
 *
 * @module
 */
import { useEffect, useRef, useState } from "preact/hooks"
import type { Api, Filter, RowInfo } from "../Api.ts"
import { filterParams } from "../FilterParams.ts"
import { ApiError } from "../HttpApi.ts"

/** Rows of a page. */
export const PAGE = 100
// Pages that are held around the one that is looked at.
const MOST_PAGES = 20
const AGAIN_MS = 700

/** What is known of a list. */
export interface Pages {
  readonly total: number
  readonly isComplete: boolean
  readonly isAwaited: boolean
  readonly problem: ApiError | undefined
  readonly rowAt: (index: number) => RowInfo | undefined
  /** Asks for the rows between two places. */
  readonly want: (from: number, to: number) => void
}

interface State {
  readonly key: string
  readonly total: number
  readonly isComplete: boolean
  readonly problem: ApiError | undefined
  readonly pages: ReadonlyMap<number, ReadonlyArray<RowInfo>>
}

const START = { total: 0, isComplete: false, problem: undefined, pages: new Map() }

/** The rows of a set that a filter asks for; `version` asks for all anew. */
export const usePages = (api: Api, set: string, filter: Filter, version: string): Pages => {
  const key = `${set} ${version} ${filterParams(filter)}`
  const [state, setState] = useState<State>({ key, ...START })
  const asked = useRef({ key, pages: new Set<number>() })
  const now = useRef(key)
  now.current = key
  if (asked.current.key !== key) asked.current = { key, pages: new Set() }

  const load = (page: number): void => {
    if (asked.current.pages.has(page)) return
    asked.current.pages.add(page)
    const { pages: waiting } = asked.current
    api.rows(set, filter, page * PAGE, PAGE).then(
      ({ isComplete, rows, total }) => {
        if (now.current !== key) return
        setState((before) => {
          const pages = new Map(before.key === key ? before.pages : [])
          pages.delete(page)
          pages.set(page, rows)
          for (const far of [...pages.keys()].slice(0, -MOST_PAGES)) {
            pages.delete(far)
            waiting.delete(far)
          }
          return { key, total, isComplete, problem: undefined, pages }
        })
        // A text is still looked for: what is found later is asked for later.
        if (!isComplete) {
          setTimeout(() => {
            if (now.current !== key) return
            waiting.delete(page)
            load(page)
          }, AGAIN_MS)
        }
      },
      (cause: unknown) => {
        if (now.current !== key) return
        waiting.delete(page)
        const problem = cause instanceof ApiError ? cause : new ApiError({ problem: String(cause), advice: "Reload the page" })
        setState({ key, ...START, problem })
      }
    )
  }
  useEffect(() => load(0), [key])
  const isOfThis = state.key === key
  return {
    total: state.total,
    isComplete: isOfThis && state.isComplete,
    isAwaited: !isOfThis,
    problem: isOfThis ? state.problem : undefined,
    rowAt: (index) => state.pages.get(Math.floor(index / PAGE))?.[index % PAGE],
    want: (from, to) => {
      if (!isOfThis) return
      const last = Math.min(to, state.total - 1)
      for (let page = Math.floor(Math.max(0, from) / PAGE); page * PAGE <= last; page++) load(page)
    }
  }
}
