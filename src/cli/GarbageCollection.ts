/**
 * How often V8 collects garbage in a process that trains.
 *
 * @module
 */
import { setFlagsFromString } from "node:v8"

/** A heap may grow by so many per cent of what the last collection left before the next. */
const GROWTH = 400

/**
 * Lets the heaps of this process and its threads grow to five times their size between two whole collections, where V8's own bound may be a few megabytes.
 *
 * A step of training makes several vectors as long as the parameters, which V8 counts and does not look into: for a network of half a megabyte it would
 * collect every second step, a quarter of the time. Results do not depend on it.
 */
export const collectSeldom = (): void => setFlagsFromString(`--heap-growing-percent=${GROWTH}`)
