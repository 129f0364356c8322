/**
 * A calibration: in words, as figures, as tables.
 *
 * @module
 */
import type { LevelCalibration } from "../../eval/calibration/Calibration.ts"
import { sentencesOf, verdictOf } from "../../eval/calibration/Verdict.ts"
import type { TranscriptCalibration } from "../../eval/transcripts/files/TranscriptCalibration.ts"
import type { Filter, SetInfo } from "../Api.ts"
import { Sentences } from "../parts/Sentences.tsx"
import { countedBy, type Narrowing } from "./Behind.ts"
import { CalibrationCharts } from "./CalibrationCharts.tsx"
import { CountsTable, PartsTable, PassAtKTable, PredictionsTable, RatesTable } from "./CalibrationTables.tsx"
import { levelRows } from "./LevelRows.ts"
import { type Among, hrefOf } from "./NumberLinks.tsx"

const Explanation = ({ calibration: { bootstrap, method } }: { readonly calibration: TranscriptCalibration }) => (
  <div class="dim">
    <p>
      p_S: the first answer is right. p_D|C: STOP on a right answer, p_D|W: RESAMPLE of a wrong one, over all decisions. From these three
      the two-stage model predicts an accuracy: <em>predicted</em> without a limit on attempts, <em>capped</em>{" "}
      with a RESAMPLE in the last attempt as a failure, <em>by attempt</em>{" "}
      with p_S of each attempt. A star: the gap to the observation is more than chance; p tests that there is none.
    </p>
    <p>
      Brackets: 95 %, clustered by prompt ({bootstrap.rounds.toLocaleString("en")} bootstrap rounds).{" "}
      {method?.truncated === "counted" ? "Of truncated responses what was seen counts in the rates." : "Truncated responses are left out."}
      {" "}
      Every number leads to its rollouts: those with at least one answer or decision that it counts, so the list may be shorter than the
      count.
    </p>
  </div>
)

/** A calibration of the rollouts of a set that a filter finds. */
export const Calibrated = ({ calibration, filter, set }: {
  readonly calibration: TranscriptCalibration
  readonly set: SetInfo
  readonly filter: Filter
}) => {
  const findings = calibration.findings ?? verdictOf(calibration)
  const behind = countedBy(calibration.method?.truncated ?? "left-out")
  const rows = levelRows(calibration, calibration.trainLevels)
  const amongOf = (levels: ReadonlyArray<string> | undefined): Among => ({ set, filter, levels })
  const tables = { rows, amongOf, behind }
  return (
    <>
      <Sentences label="Findings" sentences={sentencesOf(findings)} />
      {findings.usable.verdict !== "all" && (
        <>
          <CalibrationCharts
            levels={calibration.levels}
            behind={behind}
            hrefOf={({ level }: LevelCalibration, narrowing: Narrowing) => hrefOf(amongOf([level]), narrowing)}
          />
          <Explanation calibration={calibration} />
          <h2>Numbers</h2>
          <RatesTable {...tables} />
          <PredictionsTable {...tables} />
          <PartsTable {...tables} />
          <CountsTable {...tables} />
          <PassAtKTable {...tables} calibration={calibration} />
        </>
      )}
    </>
  )
}
