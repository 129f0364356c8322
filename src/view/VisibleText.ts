/**
 * Every text of the page shows what would steer it: levels, ids, names of files and metrics are anybody's, as responses are.
 *
 * @module
 */
import { options, type VNode } from "preact"
import { visible } from "../domain/Visible.ts"

const SAID = ["title", "aria-label"]

/** Has every text node, and what is said of an element, written by `visible` from here on. */
export const showSteering = (): void => {
  const before = options.vnode
  options.vnode = (node: VNode<Record<string, unknown>>) => {
    const { props, type } = node as { readonly type: unknown; props: Record<string, unknown> | string }
    if (type === null && typeof props === "string") Object.assign(node, { props: visible(props) })
    else if (typeof type === "string" && typeof props === "object") {
      for (const name of SAID) if (typeof props[name] === "string") props[name] = visible(props[name])
    }
    before?.(node)
  }
}
