/**
 * A calibration as text for the terminal.
 *
 * @module
 */
import type { LevelCalibration, Prediction, Rate } from "../../eval/calibration/Calibration.ts"
import { sideOf } from "../../eval/calibration/FindingWords.ts"
import { headlineOf } from "../../eval/calibration/Headline.ts"
import { sentencesOf, verdictOf } from "../../eval/calibration/Verdict.ts"
import { fixed } from "../../eval/report/Words.ts"
import { FEWEST_CLUSTERS } from "../../eval/statistics/ClusteredInterval.ts"
import type { TranscriptCalibration } from "../../eval/transcripts/files/TranscriptCalibration.ts"
import { type Block, columns, layOut, type Table, TERMINAL_WIDTH } from "../Layout.ts"
import { type LevelNames, levelNames, pointsCell, rowsOf, share, shareCell } from "./Columns.ts"

export { comparisonText } from "./ComparisonText.ts"

const rate = ({ interval, value }: Rate): string => shareCell(value, interval)

// A star where the prediction's gap to the observation is not explained by chance.
const prediction = ({ accuracy, gap, interval }: Prediction): string =>
  `${shareCell(accuracy, interval)}${sideOf(gap) === undefined ? " " : "*"}`

type Rows = ReadonlyArray<LevelCalibration>
type NameOf = LevelNames["of"]

const ratesTable = (rows: Rows, nameOf: NameOf): Table =>
  columns([
    ["level", "n", "prompts", "p_S", "p_D|C", "p_D|W", "observed"],
    ...rows.map((row) => [
      nameOf(row.level),
      String(row.n),
      String(row.queries),
      rate(row.pSample),
      rate(row.pStopGivenCorrect),
      rate(row.pResampleGivenWrong),
      shareCell(row.observed.accuracy, row.observed.interval)
    ])
  ])

const predictionsTable = (rows: Rows, nameOf: NameOf): Table => ({
  kept: [3, 5],
  rows: [
    ["level", "predicted ", "capped ", "fit p", "by attempt ", "fit p"],
    ...rows.map((row) => [
      nameOf(row.level),
      prediction(row.predicted),
      prediction(row.predictedCapped),
      fixed(row.predictedCapped.pValue, 3),
      prediction(row.predictedByAttempt),
      fixed(row.predictedByAttempt.pValue, 3)
    ])
  ]
})

const partsTable = (rows: Rows, nameOf: NameOf): Table =>
  columns([
    ["level", "first answer", "reflection", "tells wrong", "echo", "p(F→T)", "p(T→F)"],
    ...rows.map((row) => [
      nameOf(row.level),
      share(row.contribution.firstAnswer.value),
      pointsCell(row.contribution.reflection),
      pointsCell(row.discrimination ?? { value: null, interval: null }),
      share(row.echo.value),
      share(row.pFalseToTrue.value),
      share(row.pTrueToFalse.value)
    ])
  ])

const countsTable = (rows: Rows, nameOf: NameOf): Table => {
  const hasTruncated = rows.some(({ outcomes }) => outcomes.Truncated > 0)
  return columns([
    [
      "level",
      "Acc@t1",
      "Acc@t2",
      "Δi→c",
      "Δc→i",
      "right stop/resample",
      "wrong stop/resample",
      ...(hasTruncated ? ["cut off", "solved of all"] : [])
    ],
    ...rows.map(({ counts, level, n, outcomes, selfCorrection, solved }) => [
      nameOf(level),
      share(selfCorrection.accuracyAtT1),
      share(selfCorrection.accuracyAtT2),
      share(selfCorrection.incorrectToCorrect),
      share(selfCorrection.correctToIncorrect),
      `${counts.correctStop}/${counts.correctResample}`,
      `${counts.wrongStop}/${counts.wrongResample}`,
      ...(hasTruncated ? [String(outcomes.Truncated), share(solved?.value ?? outcomes.Correct / Math.max(1, n + outcomes.Truncated))] : [])
    ])
  ])
}

const shiftTable = ({ distributionShift }: TranscriptCalibration): ReadonlyArray<Block> =>
  distributionShift === undefined ? [] : [
    columns([
      ["unseen − trained", "observed", "p_S", "p_D|C", "p_D|W"],
      [
        "points",
        ...[
          distributionShift.accuracy,
          distributionShift.pSample,
          distributionShift.pStopGivenCorrect,
          distributionShift.pResampleGivenWrong
        ].map(pointsCell)
      ]
    ]),
    ""
  ]

const passAtKTable = ({ passAtK, passAtKOfAll = [] }: TranscriptCalibration): ReadonlyArray<Block> => {
  if (passAtK.length < 2 && passAtKOfAll.length < 2) return []
  const sizes = passAtK.length > passAtKOfAll.length ? passAtK : passAtKOfAll
  const cells = (row: TranscriptCalibration["passAtK"][number] | undefined) => [share(row?.passAtK ?? null), share(row?.passAllK ?? null)]
  const hasAll = passAtKOfAll.length > 0
  return [
    columns([
      ["k", "pass@k", "pass^k", ...(hasAll ? ["pass@k of all", "pass^k of all"] : [])],
      ...sizes.map(({ k }, i) => [String(k), ...cells(passAtK[i]), ...(hasAll ? cells(passAtKOfAll[i]) : [])])
    ]),
    ""
  ]
}

const notes = (rows: Rows, { badRowCount, method }: TranscriptCalibration): ReadonlyArray<string> => {
  const isTruncated = rows.some(({ outcomes }) => outcomes.Truncated > 0)
  const bare = rows.some(({ pSample }) => pSample.value !== null && pSample.interval === null)
  const truncated = method?.truncated === "counted"
    ? "Of truncated responses the attempts count in the rates, none in n and observed; of all: they count as not solved."
    : "Truncated responses are left out; of all: they count as not solved."
  return [
    `Bad rows: ${badRowCount}. All numbers but n, prompts, counts and fit p are percent, reflection and tells wrong (P(RESAMPLE | wrong) − P(RESAMPLE | right)) points.`,
    "Brackets: 95 %, clustered by prompt. *: the gap to the observation is more than chance; fit p tests that there is none.",
    ...(isTruncated ? [truncated] : []),
    ...(bare ? [`No brackets: fewer than ${FEWEST_CLUSTERS} prompts.`] : [])
  ]
}

/** Writes a calibration for a screen of so many columns: first the answer in words, then tables. */
export const calibrationText = (calibration: TranscriptCalibration, width = TERMINAL_WIDTH): string => {
  const rows = rowsOf(calibration)
  const findings = calibration.findings ?? verdictOf(calibration)
  // Of nothing there is nothing in short, and tables of nothing tell nothing.
  if (findings.usable.verdict === "all") return layOut(sentencesOf(findings), width)
  const words = [...headlineOf(findings), "", ...sentencesOf(findings)]
  const { legend, of } = levelNames(rows.map(({ level }) => level))
  const tables = [ratesTable, predictionsTable, partsTable, countsTable].flatMap((make): ReadonlyArray<Block> => [make(rows, of), ""])
  return layOut(
    [...words, "", ...tables, ...shiftTable(calibration), ...passAtKTable(calibration), ...notes(rows, calibration), ...legend],
    width
  )
}
