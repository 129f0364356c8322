/**
 * What is known of a rollout beside its pattern, as bits.
 *
 * @module
 */

/** Bits of what is known of a rollout beside its pattern. */
export const SIGN = {
  /** A check or a doubt after which the answer stood. */
  confirmed: 1,
  /** An announced answer that changed without a marker. */
  unmarked: 2,
  /** The row's own verdict is not ours. */
  contradicted: 4
} as const
