/**
 * The errors of the domain. Each says what was wrong, where, and what to do about it.
 *
 * @module
 */
import { Schema } from "effect"
import { oneLine } from "./OneLine.ts"

/** A row of a file that does not decode. */
export class RowError extends Schema.TaggedError<RowError>()("RowError", {
  file: Schema.String,
  line: Schema.Int,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.file}:${this.line}: ${this.problem}`
  }
}

/** An entry of a file that decodes but makes no sense; the problem says what and where within the entry, and what to do. */
export class EntryError extends Schema.TaggedError<EntryError>()("EntryError", {
  file: Schema.String,
  entry: Schema.Int,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.file}, entry ${this.entry}: ${this.problem}`
  }
}

/** A file that cannot be read or written. */
export class FileError extends Schema.TaggedError<FileError>()("FileError", {
  file: Schema.String,
  problem: Schema.String,
  advice: Schema.String
}) {
  override get message(): string {
    // Several problems have a line each, and so has the advice then.
    return `${this.file}: ${this.problem}${this.problem.includes("\n") ? "\n" : ". "}${this.advice}`
  }
}

/** A setting that makes no sense: the field, what it was, and what is allowed. */
export const Fault = Schema.Struct({ field: Schema.String, value: Schema.String, expected: Schema.String })

/** A setting that makes no sense. */
export type Fault = typeof Fault.Type

const faultText = ({ expected, field, value }: Fault): string => `${oneLine(field)} is ${oneLine(value)}; expected ${expected}`

const SHOWN_FAULTS = 30

/** Settings that make no sense: one, and in `more` all others that were found with it. The message says each on a line of its own. */
export class ConfigError extends Schema.TaggedError<ConfigError>()("ConfigError", {
  ...Fault.fields,
  more: Schema.optionalKey(Schema.Array(Fault))
}) {
  /** One error of all faults, at least one; throws a RangeError for none. */
  static all([first, ...more]: ReadonlyArray<Fault>): ConfigError {
    if (first === undefined) throw new RangeError("a configuration without a fault is no error")
    const { expected, field, value } = first
    return new ConfigError({ field, value, expected, ...(more.length === 0 ? {} : { more }) })
  }

  /** All of its faults, in the order in which they were found. */
  get faults(): ReadonlyArray<Fault> {
    const { expected, field, more = [], value } = this
    return [{ field, value, expected }, ...more]
  }

  override get message(): string {
    const { faults } = this
    if (faults.length === 1) return faultText(this)
    const lines = faults.slice(0, SHOWN_FAULTS).map(faultText)
    const rest = faults.length > SHOWN_FAULTS ? [`… and ${faults.length - SHOWN_FAULTS} more`] : []
    return [`${faults.length} things are wrong:`, ...lines, ...rest].join("\n  ")
  }
}

/** So much of a text is shown in a message. */
const SHOWN = 200

/** Text or token ids that the tokenizer has no word for. */
export class TokenizerError extends Schema.TaggedError<TokenizerError>()("TokenizerError", {
  input: Schema.String,
  position: Schema.Int,
  problem: Schema.String
}) {
  override get message(): string {
    const shown = this.input.length > SHOWN
      ? `${JSON.stringify(this.input.slice(0, SHOWN))}… (${this.input.length} characters)`
      : JSON.stringify(this.input)
    return `cannot tokenise ${shown} at ${this.position}: ${this.problem}`
  }
}

/**
 * Why a policy gave no result: a setting makes no sense (`Settings`); parameters or trajectories are of another model, tokenizer or grammar
 * (`Mismatch`); the request contradicts itself (`Request`); this policy cannot do that at all (`Unsupported`); what it computed is NaN or
 * infinite (`NotFinite`); its device failed (`Device`); one of its threads stopped (`WorkerLost`) or could not build its policy
 * (`WorkerFailed`); the engine that samples for it did not answer, or answered what is no rollout of it (`Engine`).
 */
export const PolicyErrorReason = Schema.Literals([
  "Settings",
  "Mismatch",
  "Request",
  "Unsupported",
  "NotFinite",
  "Device",
  "WorkerLost",
  "WorkerFailed",
  "Engine"
])

/** Why a policy gave no result. */
export type PolicyErrorReason = typeof PolicyErrorReason.Type

/** A policy that was asked for something it cannot do, or that produced something unusable. React to it by its `reason`. */
export class PolicyError extends Schema.TaggedError<PolicyError>()("PolicyError", {
  operation: Schema.String,
  reason: PolicyErrorReason,
  problem: Schema.String,
  advice: Schema.String
}) {
  override get message(): string {
    return `${this.operation}: ${this.problem}. ${this.advice}`
  }
}
