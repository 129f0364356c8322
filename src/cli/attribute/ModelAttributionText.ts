/**
 * A model's gradient attribution as plain text.
 *
 * @module
 */
import { UNDEFINED } from "../../eval/report/Words.ts"
import { wrap } from "../calibrate/Columns.ts"
import type { ModelAttribution } from "./AttributeModel.ts"

const short = (value: number | null | undefined): string => (value === null || value === undefined ? UNDEFINED : value.toPrecision(3))

/** √(|E g|² / tr Cov(g)), how far the gradient stands out of its noise; 0 where the estimate of |E g|² is not positive. */
const signalToNoise = (signal: number | undefined, variance: number | undefined): string =>
  signal === undefined || variance === undefined || variance <= 0 ? UNDEFINED : short(Math.sqrt(Math.max(0, signal) / variance))

const columns = ["objective", "‖g_S‖", "‖g_D‖", "g_S/g_D", "cosine", "signal/noise S", "signal/noise D"]

/** Writes a line for every objective that has its inputs, and why others are missing. */
export const modelAttributionText = (report: ModelAttribution): string => {
  const entries = Object.entries(report.objectives)
  const table = [
    columns,
    ...entries.map(([name, parts]) => [
      name,
      short(parts.normSampling),
      short(parts.normDecision),
      parts.normDecision === 0 ? UNDEFINED : short(parts.normSampling / parts.normDecision),
      parts.normSampling === 0 || parts.normDecision === 0 ? UNDEFINED : short(parts.cosine),
      signalToNoise(parts.signalSampling, parts.varianceSampling),
      signalToNoise(parts.signalDecision, parts.varianceDecision)
    ])
  ]
  const widths = columns.map((_, column) => Math.max(...table.map((row) => row[column]!.length)))
  const tokens = entries[0]![1]
  const [bad] = report.badRows
  const reasons = new Map<string, Array<string>>()
  for (const [name, reason] of Object.entries(report.lacking)) reasons.set(reason, [...(reasons.get(reason) ?? []), name])
  return [
    wrap(
      `Gradients of ${report.model} over ${report.parameterCount} parameters (${
        report.parameters === "all" ? "all weights" : "an adapter"
      }), ${report.rows} rollouts, ${tokens.tokensSampling} tokens of π_S and ${tokens.tokensDecision} of π_D; mean loss over all of these.`
    ),
    "",
    ...table.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join("  ")),
    "",
    ...[...reasons].map(([reason, names]) => wrap(`Missing: ${names.join(", ")} (${reason}).`)),
    ...(bad === undefined ? [] : [wrap(`${report.badRows.length} rows could not be used, the first in line ${bad.line}: ${bad.reason}`)])
  ].join("\n").trimEnd()
}
