/**
 * What can end a run of training other than its last step.
 *
 * @module
 */
import { Schema } from "effect"

/**
 * A run that cannot start, go on or be resumed. `reason` says which: the folder holds a run already or another process trains in it (`FolderInUse`), a
 * checkpoint was made with other settings (`Mismatch`), rows of the metrics file are missing (`MetricsIncomplete`), a loss,
 * gradient or parameter is NaN or infinite (`NotFinite`), or a step failed otherwise (`StepFailed`).
 */
export class RunError extends Schema.TaggedError<RunError>()("RunError", {
  folder: Schema.String,
  reason: Schema.Literals(["FolderInUse", "Mismatch", "MetricsIncomplete", "NotFinite", "StepFailed", "FolderGone"]),
  /** The step that failed, or that the folder's last good state is at. */
  step: Schema.Int,
  problem: Schema.String,
  advice: Schema.String
}) {
  override get message(): string {
    return `${this.folder}, step ${this.step}: ${this.problem}. ${this.advice}`
  }
}
