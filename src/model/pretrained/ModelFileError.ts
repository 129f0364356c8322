/**
 * Why a pretrained model's files cannot be used.
 *
 * @module
 */
import { Schema } from "effect"
import { oneLine } from "../../domain/OneLine.ts"

// What systems allow.
const LONGEST_PATH = 4096

/**
 * Why: a file, tensor or field is not there (`Missing`); a file is damaged or another kind of file (`Format`) or ends too early (`CutOff`); a
 * tensor has another shape (`Shape`) or holds NaN or an infinity (`NotFinite`); numbers are stored in a way that is not read
 * (`Quantisation`); the model is of a family that is not computed (`Architecture`), or of one but with a setting that is not (`Setting`); its
 * words (`Tokenizer`) or its form of conversations (`Template`) cannot be used; what is asked for takes more memory than there is (`Memory`); the
 * system refuses (`Read`).
 */
export const ModelFileReason = Schema.Literals([
  "Missing",
  "Format",
  "CutOff",
  "Shape",
  "NotFinite",
  "Quantisation",
  "Architecture",
  "Setting",
  "Tokenizer",
  "Template",
  "Memory",
  "Read"
])

/** Why a pretrained model's files cannot be used. */
export type ModelFileReason = typeof ModelFileReason.Type

/** A file of a pretrained model that cannot be used: where in it, what is there, what was expected, and what to do. React to it by its `reason`. */
export class ModelFileError extends Schema.TaggedError<ModelFileError>()("ModelFileError", {
  reason: ModelFileReason,
  file: Schema.String,
  /** The tensor in question, by its name in the file. */
  tensor: Schema.optionalKey(Schema.String),
  found: Schema.String,
  expected: Schema.String,
  advice: Schema.String
}) {
  override get message(): string {
    const file = oneLine(this.file, LONGEST_PATH)
    const place = this.tensor === undefined ? file : `${file}, tensor ${oneLine(this.tensor)}`
    return `${place}: ${oneLine(this.found)}; expected ${this.expected}. ${this.advice}`
  }
}

/** What to do about a file that is not whole. */
export const FETCH_AGAIN = "The file is damaged or was not fetched whole: fetch it again and compare its SHA-256"
