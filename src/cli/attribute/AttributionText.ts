/**
 * An attribution as plain text.
 *
 * @module
 */
import type { AttributionReport, ObjectiveReport, VerdictReport } from "../../eval/attribute/AttributionReport.ts"
import { type Block, columns, layOut, TERMINAL_WIDTH } from "../Layout.ts"
import { fixed, percent, UNDEFINED } from "../../eval/report/Words.ts"

const short = (value: number | null | undefined): string => (value === null || value === undefined ? UNDEFINED : value.toPrecision(3))

const HEADS = [
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

const sideOf = (towards: "sampling" | "decision"): string => `to π_${towards === "sampling" ? "S" : "D"}`

const verdictWord = ({ towards, verdict }: VerdictReport): string => (towards === null ? verdict : `${verdict}, ${sideOf(towards)}`)

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
  verdict === null ? "undefined" : verdict.towards === null ? verdict.verdict : sideOf(verdict.towards)
]

const verdictLines = ({ name, undefinedBecause, verdict }: ObjectiveReport): ReadonlyArray<string> =>
  verdict !== null
    ? [[`${name}: ${verdictWord(verdict)} (${verdict.rows} rows)`, ...verdict.evidence].map((sentence) => `${sentence}.`).join(" ")]
    : undefinedBecause === undefined
    ? []
    : [`${name}: undefined, because ${undefinedBecause}.`]

/** Bad lines from this share on are said first. */
const MANY_BAD = 0.05

const SHOWN_BAD_ROWS = 5

/** Writes a line for every objective that has its inputs, the evidence of the verdicts, and what is missing, for a screen of so many columns. */
export const attributionText = (report: AttributionReport, width = TERMINAL_WIDTH): string => {
  const computed = report.objectives.filter(({ rows }) => rows > 0)
  const missing = report.objectives
    .filter((objective) => Object.keys(objective.lacking).length > 0)
    .map(({ lacking, name }) => `${name} lacks ${Object.entries(lacking).map(([input, rows]) => `${input} in ${rows} rows`).join(", ")}`)
  const { advantage, neither, score } = report.advantages
  const { badRows, rows, unfinished = 0 } = report
  const all = rows + badRows.length
  const blocks: ReadonlyArray<Block> = [
    ...(badRows.length > MANY_BAD * all ? [`${badRows.length} of ${all} rows could not be read; the reasons are below.`, ""] : []),
    columns([HEADS, ...computed.map(cells)], "left"),
    "",
    ...computed.flatMap(verdictLines),
    ...computed.flatMap(({ name, parts = {} }) =>
      Object.entries(parts).map(([part, { immediate, immediateShare, scoreWeightShare, verdict }]) =>
        `${name}, ${part}: |r| ${short(immediate.perAction)} an action and ${short(immediate.perToken)} a token, ${
          percent(immediateShare)
        } of r, ${percent(scoreWeightShare)} of weight${verdict === null ? "" : `; ${verdictWord(verdict)} beside the decisions`}.`
      )
    ),
    ...(missing.length === 0 ? [] : ["", ...missing]),
    "",
    `${rows} rows; advantage of the row in ${advantage}, its score instead in ${score}, neither in ${neither}.`,
    ...(unfinished === 0
      ? []
      : [
        `${unfinished} of them end without STOP (cut off, or its token was not kept): an answer without a decision counts in the sums, not in the verdicts.`
      ]),
    ...(badRows.length === 0 ? [] : [
      `${badRows.length} rows could not be read:`,
      ...badRows.slice(0, SHOWN_BAD_ROWS).map(({ line, reason }) => `  line ${line}: ${reason}`),
      ...(badRows.length <= SHOWN_BAD_ROWS ? [] : [`  … ${badRows.length - SHOWN_BAD_ROWS} more (--json has them all)`])
    ])
  ]
  return layOut(blocks, width)
}
