/** The inputs of a target by seed: the same again whenever, wherever. */
import fc from "fast-check"
import type { Input } from "./Grammar.ts"
import type { Target } from "./Target.ts"

/** So many inputs of a target. */
export const inputs = (
  { input }: Pick<Target, "input">,
  { count, seed }: { readonly count: number; readonly seed: number }
): ReadonlyArray<Input> => fc.sample(input, { numRuns: count, seed })
