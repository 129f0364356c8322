/**
 * Something that did not work, in words.
 *
 * @module
 */
import type { Problem } from "../Api.ts"

/** A problem and what to do about it. */
export const Failure = ({ problem: { advice, problem } }: { readonly problem: Problem }) => (
  <p class="failure" role="alert">
    {problem}. {advice}.
  </p>
)
