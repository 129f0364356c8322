/**
 * The tables of `calibrate`, every number of which leads to its rollouts.
 *
 * @module
 */
import type { LevelCalibration } from "../../eval/calibration/Calibration.ts"
import { shownInterval } from "../../eval/calibration/ShownInterval.ts"
import { percent } from "../../eval/report/Words.ts"
import type { TranscriptCalibration } from "../../eval/transcripts/files/TranscriptCalibration.ts"
import { NumbersTable } from "../parts/NumbersTable.tsx"
import type { countedBy, Narrowing } from "./Behind.ts"
import type { LevelRow } from "./LevelRows.ts"
import { type Among, NumberLink, PointsCell, PredictionCell, RateCell, ShareCell } from "./NumberLinks.tsx"

/** What the tables are given. */
export interface TablesProps {
  readonly rows: ReadonlyArray<LevelRow<LevelCalibration>>
  readonly amongOf: (levels: ReadonlyArray<string> | undefined) => Among
  readonly behind: ReturnType<typeof countedBy>
}

/** The three rates and the observed accuracy. */
export const RatesTable = ({ amongOf, behind, rows }: TablesProps) => (
  <NumbersTable
    caption="Rates, and observed accuracy"
    columns={["level", "responses", "prompts", "p_S", "p_D|C", "p_D|W", "observed"]}
    rows={rows.map(({ levels, name, row }) => {
      const among = amongOf(levels)
      return {
        name,
        cells: [
          <NumberLink among={among} narrowing={behind.scored} text={String(row.n)} />,
          <NumberLink among={among} narrowing={behind.all} text={String(row.queries)} />,
          <RateCell among={among} level={row} narrowing={behind.pSample} rate={row.pSample} />,
          <RateCell among={among} level={row} narrowing={behind.pStopGivenCorrect} rate={row.pStopGivenCorrect} />,
          <RateCell among={among} level={row} narrowing={behind.pResampleGivenWrong} rate={row.pResampleGivenWrong} />,
          <ShareCell
            among={among}
            narrowing={behind.correct}
            value={row.observed.accuracy}
            interval={shownInterval(row, row.observed)}
          />
        ]
      }
    })}
  />
)

/** What the two-stage model predicts from the rates. */
export const PredictionsTable = ({ amongOf, behind, rows }: TablesProps) => (
  <NumbersTable
    caption="Accuracy that the rates predict"
    columns={["level", "observed", "predicted", "capped", "by attempt"]}
    rows={rows.map(({ levels, name, row }) => {
      const among = amongOf(levels)
      const cell = (prediction: LevelCalibration["predicted"]) => (
        <PredictionCell among={among} narrowing={behind.all} prediction={prediction} />
      )
      return {
        name,
        cells: [
          <ShareCell among={among} narrowing={behind.correct} value={row.observed.accuracy} />,
          cell(row.predicted),
          cell(row.predictedCapped),
          cell(row.predictedByAttempt)
        ]
      }
    })}
  />
)

/** What reflection adds, whether wrong answers are told from right ones, echoes and transitions. */
export const PartsTable = ({ amongOf, behind, rows }: TablesProps) => (
  <NumbersTable
    caption="What reflection does"
    columns={["level", "first answer", "reflection, points", "tells wrong, points", "echo", "p(F→T)", "p(T→F)"]}
    rows={rows.map(({ levels, name, row }) => {
      const among = amongOf(levels)
      return {
        name,
        cells: [
          <ShareCell
            among={among}
            narrowing={behind.firstAnswer}
            value={row.contribution.firstAnswer.value}
            interval={row.contribution.firstAnswer.interval}
          />,
          <PointsCell among={among} narrowing={behind.revised} estimate={row.contribution.reflection} />,
          <PointsCell among={among} narrowing={behind.decided} estimate={row.discrimination ?? { value: null, interval: null }} />,
          <RateCell among={among} level={row} narrowing={behind.echo} rate={row.echo} />,
          <RateCell among={among} level={row} narrowing={behind.pFalseToTrue} rate={row.pFalseToTrue} />,
          <RateCell among={among} level={row} narrowing={behind.pTrueToFalse} rate={row.pTrueToFalse} />
        ]
      }
    })}
  />
)

/** Decisions, transitions of whole responses in SCoRe's terms, and responses that were cut off. */
export const CountsTable = ({ amongOf, behind, rows }: TablesProps) => {
  const hasTruncated = rows.some(({ row: { outcomes } }) => outcomes.Truncated > 0)
  return (
    <NumbersTable
      caption="Decisions and endings"
      columns={[
        "level",
        "right, STOP",
        "right, RESAMPLE",
        "wrong, STOP",
        "wrong, RESAMPLE",
        "at the cap",
        "Acc@t1",
        "Acc@t2",
        "Δi→c",
        "Δc→i",
        ...(hasTruncated ? ["cut off", "solved of all"] : [])
      ]}
      rows={rows.map(({ levels, name, row: { counts, hitCap, outcomes, selfCorrection, solved } }) => {
        const among = amongOf(levels)
        const link = (narrowing: Narrowing, text: string) => <NumberLink among={among} narrowing={narrowing} text={text} />
        const share = (narrowing: Narrowing, value: number | null) => (
          <NumberLink among={among} narrowing={narrowing} text={percent(value)} count={value} />
        )
        return {
          name,
          cells: [
            link(behind.correctStop, String(counts.correctStop)),
            link(behind.correctResample, String(counts.correctResample)),
            link(behind.wrongStop, String(counts.wrongStop)),
            link(behind.wrongResample, String(counts.wrongResample)),
            link(behind.hitCap, String(hitCap)),
            share(behind.firstAnswer, selfCorrection.accuracyAtT1),
            share(behind.scored, selfCorrection.accuracyAtT2),
            share(behind.fixed, selfCorrection.incorrectToCorrect),
            share(behind.spoiled, selfCorrection.correctToIncorrect),
            ...(hasTruncated
              ? [
                link(behind.truncated, String(outcomes.Truncated)),
                share(behind.correct, solved?.value ?? null)
              ]
              : [])
          ]
        }
      })}
    />
  )
}

/** At least one of k responses to a prompt right (pass@k), and all of them (pass^k); nothing where no prompt has two. */
export const PassAtKTable = ({ amongOf, behind, calibration: { passAtK, passAtKOfAll = [] } }:
  & Pick<TablesProps, "amongOf" | "behind">
  & { readonly calibration: Pick<TranscriptCalibration, "passAtK" | "passAtKOfAll"> }) => {
  if (passAtK.length < 2 && passAtKOfAll.length < 2) return null
  const sizes = passAtK.length > passAtKOfAll.length ? passAtK : passAtKOfAll
  const among = amongOf(undefined)
  const cell = (narrowing: Narrowing, value: number | undefined) => (
    <NumberLink among={among} narrowing={narrowing} text={percent(value ?? null)} />
  )
  const hasAll = passAtKOfAll.length > 0
  return (
    <NumbersTable
      caption="At least one of k responses right (pass@k), and all of them (pass^k)"
      columns={["k", "pass@k", "pass^k", ...(hasAll ? ["pass@k, cut off as unsolved", "pass^k, cut off as unsolved"] : [])]}
      rows={sizes.map(({ k }, i) => ({
        name: String(k),
        cells: [
          cell(behind.scored, passAtK[i]?.passAtK),
          cell(behind.scored, passAtK[i]?.passAllK),
          ...(hasAll ? [cell(behind.all, passAtKOfAll[i]?.passAtK), cell(behind.all, passAtKOfAll[i]?.passAllK)] : [])
        ]
      }))}
    />
  )
}
