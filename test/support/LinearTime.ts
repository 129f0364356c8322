/**
 * The law that time grows as the length of a text: ten times the text takes at most twenty times the time.
 *
 * @module
 */
import type { TextMaker } from "./AdversarialTexts.ts"
import { threadMs } from "./ProcessorTime.ts"

// A thread's time is counted in ticks; the wall's clock, which is exact, tells more of what takes less than a few.
const TICK_MS = 4

const onceMs = (read: (text: string) => void, text: string): number => {
  const [used, began] = [threadMs(), performance.now()]
  read(text)
  return Math.min(performance.now() - began, threadMs() - used + TICK_MS)
}

/** How many times the time ten times the text may take. */
const MOST_GROWTH = 20

// Less than this is the clocks', and the collector's of garbage.
const FLOOR_MS = 5
const MOST_TRIES = 5

// What takes so much longer than it may is no noise.
const BEYOND_NOISE = 4

/** The least processor time of reading a text of a size, ms; tried again while it is more than `enough`, and not far more. Each try has a text of its own: readers remember. */
export const readingMs = (read: (text: string) => void, make: TextMaker, size: number, enough = 0, tries = MOST_TRIES): number => {
  let best = Infinity
  for (let left = tries; left > 0 && best > enough; left--) {
    best = Math.min(best, onceMs(read, make(size - left)))
    if (left < tries && enough > 0 && best > BEYOND_NOISE * enough) break
  }
  return best
}

/**
 * Reads texts of growing sizes, each ten times the one before. Says at which size the law breaks, from the smallest on, so that what takes a cube is
 * found before it takes minutes; undefined where it holds.
 */
export const breaks = (
  read: (text: string) => void,
  make: TextMaker,
  sizes: ReadonlyArray<number>
): string | undefined => {
  let before = FLOOR_MS
  for (const [i, size] of sizes.entries()) {
    const most = MOST_GROWTH * Math.max(before, FLOOR_MS)
    const ms = readingMs(read, make, size, i === 0 ? FLOOR_MS : most)
    if (i > 0 && ms > most) return `${size} characters take ${ms.toFixed(1)} ms, ${sizes[i - 1]} of them ${before.toFixed(1)}`
    before = ms
  }
  return undefined
}
