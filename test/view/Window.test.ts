import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { contentHeight, scrollTo, shownRows, TALLEST } from "../../src/view/rollouts/Window.ts"

const lists = fc.record({
  rows: fc.constantFrom(1, 7, 1000, 173_914, 1_000_000, 50_000_000),
  viewport: fc.constantFrom(120, 600, 1400),
  share: fc.integer({ min: 0, max: 1000 }).map((k) => k / 1000)
})
const ROW = 46

describe("the window on a list", () => {
  it("shows as many rows as fit, whatever the list's length, and draws them where they are looked at", () =>
    fc.assert(fc.property(lists, ({ rows, share, viewport }) => {
      const top = share * Math.max(0, contentHeight(rows, ROW) - viewport)
      const shown = shownRows(rows, ROW, top, viewport)
      expect(shown.first).toBeGreaterThanOrEqual(0)
      expect(shown.end).toBeLessThanOrEqual(rows)
      expect((shown.end - shown.first) * ROW).toBeGreaterThanOrEqual(Math.min(viewport, rows * ROW))
      expect(shown.top).toBeLessThanOrEqual(top + 1e-6)
      expect(shown.top + (shown.end - shown.first) * ROW).toBeGreaterThanOrEqual(Math.min(top + viewport, contentHeight(rows, ROW)) - 1e-3)
    })))

  it("reaches the first and the last row, and every row that is asked for", () =>
    fc.assert(fc.property(lists, fc.nat(1000), ({ rows, share, viewport }, k) => {
      const bottom = Math.max(0, contentHeight(rows, ROW) - viewport)
      expect(shownRows(rows, ROW, 0, viewport).first).toBe(0)
      expect(shownRows(rows, ROW, bottom, viewport).end).toBe(rows)
      const row = Math.floor((k / 1000) * (rows - 1))
      const moved = scrollTo(row, rows, ROW, share * bottom, viewport)
      const { end, first } = shownRows(rows, ROW, moved, viewport, 1)
      expect(row).toBeGreaterThanOrEqual(first)
      expect(row).toBeLessThan(end)
    })))

  it("does not scroll to what is on the screen, and is never too high for a browser", () => {
    expect(scrollTo(3, 100, ROW, 50, 600)).toBe(50)
    expect(contentHeight(50_000_000, ROW)).toBe(TALLEST)
  })
})
