/**
 * Transcripts: prompts and responses as text.
 *
 * @module
 */
import { Schema } from "effect"

/**
 * A prompt and a response as text, with the true answer where it is known: the least that calibration needs.
 * `id` names the row; `truncated` says that the token limit cut it off.
 */
export const Transcript = Schema.Struct({
  prompt: Schema.String,
  response: Schema.String,
  answer: Schema.optionalKey(Schema.String),
  level: Schema.optionalKey(Schema.String),
  id: Schema.optionalKey(Schema.String),
  truncated: Schema.optionalKey(Schema.Boolean)
})
export type Transcript = typeof Transcript.Type
