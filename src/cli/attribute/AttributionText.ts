/**
 * An attribution as plain text.
 *
 * @module
 */
import type { AttributionReport, ObjectiveReport } from "../../eval/attribute/AttributionReport.ts"
import { fixed, percent, UNDEFINED } from "../../eval/report/Words.ts"

const short = (value: number | null | undefined): string => (value === null || value === undefined ? UNDEFINED : value.toPrecision(3))

const columns = [
  "objective",
  "rows",
  "r_S action",
  "r_D action",
  "r_S token",
  "π_D of r",
  "π_D of weight",
  "π_D seq-mean",
  "growth",
  "verdict"
]

const cells = ({ aggregation, growthExponent, immediate, name, rows, scoreWeights, verdict }: ObjectiveReport): ReadonlyArray<string> => [
  name,
  String(rows),
  short(immediate?.sampling.perAction),
  short(immediate?.decision.perAction),
  short(immediate?.sampling.perToken),
  percent(immediate?.decisionShare ?? null),
  percent(scoreWeights?.decisionShare ?? null),
  percent(aggregation.find(({ mode }) => mode === "seq-mean-token-mean")?.decisionShare ?? null),
  growthExponent === null ? UNDEFINED : `L^${fixed(growthExponent, 2)}`,
  verdict?.verdict ?? UNDEFINED
]

const SHOWN_BAD_ROWS = 5

/** Writes a line for every objective that has its inputs, the evidence of the verdicts, and what is missing. */
export const attributionText = (report: AttributionReport): string => {
  const computed = report.objectives.filter(({ rows }) => rows > 0)
  const table = [columns, ...computed.map(cells)]
  const widths = columns.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  const missing = report.objectives
    .filter((objective) => Object.keys(objective.lacking).length > 0)
    .map(({ lacking, name }) => `${name} lacks ${Object.entries(lacking).map(([input, rows]) => `${input} in ${rows} rows`).join(", ")}`)
  const { advantage, neither, score } = report.advantages
  return [
    ...table.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()),
    "",
    ...computed.flatMap((
      { name, verdict }
    ) => (verdict === null ? [] : [`${name}: ${verdict.verdict}. ${verdict.evidence} (${verdict.rows} rows).`])),
    ...computed.flatMap(({ name, parts = {} }) =>
      Object.entries(parts).map(([part, { immediate, immediateShare, scoreWeightShare, verdict }]) =>
        `${name}, ${part}: |r| ${short(immediate.perAction)} an action and ${short(immediate.perToken)} a token, ${
          percent(immediateShare)
        } of r, ${percent(scoreWeightShare)} of weight${verdict === null ? "" : `; ${verdict.verdict} beside the decisions`}.`
      )
    ),
    ...(missing.length === 0 ? [] : ["", ...missing]),
    "",
    `${report.rows} rows; advantage of the row in ${advantage}, its score instead in ${score}, neither in ${neither}.`,
    ...(report.badRows.length === 0 ? [] : [
      `${report.badRows.length} lines could not be read:`,
      ...report.badRows.slice(0, SHOWN_BAD_ROWS).map(({ line, reason }) => `  line ${line}: ${reason}`)
    ])
  ].join("\n")
}
