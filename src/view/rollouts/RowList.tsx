/**
 * A list of rollouts of any length: only what is on the screen is there.
 *
 * @module
 */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks"
import type { RowInfo } from "../Api.ts"
import { Attempts } from "./Attempts.tsx"
import { inOneLine, OUTCOME_SIGNS } from "./RowWords.ts"
import type { Pages } from "./usePages.ts"
import { contentHeight, scrollTo, shownRows } from "./Window.ts"

/** What the list is given. */
export interface RowListProps {
  readonly pages: Pages
  /** The place in the list of the row that is chosen. */
  readonly chosen: number
  readonly onChoose: (index: number) => void
  /** The reader asks for the text of the chosen row. */
  readonly onOpen: () => void
}

const ROW_HEIGHT = 46

const Row = ({ row }: { readonly row: RowInfo }) => (
  <>
    <span class={`outcome ${row.outcome === "Correct" ? "right" : row.outcome === "Wrong" ? "wrong" : "dim"}`}>
      <span aria-hidden="true">{OUTCOME_SIGNS[row.outcome]}</span> {row.outcome}
    </span>
    <span class="level dim">{row.level}{row.step !== null && row.step > 0 ? ` · step ${row.step}` : ""}</span>
    <Attempts row={row} />
    <span class="prompt">{inOneLine(row.prompt)}</span>
    <span class="excerpt dim">{inOneLine(row.excerpt)}</span>
  </>
)

const MOVES: Readonly<Record<string, (at: number, page: number, last: number) => number>> = {
  ArrowDown: (at) => at + 1,
  j: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  k: (at) => at - 1,
  PageDown: (at, page) => at + page,
  PageUp: (at, page) => at - page,
  Home: () => 0,
  End: (_at, _page, last) => last
}

/** The list. It is one stop of the keyboard; arrows, Page Up and Down, Home and End move in it, Enter goes to the text. */
export const RowList = ({ chosen, onChoose, onOpen, pages }: RowListProps) => {
  const { rowAt, total, want } = pages
  const box = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const rows = useRef<HTMLDivElement>(null)
  const [scroll, setScroll] = useState({ top: 0, height: 600 })
  const shown = shownRows(total, ROW_HEIGHT, scroll.top, scroll.height)
  useEffect(() => want(shown.first, shown.end))
  useLayoutEffect(() => {
    if (content.current !== null) content.current.style.height = `${contentHeight(total, ROW_HEIGHT)}px`
    if (rows.current !== null) rows.current.style.transform = `translateY(${shown.top}px)`
  })
  useEffect(() => {
    const element = box.current
    if (element === null) return
    const measure = () => setScroll({ top: element.scrollTop, height: element.clientHeight })
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  useLayoutEffect(() => {
    const element = box.current
    if (element === null || total === 0) return
    element.scrollTop = scrollTo(chosen, total, ROW_HEIGHT, element.scrollTop, element.clientHeight)
  }, [chosen, total])
  const move = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || total === 0) return
    if (event.key === "Enter") {
      event.preventDefault()
      return onOpen()
    }
    const moved = MOVES[event.key]?.(chosen, Math.max(1, Math.floor(scroll.height / ROW_HEIGHT) - 1), total - 1)
    if (moved === undefined) return
    event.preventDefault()
    onChoose(Math.max(0, Math.min(total - 1, moved)))
  }
  return (
    <div
      class="rows"
      ref={box}
      role="listbox"
      aria-label="Rollouts"
      aria-activedescendant={total > 0 ? `row-${chosen}` : undefined}
      tabIndex={0}
      onKeyDown={move}
      onScroll={({ currentTarget }) => setScroll({ top: currentTarget.scrollTop, height: currentTarget.clientHeight })}
    >
      <div ref={content} role="presentation">
        <div ref={rows} role="presentation">
          {Array.from({ length: Math.max(0, shown.end - shown.first) }, (_, i) => {
            const index = shown.first + i
            const row = rowAt(index)
            return (
              <div
                key={index}
                id={`row-${index}`}
                class="row"
                role="option"
                aria-selected={index === chosen}
                aria-posinset={index + 1}
                aria-setsize={total}
                onClick={() => onChoose(index)}
              >
                {row === undefined ? <span class="dim">not read yet</span> : <Row row={row} />}
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}
