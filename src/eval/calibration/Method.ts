/**
 * How a calibration counts and how sure it says that it is.
 *
 * @module
 */
import { ConfigError } from "../../domain/Errors.ts"
import { FEWEST_CLUSTERS } from "../statistics/ClusteredInterval.ts"
import type { EchoMode } from "./Echoes.ts"
import type { TruncatedMode } from "./Outcomes.ts"

/**
 * What intervals are: `clustered`, of rates Wilson's with the effective number of trials and of everything else the expanded percentile bootstrap, and none with
 * fewer than ten prompts; `percentile`, the plain percentile bootstrap whatever the number (this paper, E.4). Both resample prompts.
 */
export type IntervalMode = "clustered" | "percentile"

/** The choices. */
export interface Method {
  readonly truncated: TruncatedMode
  readonly intervals: IntervalMode
  readonly echoes: EchoMode
}

/** What this paper does: truncated rollouts are left out (E.2), and intervals are plain percentiles (E.4). */
export const PAPER_METHOD: Method = { truncated: "left-out", intervals: "percentile", echoes: "resample" }

/** What a result says of its method: nothing where it is the paper's, so that such results are as they always were. */
export const saidOf = (method: Method) =>
  method.truncated === PAPER_METHOD.truncated && method.intervals === PAPER_METHOD.intervals && method.echoes === PAPER_METHOD.echoes
    ? {}
    : { method: { ...method, fewestQueries: FEWEST_CLUSTERS } }

const oneOf = <Name extends string>(field: string, names: ReadonlyArray<Name>, value: Name): Name => {
  if (!names.includes(value)) throw new ConfigError({ field, value: String(value), expected: `one of: ${names.join(", ")}` })
  return value
}

/** The method of options: truncated rollouts count, intervals are clustered and echoes are attempts unless told. Throws `ConfigError` for any other word. */
export const methodOf = ({ echoes = "resample", intervals = "clustered", truncated = "counted" }: Partial<Method>): Method => ({
  truncated: oneOf("truncated", ["counted", "left-out"], truncated),
  intervals: oneOf("intervals", ["clustered", "percentile"], intervals),
  echoes: oneOf("echoes", ["resample", "confirm"], echoes)
})
