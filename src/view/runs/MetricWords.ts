/**
 * What a metric is, in words: those of docs/metrics.md.
 *
 * @module
 */
import { ATTRIBUTION_METRICS, type MetricMeaning, STEP_METRICS } from "../../domain/MetricNames.ts"

const ANY = "<name>"

const isNamed = (pattern: string, name: string): boolean =>
  pattern === name || (pattern.endsWith(ANY) && name.startsWith(pattern.slice(0, -ANY.length)))

/** A measurement of the gradient of one part of the objective: `attribution/total/norm_sampling` is the norm of `sampling` of the part `total`. */
export interface AttributionName {
  readonly part: string
  readonly kind: "norm" | "cosine" | "tokens" | "signal" | "variance" | "product" | "covariance"
  /** The sub-policy, or the pair of them where there are more than two; "" where there is one pair. */
  readonly of: string
}

const ATTRIBUTION = /^attribution\/(.+)\/(norm|cosine|tokens|signal|variance|product|covariance)(?:_(.+))?$/

/** Takes apart the name of a gradient's measurement; undefined for any other metric. */
export const attributionName = (name: string): AttributionName | undefined => {
  const [, part, kind, of = ""] = ATTRIBUTION.exec(name) ?? []
  return part === undefined ? undefined : { part, kind: kind as AttributionName["kind"], of }
}

// In docs/metrics.md most of these stand in the plural.
const rowOf = (kind: AttributionName["kind"]): MetricMeaning | undefined =>
  ATTRIBUTION_METRICS.find(({ names }) => names.includes(kind) || names.includes(`${kind}s`))

/** What a metric is, in a sentence without its stop; undefined for one that is not ours. */
export const meaningOf = (name: string): string | undefined => {
  const attribution = attributionName(name)
  const found = attribution === undefined
    ? STEP_METRICS.find(({ names }) => names.some((pattern) => isNamed(pattern, name)))
    : rowOf(attribution.kind)
  return found?.meaning.replaceAll("`", "").replace(/ \(decision \d+\)/, "")
}
