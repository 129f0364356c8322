/**
 * The frame of the page: its views, what there is to look at, and where the reader is.
 *
 * @module
 */
import type { FunctionComponent } from "preact"
import { useEffect, useState } from "preact/hooks"
import type { Api, Overview } from "./Api.ts"
import { CalibrationView } from "./calibration/CalibrationView.tsx"
import { CompareView } from "./compare/CompareView.tsx"
import { ApiError } from "./HttpApi.ts"
import { Boundary } from "./parts/Boundary.tsx"
import { Failure } from "./parts/Failure.tsx"
import { linkTo, type Place, placeOf, type View, VIEWS } from "./Place.ts"
import { RolloutsView } from "./rollouts/RolloutsView.tsx"
import { RunsView } from "./runs/RunsView.tsx"
import { TheoryView } from "./theory/TheoryView.tsx"

/** What every view is given. */
export interface ViewProps {
  readonly api: Api
  readonly overview: Overview
  readonly params: URLSearchParams
  /** Goes to other parameters of this view; `replace`: without a step to go back. */
  readonly go: (params: URLSearchParams, how?: "push" | "replace") => void
}

const NAMES: Readonly<Record<View, string>> = {
  runs: "Runs",
  rollouts: "Rollouts",
  calibration: "Calibration",
  compare: "Compare",
  theory: "Theory"
}

const COMPONENTS: Readonly<Record<View, FunctionComponent<ViewProps>>> = {
  runs: RunsView,
  rollouts: RolloutsView,
  calibration: CalibrationView,
  compare: CompareView,
  theory: TheoryView
}

const usePlace = (): Place => {
  const [place, setPlace] = useState(() => placeOf(location.hash))
  useEffect(() => {
    const read = () => setPlace(placeOf(location.hash))
    addEventListener("hashchange", read)
    addEventListener("popstate", read)
    return () => {
      removeEventListener("hashchange", read)
      removeEventListener("popstate", read)
    }
  }, [])
  return place
}

const goTo = (view: View) => (params: URLSearchParams, how: "push" | "replace" = "push"): void => {
  const link = linkTo(view, params)
  if (link === location.hash) return
  if (how === "push") history.pushState(null, "", link)
  else history.replaceState(null, "", link)
  dispatchEvent(new PopStateEvent("popstate"))
}

/** Where the reader may begin: with runs if there are any, else with rollouts. */
const firstView = ({ runs, sets }: Overview): View => (runs.length > 0 ? "runs" : sets.length > 0 ? "rollouts" : "theory")

/** The page. */
export const App = ({ api }: { readonly api: Api }) => {
  const place = usePlace()
  const [overview, setOverview] = useState<Overview>()
  const [failure, setFailure] = useState<ApiError>()
  useEffect(() => {
    let isGone = false
    const load = () =>
      api.overview().then(
        (found) => {
          if (isGone) return
          setOverview(found)
          setFailure(undefined)
        },
        (cause: unknown) => {
          if (!isGone && cause instanceof ApiError) setFailure(cause)
        }
      )
    void load()
    // A browser opens six connections to a server, for all its tabs together: a page that nobody sees holds none, and asks what is new when it is seen again.
    let stop: (() => void) | undefined
    const listen = (): void => {
      if (document.visibilityState === "visible") stop ??= api.follow(() => void load())
      else {
        stop?.()
        stop = undefined
      }
    }
    listen()
    document.addEventListener("visibilitychange", listen)
    return () => {
      isGone = true
      document.removeEventListener("visibilitychange", listen)
      stop?.()
    }
  }, [api])
  useEffect(() => {
    if (overview !== undefined && location.hash === "") location.replace(linkTo(firstView(overview)))
  }, [overview])
  useEffect(() => {
    document.title = `${NAMES[place.view]} · decision-sampling`
  }, [place.view])
  const Shown = COMPONENTS[place.view]
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault()
          document.getElementById("main")?.focus()
        }}
      >
        Skip to the content
      </a>
      <header class="top">
        <strong>decision-sampling</strong>
        <nav aria-label="Views">
          {VIEWS.map((view) => <a key={view} href={linkTo(view)} aria-current={view === place.view ? "page" : undefined}>{NAMES[view]}</a>)}
        </nav>
      </header>
      <main id="main" tabIndex={-1}>
        {failure !== undefined && <Failure problem={failure} />}
        {overview === undefined
          ? failure === undefined && <p role="status">Looking at what there is …</p>
          : (
            <Boundary key={place.view}>
              <Shown api={api} overview={overview} params={place.params} go={goTo(place.view)} />
            </Boundary>
          )}
      </main>
    </>
  )
}
