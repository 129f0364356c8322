/**
 * The signals that end the program, and how long it may take over that.
 *
 * @module
 */

/** Ctrl-C, and what schedulers and `kill` send. */
export const ENDING_SIGNALS = ["SIGINT", "SIGTERM"] as const

/** A signal that ends the program. */
export type EndingSignal = (typeof ENDING_SIGNALS)[number]

/** Milliseconds from a signal to the end of the process: for saving what would be lost, and for removing what nobody needs. */
export const GRACE_MS = 1500
