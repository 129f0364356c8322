/**
 * The bounds of a training's settings, stated once: beyond them a setting is a slip of the keyboard, which would hang, exhaust the memory or
 * turn parameters into NaN hours later.
 *
 * @module
 */
import { Schema } from "effect"
import type { Fault } from "../domain/Errors.ts"

/** The most of anything that is held or done at once: rollouts of a step, examples of a batch, passes over them, parts, attempts. */
export const MOST = 1_000_000

/** The most steps of a run. */
export const MOST_STEPS = 1_000_000_000

/** The largest coefficient, bound or rate: what is larger overflows in the squares and exponentials of a loss. */
export const LARGEST = 1e6

/** How many of something that is held or done at once, one at least. */
export const Count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: MOST }))

/** How many of something that may be none. */
export const CountFromZero = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: MOST }))

/** A number of steps, one at least. */
export const Steps = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: MOST_STEPS }))

/** A number of steps, or none. */
export const StepsFromZero = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: MOST_STEPS }))

/** A size that is not negative. */
export const Size = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: LARGEST }))

/** A size above 0: with 0 in its place nothing would be learnt. */
export const Positive = Size.check(Schema.isGreaterThan(0))

/** The bound of a dual clip, or none: 1 or less would take the gradient off bad answers before the policy has moved (verl refuses it too). */
export const DualClip = Schema.NullOr(Size.check(Schema.isGreaterThan(1)))

/** A probability, or a share. */
export const Probability = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

/** The tokens of a response: an answer and a decision on it at least, or no response would ever be whole. */
export const ResponseTokens = Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 1_000_000_000 }))

/** The fault of more rollouts a step than are held at once; none of sizes that are none, whose own fault that is. */
export const rolloutsFault = (queries: unknown, groupSize: unknown): ReadonlyArray<Fault> =>
  typeof queries === "number" && typeof groupSize === "number" && queries >= 1 && groupSize >= 1 && groupSize * queries > MOST
    ? [{ field: "queries", value: `${queries} with groupSize ${groupSize}`, expected: `at most ${MOST} rollouts a step` }]
    : []
