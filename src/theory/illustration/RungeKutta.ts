/**
 * Integration of an autonomous system of ordinary differential equations, ẏ = f(y), with steps that keep a tolerance.
 *
 * Dormand and Prince, 1980, "A family of embedded Runge-Kutta formulae": fifth order, with a fourth-order solution beside it that measures each
 * step's error.
 *
 * @module
 */
import { assertFinite, assertRange } from "../TheoryError.ts"

const STAGES: ReadonlyArray<ReadonlyArray<number>> = [
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84]
]
// The fifth-order weights minus the fourth-order ones.
const ERROR: ReadonlyArray<number> = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40]

const SAFETY = 0.9
const MOST_STEPS = 1_000_000

const combine = (
  at: ReadonlyArray<number>,
  step: number,
  slopes: ReadonlyArray<ReadonlyArray<number>>,
  weights: ReadonlyArray<number>
): ReadonlyArray<number> =>
  at.map((value, i) => value + step * weights.reduce((sum, weight, stage) => sum + weight * slopes[stage]![i]!, 0))

/** Throws `OutOfRange` unless times are finite and ascend from 0 on. */
export const assertTimes = (where: string, times: ReadonlyArray<number>): void =>
  times.forEach((time, index) =>
    assertRange(where, `times[${index}]`, time, Number.isFinite(time) && time >= (times[index - 1] ?? 0), "numbers that ascend from 0 on")
  )

/**
 * Integrates ẏ = f(y) from y(0) = start and gives y at each of the times, in order.
 *
 * `times` ascend from 0 on. `tolerance` (default 1e-9) bounds each step's error relative to 1 + |y|. Where `until(y)` turns true
 * the result ends with the state after that step, whose time is `end`; else `end` is the last time.
 * Errors: `OutOfRange` (times that descend, a tolerance that is none), `NonFinite` (a slope that is no number), and `OutOfRange` for a system
 * so stiff that a million steps do not suffice.
 */
export const integrate = (
  slope: (at: ReadonlyArray<number>) => ReadonlyArray<number>,
  start: ReadonlyArray<number>,
  times: ReadonlyArray<number>,
  options: { readonly tolerance?: number; readonly until?: (at: ReadonlyArray<number>) => boolean } = {}
): { readonly states: ReadonlyArray<ReadonlyArray<number>>; readonly last: ReadonlyArray<number>; readonly end: number } => {
  const where = "integrate"
  const tolerance = options.tolerance ?? 1e-9
  assertRange(where, "tolerance", tolerance, tolerance > 0 && tolerance < 1, "(0, 1)")
  assertTimes(where, times)
  const slopeAt = (at: ReadonlyArray<number>): ReadonlyArray<number> => {
    const found = slope(at)
    assertFinite(where, "slope", found)
    return found
  }
  const states: Array<ReadonlyArray<number>> = []
  let [now, at, first] = [0, start, slopeAt(start)]
  let step = 1e-3 / (1e-3 + Math.max(...first.map(Math.abs)))
  let taken = 0
  for (const time of times) {
    while (now < time) {
      assertRange(
        where,
        "steps",
        ++taken,
        taken <= MOST_STEPS,
        `[0, ${MOST_STEPS}]: the system is too stiff; ask for a shorter time or a larger tolerance`
      )
      const tried = Math.min(step, time - now)
      const slopes = [first]
      let next = at
      for (const weights of STAGES) {
        next = combine(at, tried, slopes, weights)
        slopes.push(slopeAt(next))
      }
      const error = Math.max(
        ...combine(at.map(() => 0), tried, slopes, ERROR).map((value, i) => Math.abs(value) / (1 + Math.abs(next[i]!)))
      )
      if (error <= tolerance) {
        now = tried === time - now ? time : now + tried
        at = next
        first = slopes.at(-1)!
        if (options.until?.(at) === true) return { states, last: at, end: now }
      }
      step = tried * Math.min(5, Math.max(0.2, SAFETY * (tolerance / Math.max(error, 1e-30)) ** 0.2))
    }
    states.push(at)
  }
  return { states, last: at, end: now }
}
