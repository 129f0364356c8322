/**
 * The view Rollouts: a list of any length, filters, and the text of the chosen one beside it.
 *
 * @module
 */
import { useEffect, useRef } from "preact/hooks"
import type { SetInfo } from "../Api.ts"
import type { ViewProps } from "../App.tsx"
import { filterOf, filterParams } from "../FilterParams.ts"
import { Failure } from "../parts/Failure.tsx"
import { FilterBar } from "../parts/FilterBar.tsx"
import { linkTo } from "../Place.ts"
import { RolloutPanel } from "./RolloutPanel.tsx"
import { RowList } from "./RowList.tsx"
import { usePages } from "./usePages.ts"

const number = (text: string | null): number => (text !== null && /^\d{1,9}$/.test(text) ? Number(text) : 0)

/** What there is to say of a set's files before its rollouts. */
const SetNotes = ({ set }: { readonly set: SetInfo }) => (
  <>
    {set.state === "reading" && (
      <p role="status" class="note">Reading: {Math.floor(100 * set.share)} %, {set.rows.toLocaleString("en")} rollouts so far.</p>
    )}
    {set.problem !== null && <Failure problem={{ problem: set.problem, advice: "The other files of the set were read" }} />}
    {set.badRows > 0 && (
      <details class="note">
        <summary>{set.badRows.toLocaleString("en")} rows could not be used</summary>
        <ul>{set.bad.map(({ file, line, reason }) => <li key={`${file} ${line}`}>{file}, line {line}: {reason}</li>)}</ul>
      </details>
    )}
  </>
)

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
    const next = filterParams(filter)
    next.set("set", set.id)
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
        onChange={(next) => {
          const params = filterParams(next)
          params.set("set", set.id)
          go(params)
        }}
      />
      {typeof asked === "string" && <Failure problem={{ problem: asked, advice: "All rollouts are shown" }} />}
      <SetNotes set={set} />
      {pages.problem !== undefined && <Failure problem={pages.problem} />}
      <p role="status">
        {share} {pages.total > 0 && (
          <a
            href={linkTo(
              "calibration",
              (() => {
                const params = filterParams(filter)
                params.set("set", set.id)
                return params
              })()
            )}
          >
            Calibrate these
          </a>
        )}
      </p>
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
  const set = overview.sets.find(({ id }) => id === params.get("set")) ?? (params.has("set") ? undefined : overview.sets[0])
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
        <label>
          Rollouts of
          <select value={set?.id ?? ""} onChange={({ currentTarget }) => go(new URLSearchParams({ set: currentTarget.value }))}>
            {set === undefined && <option value="">choose</option>}
            {overview.sets.map(({ id, name, rows, state }) => (
              <option key={id} value={id}>{name} ({state === "reading" ? "reading" : rows.toLocaleString("en")})</option>
            ))}
          </select>
        </label>
      </div>
      {set === undefined
        ? <Failure problem={{ problem: "These rollouts are not among those that were named", advice: "Choose others above" }} />
        : <ListOfSet key={set.id} {...props} set={set} />}
    </>
  )
}
