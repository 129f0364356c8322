/**
 * What the page on KL says of a row.
 *
 * @module
 */
import type { DivergenceName } from "../../../theory/KlChoice.ts"
import type { KlTableRow } from "../../../theory/KlTable.ts"
import { short } from "../../chart/Chart.tsx"
import { estimatorName, PLACEMENT_NAMES } from "./KlForm.ts"
import { entryAt } from "./KlRows.ts"

/** A distance in symbols. */
export const divergenceWords = (name: DivergenceName | null): string => {
  if (name === null) return "no distance with a name"
  if (name === "zero") return "nothing"
  return name
    .replaceAll("reverse KL", "KL(π‖π_ref)")
    .replaceAll("forward KL", "KL(π_ref‖π)")
    .replaceAll("L1 distance", "‖π − π_ref‖₁")
    .replaceAll("half mean square", "½E[x²]")
    .replaceAll("mean absolute", "E|x|")
    .replaceAll(" - ", " − ")
}

const growth = (exponent: number | null): string => (exponent === null ? "" : `, growing like L^${short(Number(exponent.toFixed(2)))}`)

/** Says what a row descends, how its gradient falls on both sub-policies at this length, and how that grows with it. */
export const klSentence = (row: KlTableRow, length: number): string => {
  const name = `${estimatorName(row.estimator)} ${PLACEMENT_NAMES[row.placement]}`
  const entry = entryAt(row, length)
  if (row.divergence === null) {
    return `${name}: each choice feels the gradient of no distance that has a name here, or the policy is its reference.`
  }
  if (entry === undefined || entry.ratio === null) {
    return `${name} descends ${divergenceWords(row.divergence)}: its expected gradient is 0 on both sub-policies.`
  }
  const size = entry.ratio === Infinity ? "falls on π_S alone" : `is ${short(entry.ratio)} times as large on π_S as on π_D`
  const aggregated = row.divergence === "zero"
    ? `On each choice ${name} descends nothing, yet weights of 1/tokens leave a gradient towards longer trajectories, whatever the reference. It`
    : `${name} descends ${divergenceWords(row.divergence)} of each choice. At ${length} tokens an answer its expected gradient`
  return `${aggregated} ${size}; on π_S it is ${short(entry.sampling)}${growth(row.growth.sampling)}, on π_D ${short(entry.decision)}${
    growth(row.growth.decision)
  }.`
}
