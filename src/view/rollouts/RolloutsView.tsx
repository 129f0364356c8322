/**
 * The view Rollouts: a list of any length, filters, and the text of the chosen one beside it.
 *
 * @module
 */
import { useEffect, useRef } from "preact/hooks"
import type { SetInfo } from "../Api.ts"
import type { ViewProps } from "../App.tsx"
import { filterOf, setParams } from "../FilterParams.ts"
import { Failure } from "../parts/Failure.tsx"
import { FilterBar } from "../parts/FilterBar.tsx"
import { setOf, SetSelect } from "../parts/SetSelect.tsx"
import { SetState } from "../parts/SetState.tsx"
import { linkTo } from "../Place.ts"
import { RolloutPanel } from "./RolloutPanel.tsx"
import { RowList } from "./RowList.tsx"
import { usePages } from "./usePages.ts"

const number = (text: string | null): number => (text !== null && /^\d{1,9}$/.test(text) ? Number(text) : 0)

interface ListOfSetProps extends ViewProps {
  readonly set: SetInfo
}

const ListOfSet = ({ api, go, params, set }: ListOfSetProps) => {
  const panel = useRef<HTMLElement>(null)
  const asked = filterOf(params)
  const filter = typeof asked === "string" ? {} : asked
  const version = `${set.edition} ${set.rows}`
  const pages = usePages(api, set.id, filter, version)
  const at = Math.min(number(params.get("at")), Math.max(0, pages.total - 1))
  const inList = pages.rowAt(at)?.row
  // A link names the row itself; once the reader moves in the list, the place in it counts.
  const row = params.has("row") ? number(params.get("row")) : inList
  const choose = (index: number): void => {
    const next = setParams(set.id, filter)
    next.set("at", String(index))
    go(next, "replace")
  }
  useEffect(() => {
    const slash = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof HTMLElement && /^(?:INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey) return
      event.preventDefault()
      document.querySelector<HTMLInputElement>("input[type=search]")?.focus()
    }
    addEventListener("keydown", slash)
    return () => removeEventListener("keydown", slash)
  }, [])
  const share = set.rows === 0
    ? ""
    : `${pages.total.toLocaleString("en")}${pages.isComplete || pages.isAwaited ? "" : " so far"} of ${
      set.rows.toLocaleString("en")
    } rollouts`
  return (
    <>
      <FilterBar
        set={set}
        filter={filter}
        onChange={(next) => go(setParams(set.id, next))}
      />
      {typeof asked === "string" && <Failure problem={{ problem: asked, advice: "All rollouts are shown" }} />}
      <SetState set={set} />
      {pages.problem !== undefined && <Failure problem={pages.problem} />}
      <p role="status">
        {share} {pages.total > 0 && (
          <a
            href={linkTo("calibration", setParams(set.id, filter))}
          >
            Calibrate these
          </a>
        )}
      </p>
      {params.has("row") && row !== undefined && row >= set.rows && set.state === "ready" && (
        <Failure
          problem={{
            problem: `There is no row ${row} among the ${set.rows.toLocaleString("en")} of these rollouts`,
            advice: "Choose another below"
          }}
        />
      )}
      <div class="split">
        {pages.total === 0
          ? (
            <p class="dim">
              {set.state === "reading" || pages.isAwaited || !pages.isComplete
                ? "…"
                : "No rollout is like that. Take a part of the filter away."}
            </p>
          )
          : <RowList pages={pages} chosen={at} onChoose={choose} onOpen={() => panel.current?.focus()} />}
        <section class="panel" ref={panel} tabIndex={-1} aria-label="The chosen rollout">
          {row !== undefined && row < set.rows && <RolloutPanel api={api} set={set.id} row={row} version={version} />}
        </section>
      </div>
      <p class="dim">
        Keys: <kbd>↑</kbd> <kbd>↓</kbd> <kbd>Page Up</kbd> <kbd>Page Down</kbd> <kbd>Home</kbd> <kbd>End</kbd> in the list, <kbd>Enter</kbd>
        {" "}
        to the text, <kbd>/</kbd> to search. ✓ right, ✗ wrong; → RESAMPLE, ■ STOP, … cut off; = the same answer again.
      </p>
    </>
  )
}

/** The view. */
export const RolloutsView = (props: ViewProps) => {
  const { go, overview, params } = props
  const set = setOf(overview.sets, params.get("set"))
  if (overview.sets.length === 0) {
    return (
      <p class="note">
        No rollouts were named. Start <code>decision-sampling view FILE…</code> with files of rollouts or runs' folders.
      </p>
    )
  }
  return (
    <>
      <div class="bar">
        <SetSelect label="Rollouts of" sets={overview.sets} value={set?.id ?? ""} onChange={(id) => go(new URLSearchParams({ set: id }))} />
      </div>
      {set === undefined
        ? <Failure problem={{ problem: "These rollouts are not among those that were named", advice: "Choose others above" }} />
        : <ListOfSet key={set.id} {...props} set={set} />}
    </>
  )
}
