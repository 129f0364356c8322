/**
 * Which rows of a long list are on the screen, and how far the list is scrolled: pure arithmetic.
 *
 * Browsers draw nothing that is higher than some 30 million pixels. A list that would be higher is as high as `TALLEST`, and a pixel of its scroll bar is more than a pixel of rows.
 *
 * @module
 */

/** The height that a list's content has at most, pixels. */
export const TALLEST = 8_000_000

/** The rows on the screen. */
export interface Shown {
  /** The first row and the one after the last. */
  readonly first: number
  readonly end: number
  /** Where the first row's upper edge stands in the content, pixels. */
  readonly top: number
}

/** The height of a list's content. */
export const contentHeight = (rows: number, rowHeight: number): number => Math.min(TALLEST, rows * rowHeight)

/** The rows that are on the screen where a list of `rows` rows has been scrolled by `scrollTop` in a viewport of that height, with some more before and after. */
export const shownRows = (rows: number, rowHeight: number, scrollTop: number, viewport: number, more = 5): Shown => {
  const height = contentHeight(rows, rowHeight)
  const room = Math.max(1, height - viewport)
  // Where the content is not squeezed this is scrollTop itself.
  const offset = Math.min(1, Math.max(0, scrollTop / room)) * Math.max(0, rows * rowHeight - viewport)
  const at = Math.floor(offset / rowHeight)
  const first = Math.max(0, at - more)
  return { first, end: Math.min(rows, at + Math.ceil(viewport / rowHeight) + 1 + more), top: scrollTop - (offset - first * rowHeight) }
}

/** How far to scroll so that a row is on the screen: as it is where it is already. */
export const scrollTo = (row: number, rows: number, rowHeight: number, scrollTop: number, viewport: number): number => {
  const room = Math.max(1, contentHeight(rows, rowHeight) - viewport)
  const all = Math.max(1, rows * rowHeight - viewport)
  const offset = (scrollTop / room) * all
  const wanted = Math.min(Math.max(offset, (row + 1) * rowHeight - viewport), row * rowHeight)
  return Math.abs(wanted - offset) < 0.5 ? scrollTop : (Math.max(0, wanted) / all) * room
}
