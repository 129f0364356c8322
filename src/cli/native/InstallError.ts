/**
 * Why a native library could not be installed.
 *
 * @module
 */
import { Effect, Schema } from "effect"

/**
 * Why: there is nothing for this system (`Platform`); a program that is needed is missing (`Program`); a file could not be had (`Download`)
 * or is not the one that is named (`Digest`) or cannot be unpacked (`Archive`); the disk is too full (`Disk`) or cannot be written
 * to (`File`); another installation is under way (`Busy`); compiling failed (`Compile`); what was made does not compute (`Check`).
 */
export const InstallReason = Schema.Literals([
  "Platform",
  "Program",
  "Download",
  "Digest",
  "Archive",
  "Disk",
  "File",
  "Busy",
  "Compile",
  "Check"
])

/** Why a native library could not be installed. */
export type InstallReason = typeof InstallReason.Type

/** A native library that could not be installed. Nothing of it is left but finished downloads, which the next try uses. */
export class InstallError extends Schema.TaggedError<InstallError>()("InstallError", {
  reason: InstallReason,
  problem: Schema.String,
  advice: Schema.String
}) {
  override get message(): string {
    return `install-native: ${this.problem}. ${this.advice}`
  }
}

/** Does something with files; what the system refuses becomes an InstallError that says where. */
export const withFiles = <A>(
  action: () => Promise<A>,
  what: string,
  reason: "Archive" | "File" = "File"
): Effect.Effect<A, InstallError> =>
  Effect.tryPromise({
    try: action,
    catch: (cause) =>
      new InstallError({
        reason,
        problem: `${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
        advice: "Is there room on the disk, and may you write there? Run it again"
      })
  })
