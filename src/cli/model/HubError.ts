/**
 * Why a model could not be fetched from a hub.
 *
 * @module
 */
import { Schema } from "effect"

/**
 * Why: the name is none of a repository (`Name`); the hub cannot be reached (`Unreachable`); it has no such repository, revision or file
 * (`NotFound`), or does not give it to this user (`Denied`); it answered something else (`Response`); a file is not the one that the hub
 * names (`Digest`); the disk is too full (`Disk`) or cannot be written to (`File`); another process fetches the same (`Busy`).
 */
export const HubReason = Schema.Literals(["Name", "Unreachable", "NotFound", "Denied", "Response", "Digest", "Disk", "File", "Busy"])

/** Why a model could not be fetched from a hub. */
export type HubReason = typeof HubReason.Type

/** A model that could not be fetched. What was fetched of it is kept, and the next try goes on from there. */
export class HubError extends Schema.TaggedError<HubError>()("HubError", {
  reason: HubReason,
  problem: Schema.String,
  advice: Schema.String
}) {
  override get message(): string {
    return `model pull: ${this.problem}. ${this.advice}`
  }
}
