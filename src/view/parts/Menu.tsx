/**
 * A button that opens a panel: Escape, a click elsewhere or the focus elsewhere closes it.
 *
 * @module
 */
import type { ComponentChildren } from "preact"
import { useEffect, useRef } from "preact/hooks"

/** A button with a panel. `state` is what was chosen in it, in a word or two. */
export const Menu = ({ children, name, state }: {
  readonly name: string
  readonly state: string
  readonly children: ComponentChildren
}) => {
  const menu = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    const close = ({ target }: Event): void => {
      if (menu.current !== null && target instanceof Node && !menu.current.contains(target)) menu.current.open = false
    }
    document.addEventListener("pointerdown", close)
    document.addEventListener("focusin", close)
    return () => {
      document.removeEventListener("pointerdown", close)
      document.removeEventListener("focusin", close)
    }
  }, [])
  return (
    <details
      ref={menu}
      class="menu"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || menu.current === null || !menu.current.open) return
        event.stopPropagation()
        menu.current.open = false
        menu.current.querySelector("summary")?.focus()
      }}
    >
      <summary>
        <span class="dim">{name}:</span> {state}
      </summary>
      <div class="panel">{children}</div>
    </details>
  )
}
